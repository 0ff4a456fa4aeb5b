import { expect, test } from 'vitest'
import { createAlertRecords } from '#store/index.ts'
import { createOwnAlerts } from '#triggers/index.ts'
import { behindTrouble, refusedTrouble } from '#app/rules-trouble.ts'
import { createForgottenKeys } from '#triggers/run/forgotten-keys.ts'
import { aFinding, aPolicy, HOUR_MS, startEffects } from './alerts-support.ts'

test('a trouble of the rules is one alert until it is over, and a reload of rules does not end it', () => {
  const { db, effects, all, history, told, clock } = startEffects()
  const set = createOwnAlerts({ alerts: createAlertRecords(db), effects, clock: () => clock.nowMs })
  expect(set('rules-behind', { title: 'The rules are 3m behind', severity: 'error' })).toBe(true)
  expect(set('rules-behind', { title: 'The rules are 4m behind', severity: 'error' })).toBe(false)
  effects.replaceRules([])
  expect(all()).toMatchObject([{ rule: 'rules-behind', state: 'firing', title: 'The rules are 3m behind' }])
  expect(set('rules-behind', undefined)).toBe(true)
  expect(set('rules-behind', undefined)).toBe(false)
  expect(history(1)).toEqual(['new>firing found', 'firing>resolved cleared'])
  expect(told.map(({ policy }) => policy.notify)).toEqual([undefined, undefined])
})

test.for([
  ['caught up', { behind: 0, watermarkMs: 1, nowMs: 1_000_000 }, undefined],
  ['behind for less than two minutes', { behind: 9000, watermarkMs: 900_000, nowMs: 1_000_000 }, undefined],
  ['behind for longer', { behind: 9000, watermarkMs: 700_000, nowMs: 1_000_000 }, 'The rules are 5m behind: 9000 messages wait'],
  ['not begun', { behind: 9000, watermarkMs: 0, nowMs: 1_000_000 }, undefined],
] as const)('rules that are %s', ([, standing, title]) => expect(behindTrouble(standing)?.title).toBe(title))

test('refused rules are trouble of their own only when none are in use', () => {
  expect(refusedTrouble({ isInUse: true, faults: ['x'] })).toBeUndefined()
  expect(refusedTrouble({ isInUse: false, faults: [] })).toBeUndefined()
  expect(refusedTrouble({ isInUse: false, faults: ['r.yaml:1:1: x'] })).toEqual({ title: 'No rules are in use: r.yaml:1:1: x', severity: 'critical' })
})

test('keys that were forgotten are told by bound, once a minute at most', () => {
  const counts: Record<string, number> = { droppedOfRule: 5 }
  const time = { ms: 0 }
  const lines: unknown[] = []
  const look = createForgottenKeys({ counters: { get: (name) => counts[name] ?? 0 }, elapsedMs: () => time.ms, log: (_level, fields) => void lines.push(fields) })
  look()
  counts['droppedOfRule'] = 8
  counts['droppedForRoom'] = 1
  look()
  expect(lines).toEqual([{ bound: 'keys-of-a-rule', keys: 5 }])
  time.ms = 60_000
  look()
  look()
  expect(lines.slice(1)).toEqual([{ bound: 'keys-of-a-rule', keys: 3 }, { bound: 'bytes', keys: 1 }])
})

test('what lasted long enough while the hub was down fires late, what lasts now does not', () => {
  const first = startEffects({ policies: [aPolicy({ forMs: HOUR_MS })] })
  first.apply(aFinding({ atMs: 1_000_000 }), aFinding({ id: 11, key: 'now', atMs: 4_000_000 }))
  const second = startEffects({ db: first.db, policies: [aPolicy({ forMs: HOUR_MS })] }) // begins at 5,000,000
  second.passTo(4_000_000 + HOUR_MS)
  expect(Object.fromEntries(second.all().map(({ key, state, isLate }) => [key, [state, isLate]]))).toEqual({ k: ['firing', true], now: ['firing', false] })
})
