import { expect, test } from 'vitest'
import { createBreaker } from '#triggers/run/breaker.ts'
import { createRuleMeter } from '#triggers/run/meter.ts'

interface Load { readonly ruleMs: number; readonly cpuMs: number; readonly messages: number; readonly behind: number }

/** Two rules, of which the second costs something, over eleven seconds. */
function tripOf({ ruleMs, cpuMs, messages, behind }: Load) {
  const { sums } = createRuleMeter(2, () => 0)
  const breaker = createBreaker(sums)
  breaker.look({ elapsedMs: 0, cpuMs: 0, messages: 0, behind })
  sums.busyMs[1] = ruleMs
  return breaker.look({ elapsedMs: 11_000, cpuMs, messages, behind })
}
const HOSTILE: Load = { ruleMs: 5500, cpuMs: 11_000, messages: 50_000, behind: 100_000 }

test('a rule that the thread is behind for is stopped', () => {
  expect(tripOf(HOSTILE)).toEqual([{ rule: 1, share: 0.5 }])
})

test.for<readonly [string, Partial<Load>]>([
  ['nobody waits for', { behind: 100 }],
  ['takes next to nothing of the core', { ruleMs: 500, messages: 1000 }],
  ['is cheap for each message, while very many are read again', { messages: 2_000_000 }],
  ['only waited for a core that others had', { cpuMs: 800 }],
])('a rule that %s goes on', ([, change]) => {
  expect(tripOf({ ...HOSTILE, ...change })).toEqual([])
})

test('one look is not enough', () => {
  const { sums } = createRuleMeter(1, () => 0)
  const breaker = createBreaker(sums)
  sums.busyMs[0] = 9000
  expect(breaker.look({ elapsedMs: 60_000, cpuMs: 60_000, messages: 1, behind: 100_000 })).toEqual([])
})
