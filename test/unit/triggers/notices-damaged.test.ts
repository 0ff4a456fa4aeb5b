import { expect, test } from 'vitest'
import { readNotice } from '../../../src/triggers/notice.ts'
import { DIGEST_KEY, readSettings } from '../../../src/triggers/notify/settings.ts'
import { createGuard } from '../../../src/triggers/run/guard.ts'
import { createPolicies } from '../../../src/triggers/alerts/policies.ts'
import { createRulesState } from '../../../src/triggers/state/rules-state.ts'
import { isDamaged, openRulesDatabase } from '#store/index.ts'

test.for(['', '{', 'null', '7', '[]', '{"title":"x"}', '\u0000'])('a notice of %j is told as one that cannot be read', (payload) => {
  const notice = readNotice({ payload, receiver: 'ops', alertId: 1 })
  expect(notice).toMatchObject({ kind: 'command', receiver: 'ops', severity: 'error', command: { body: expect.stringContaining('open alerts') as string } })
})

test.for(['', '{', 'null', '"x"'])('a group with settings %j is told as if nothing were said', (fields) => {
  expect(readSettings({ key: 'k', fields })).toMatchObject({ kind: 'alerts', waitMs: 30_000 })
  expect(readSettings({ key: DIGEST_KEY, fields })).toMatchObject({ kind: 'digest' })
})

test('settings that can be read are what was kept', () => {
  const settings = { kind: 'alerts', values: { rule: 'a' }, waitMs: 1, intervalMs: 2, everyMs: 3, sendResolved: false, sendAcknowledged: false }
  expect(readSettings({ key: 'k', fields: JSON.stringify(settings) })).toEqual(settings)
})

test.for(['{', 'null', '7', '{"rule":"r"}'])('an alert that remembers its rule as %j is one whose rule nobody knows, and that is told once', (policy) => {
  const told: string[] = []
  const policies = createPolicies(({ rule }) => void told.push(rule))
  const alert = { rule: 'r', policy, ruleVersion: 'v', stateVersion: 's', severity: 'error' } as const
  expect(policies.of(alert).policy).toMatchObject({ rule: 'r', severity: 'error', resolve: { quietMs: 86_400_000 } })
  expect(policies.of(alert).policy.rule).toBe('r')
  expect(policies.of({ ...alert, rule: 'other' }).policy.rule).toBe('other')
  expect(told).toEqual(['r', 'other'])
})

test('a finding that cannot be read is a damaged rules.db, which is put aside, and no fault of the program', () => {
  const db = openRulesDatabase(':memory:')
  db.prepare('INSERT INTO findings (id, body) VALUES (?, ?)').run(1, '{"id":1')
  const state = createRulesState(db)
  let thrown: unknown
  try {
    state.findings()
  } catch (error) {
    thrown = error
  }
  expect(isDamaged(thrown)).toBe(true)
  state.close()
})

test('while hub.db cannot be read that is told once, the gauge says that the rules wait, and so is that it can be read again', () => {
  const told: string[] = []
  const gauge = new Map<string, number>()
  const guard = createGuard({ log: (_level, _fields, message) => void told.push(message), counters: { set: (name, value) => void gauge.set(name, value) } })
  const busy = (): never => {
    throw Object.assign(new Error('disk I/O error'), { code: 'SQLITE_IOERR_READ' })
  }
  expect([guard.reads(busy), guard.reads(busy), guard.reads(busy)]).toEqual([false, false, false])
  expect(gauge.get('blocked')).toBe(1)
  expect(told).toEqual(['The rules wait: hub.db cannot be read; nothing is lost'])
  expect(guard.writes(() => undefined)).toBe(true)
  expect(gauge.get('blocked'), 'that rules.db can be written does not mend it').toBe(1)
  expect(guard.reads(() => true)).toBe(true)
  expect(gauge.get('blocked')).toBe(0)
  expect(told[1]).toBe('hub.db can be read again: the rules go on')
})
