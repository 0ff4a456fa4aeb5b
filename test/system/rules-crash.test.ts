import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { until } from '../support/child.ts'
import { placeHub, startHub } from '../support/hub.ts'

/** An alert counts how often its rule matched: one too many or too few shows. */
const RULES = `format: 1
pack: crash
rules:
- id: crash.needle
  title: 'needle {{number}}'
  severity: error
  when: {match: {app: crasher, regex: 'needle (?<number>\\w+)'}}
  by: [number]
  tests: [{name: none, steps: [{expect: {not_firing: {}}}]}]
- id: crash.third
  title: 'three of {{pin}}'
  severity: warning
  when: {count: {match: {app: crasher, regex: 'pin (?<pin>\\w+)'}, at_least: 3, within: 1h}}
  by: [pin]
  tests: [{name: none, steps: [{expect: {not_firing: {}}}]}]
`
/** How long after the answer the hub is killed: before anything was found, while it is written, posted, applied. */
const KILL_AFTER_MS = [0, 30, 80, 300]
const NEEDLES = 60
const ROUNDS_WITH_PIN = 3

interface Listed { readonly alerts: readonly { readonly rule: string; readonly count: number }[] }

test('a hub that is killed again and again counts every match once, and remembers its windows', { timeout: 180_000 }, async () => {
  const rules = mkdtempSync(join(tmpdir(), 'hps-crash-rules-'))
  writeFileSync(join(rules, 'crash.yaml'), RULES)
  const place = await placeHub({ rules: { directories: [rules] } })
  try {
    for (const [round, killAfterMs] of KILL_AFTER_MS.entries()) {
      const hub = await startHub(place)
      const lines = Array.from({ length: NEEDLES }, (_, index) => `<11>1 - n1 crasher - - - needle ${index} of round ${round}`)
      // what is acknowledged is on the disk; the rules may stand anywhere when the hub dies
      const answer = await hub.post(round < ROUNDS_WITH_PIN ? [...lines, '<11>1 - n1 crasher - - - pin a'] : lines)
      expect(answer.ok).toBe(true)
      await delay(killAfterMs)
      await hub.kill()
    }
    const hub = await startHub(place)
    const counts = async (rule: string) => (await hub.json<Listed>(`/api/v1/alerts?limit=500&rule=${rule}`)).alerts.map(({ count }) => count)
    const sum = (list: readonly number[]) => list.reduce((all, count) => all + count, 0)
    await until('every match to be counted', async () => sum(await counts('crash.needle')) >= NEEDLES * KILL_AFTER_MS.length)
    expect(await counts('crash.needle')).toEqual(Array.from({ length: NEEDLES }, () => KILL_AFTER_MS.length))
    expect(await counts('crash.third')).toEqual([1])
    await hub.stop()
  } finally {
    place.remove()
    rmSync(rules, { recursive: true, force: true })
  }
})
