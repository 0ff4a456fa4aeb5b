import { beforeEach, expect, test } from 'vitest'
import { blamed, type Blame } from '#triggers/correlate/blame.ts'
import type { LeftOut, RulesCommand } from '#triggers/index.ts'
import { keepRules, type RulesDeath, type RulesKeeper } from '../../../src/app/threads/rules-keeper.ts'
import type { Thread } from '../../../src/app/threads/spawn.ts'

interface Spawned {
  readonly isAgain: boolean
  readonly leftOut: readonly LeftOut[]
  readonly heard: RulesCommand[]
  say(kind: 'stopped'): void
  /** By a fault. */
  die(blame?: Blame): Promise<void>
  end(): Promise<void>
}

const HOUR_MS = 3_600_000
let nowMs: number
let spawned: Spawned[]
let waiting: { readonly ms: number; readonly work: () => void }[]
let deaths: RulesDeath[]
let connected: string[]
let said: string[]
let keeper: RulesKeeper
beforeEach(() => {
  ;[nowMs, spawned, waiting, deaths, connected, said] = [1_000_000, [], [], [], [], []]
  keeper = keepRules({
    spawn({ isAgain, leftOut, onMessage, onDeath }) {
      const ended = Promise.withResolvers<void>()
      const heard: RulesCommand[] = []
      const end = async () => {
        ended.resolve()
        await ended.promise
      }
      spawned.push({
        isAgain, leftOut, heard, end,
        say: (kind) => onMessage({ kind }),
        die(blame) {
          const fault = new Error('no good')
          onDeath(blame === undefined ? fault : (blamed(fault, blame) as Error))
          onDeath(new Error('thread ended with code 1'))
          return end()
        },
      })
      return { name: 'rules.ts', post: (command) => void heard.push(command as RulesCommand), ended: ended.promise, terminate: end, memory: () => Promise.reject(new Error('none')) } satisfies Thread
    },
    connect: (port) => void connected.push(port === undefined ? 'gone' : 'there'),
    onEvent(event, reply) {
      said.push(event.kind)
      reply({ kind: 'applied', cursor: spawned.length })
    },
    onDeath: (death) => void deaths.push(death),
    clock: () => nowMs,
    after(ms, work) {
      const one = { ms, work }
      waiting.push(one)
      return () => void (waiting = waiting.filter((other) => other !== one))
    },
  })
})

const startAgain = (): void => waiting.shift()!.work()

test('rules that end by a fault are started again, after pauses that grow, and the writer has no port meanwhile', async () => {
  for (const ms of [1000, 5000, 30_000, 60_000, 60_000]) {
    await spawned.at(-1)!.die()
    expect([keeper.thread, waiting.map(({ ms: pause }) => pause)]).toEqual([undefined, [ms]])
    startAgain()
  }
  expect(deaths.map(({ reason, blame }) => [reason, blame])).toEqual(Array.from({ length: 5 }, () => ['no good', undefined]))
  expect(connected.join(' ')).toBe('there gone there gone there gone there gone there gone there')
  expect(spawned.map(({ isAgain }) => isAgain)).toEqual([false, true, true, true, true, true])
  nowMs += 600_000
  await spawned.at(-1)!.die()
  expect(waiting[0]!.ms, 'they had lived for long').toBe(1000)
})

test('an answer goes to the thread that asked, not to the one after it', async () => {
  const [first] = spawned
  await first!.die()
  startAgain()
  first!.say('stopped') // it had waited for the disk
  expect([said, first!.heard, spawned[1]!.heard]).toEqual([['stopped'], [{ kind: 'applied', cursor: 2 }], []])
  keeper.post({ kind: 'reload' })
  expect(spawned[1]!.heard).toEqual([{ kind: 'reload' }])
})

test('a rule that ends them twice is left out for an hour', async () => {
  await spawned[0]!.die({ rule: 'bad', seq: 7 })
  startAgain()
  expect(spawned[1]!.leftOut).toEqual([])
  await spawned[1]!.die({ rule: 'bad', seq: 7 })
  startAgain()
  expect(deaths).toMatchObject([{ blame: { rule: 'bad', seq: 7 }, isLeftOut: false }, { isLeftOut: true }])
  expect(spawned[2]!.leftOut).toEqual([{ rule: 'bad', untilMs: nowMs + HOUR_MS }])
  await spawned[2]!.die({ rule: 'other' })
  startAgain()
  expect(spawned[3]!.leftOut.map(({ rule }) => rule)).toEqual(['bad'])
  nowMs += HOUR_MS
  await spawned[3]!.die()
  startAgain()
  expect(spawned[4]!.leftOut).toEqual([])
})

test('a rule has another chance when rules are read again', async () => {
  for (let n = 0; n < 2; n++) {
    await spawned.at(-1)!.die({ rule: 'bad' })
    startAgain()
  }
  expect(spawned.at(-1)!.leftOut).toHaveLength(1)
  keeper.post({ kind: 'reload' })
  await spawned.at(-1)!.die()
  startAgain()
  expect(spawned.at(-1)!.leftOut).toEqual([])
})

test('rules that were asked to stop are not started again, whether they end or die of it', async () => {
  keeper.post({ kind: 'stop' })
  await spawned[0]!.die()
  expect([spawned.length, waiting]).toEqual([1, []])
})

test('the end of the hub ends a pause too', async () => {
  await spawned[0]!.die()
  await keeper.terminate()
  expect(waiting).toEqual([])
})
