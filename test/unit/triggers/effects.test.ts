import { describe, expect, test } from 'vitest'
import { readCursor } from '#store/index.ts'
import { aFinding, aPolicy, DAY_MS, HOUR_MS, startEffects } from './alerts-support.ts'

test('a finding opens an alert with its history, is told, and the position is kept with them', () => {
  const { apply, all, history, told, db, events } = startEffects()
  expect(apply(aFinding())).toBe(true)
  expect(all()).toMatchObject([{ rule: 'disk.failed', state: 'firing', title: 'sda failed on tch-001', count: 1, firstSeq: 10, fields: { disk: 'sda' }, firedMs: 1_000_000, text: 'disk sda failed', app: 'kernel' }])
  expect(history(all()[0]!.id)).toEqual(['new>firing found'])
  expect(told).toMatchObject([{ transition: { to: 'firing', reason: 'found', note: 'matched', seq: 10 }, alert: { id: all()[0]!.id }, policy: { rule: 'disk.failed' } }])
  expect(events.after(0, 10)).toMatchObject([{ kind: 'alert', to: 'firing', from: '', nodeId: 1, sessionId: 5, atMs: 1_000_000, fields: { rule: 'disk.failed', severity: 'error', disk: 'sda' } }])
  expect(readCursor(db, 'findings')).toBe(10)
})

test('what was applied before changes nothing, in this process and after a restart', () => {
  const first = startEffects()
  const findings = [aFinding(), aFinding({ id: 12, emit: { event: 'os.ready', stage: undefined } })]
  first.apply(...findings)
  const before = first.all()
  expect(first.apply(...findings)).toBe(false)
  const second = startEffects({ db: first.db })
  expect(second.effects.lastFindingId).toBe(12)
  expect(second.apply(...findings)).toBe(false)
  expect(second.all()).toEqual(before)
  expect([first.reported.length, second.reported.length, second.told.length]).toEqual([1, 0, 0])
})

test('a process that dies inside the transaction leaves nothing of it', () => {
  const { db, effects, all, events } = startEffects()
  expect(() => db.transaction(() => (effects.apply({ lastId: 10, watermarkMs: 0, findings: [aFinding()] }), db.prepare('INSERT INTO alerts (id) VALUES (1)').run()))()).toThrow()
  expect([all(), events.newest(), readCursor(db, 'findings')]).toEqual([[], 0, 0])
})

test('repeats fold; after a day of quiet the alert is over, and the next finding opens another', () => {
  const { apply, all, history, words } = startEffects()
  apply(aFinding())
  apply(aFinding({ id: 11, atMs: 1_000_000 + HOUR_MS, count: 3, lastSeq: 13, lastMs: 1_000_000 + 2 * HOUR_MS }))
  expect(all()).toMatchObject([{ count: 4, lastSeq: 13 }])
  apply(aFinding({ id: 14, atMs: 1_000_000 + 26 * HOUR_MS }))
  expect(all().map(({ state, count }) => [state, count])).toEqual([['firing', 1], ['resolved', 4]])
  expect(history(1)).toEqual(['new>firing found', 'firing>resolved quiet'])
  expect(words()).toEqual(['k firing found', 'k resolved quiet', 'k firing found'])
})

test('time alone ends what is quiet, at the time when it fell due', () => {
  const { apply, passTo, all, transitions, events } = startEffects()
  apply(aFinding())
  expect(passTo(1_000_000 + DAY_MS - 1)).toBe(false)
  expect(passTo(9_000_000 + DAY_MS)).toBe(true)
  expect(all()).toMatchObject([{ state: 'resolved', resolvedMs: 1_000_000 + DAY_MS, dueMs: undefined }])
  expect(transitions.of(1).at(-1)).toMatchObject({ atMs: 1_000_000 + DAY_MS, reason: 'quiet' })
  expect(events.after(1, 9)).toMatchObject([{ to: 'resolved', from: 'firing' }])
})

test('a watermark that jumps back changes nothing; what comes late is over as soon as it would be', () => {
  const { apply, passTo, all } = startEffects()
  apply(aFinding({ atMs: 1_000_000 }))
  passTo(1_000_000 + DAY_MS)
  passTo(5)
  apply(aFinding({ id: 20, atMs: 500_000, isLate: true }))
  expect(all().map(({ state, isLate }) => [state, isLate])).toEqual([['resolved', true], ['resolved', false]])
})

test('a `for` that ran out while the hub was down fires once, at its time and late; one that did not is not late', () => {
  const policies = [aPolicy({ forMs: HOUR_MS / 6 })]
  const first = startEffects({ policies })
  first.apply(aFinding({ key: 'over', atMs: 5_100_000 }), aFinding({ id: 11, key: 'waiting', atMs: 5_200_000 }))
  expect(first.all().map(({ state }) => state)).toEqual(['pending', 'pending'])
  const down = startEffects({ policies, db: first.db, startMs: 5_750_000 })
  expect(down.passTo(10_000_000)).toBe(true)
  expect(down.passTo(10_000_001)).toBe(false)
  expect(down.all().map(({ key, state, isLate, firedMs }) => [key, state, isLate, firedMs])).toEqual([['waiting', 'firing', false, 5_800_000], ['over', 'firing', true, 5_700_000]])
  const again = startEffects({ policies, db: first.db })
  expect(again.passTo(10_000_002)).toBe(false)
  expect(again.told).toEqual([])
})

test('keys are told apart, and so are rules', () => {
  const { apply, all } = startEffects({ policies: [aPolicy(), aPolicy({ rule: 'disk.slow' })] })
  apply(aFinding(), aFinding({ id: 11, key: 'other' }), aFinding({ id: 12, rule: 'disk.slow' }))
  expect(all().map(({ rule, key }) => `${rule} ${key}`).toSorted()).toEqual(['disk.failed k', 'disk.failed other', 'disk.slow k'])
})

test('the end of a boot session ends the alerts that are about it, of rules that say so', () => {
  const bySession = aPolicy({ rule: 'boot.slow', resolve: { quietMs: undefined, atSessionEnd: true, never: false } })
  const { apply, passTo, events, alerts, history } = startEffects({ policies: [bySession, aPolicy()] })
  apply(aFinding({ rule: 'boot.slow' }), aFinding({ id: 11, rule: 'boot.slow', key: 'other', sessionId: 6 }), aFinding({ id: 12 }))
  events.add({ kind: 'session', to: 'start', from: '', nodeId: 1, sessionId: 7, seq: 0, atMs: 1_100_000, evidence: 'A', fields: {} })
  events.add({ kind: 'session', to: 'end', from: '', nodeId: 1, sessionId: 5, seq: 0, atMs: 1_100_000, evidence: 'A', fields: {} })
  passTo(1_100_000)
  expect(history(alerts.list({ rules: ['boot.slow'], sessionIds: [5], limit: 1 })[0]!.id)).toEqual(['new>firing found', 'firing>resolved session-ended'])
  expect([...alerts.openOf()].map(({ key, rule }) => `${rule} ${key}`)).toEqual(['boot.slow other', 'disk.failed k'])
})

describe('rules that change', () => {
  const changed = aPolicy({ version: 'v2', severity: 'critical', resolve: { quietMs: HOUR_MS, atSessionEnd: false, never: false } })
  test('in their words only keep their alerts, by the new times', () => {
    const { apply, effects, passTo, all } = startEffects()
    apply(aFinding())
    effects.replaceRules([changed])
    expect(all()).toMatchObject([{ state: 'firing', ruleVersion: 'v2', dueMs: 1_000_000 + HOUR_MS }])
    passTo(1_000_000 + HOUR_MS)
    expect(all()).toMatchObject([{ state: 'resolved' }])
  })
  test.for<readonly [string, readonly ReturnType<typeof aPolicy>[], readonly string[]]>([
    ['are gone', [], ['firing>resolved rule-gone']],
    ['are switched off', [aPolicy({ status: 'off' })], ['firing>resolved rule-gone']],
    ['ask for something else', [aPolicy({ stateVersion: 's2' })], ['firing>resolved rule-changed']],
    ['are the same', [aPolicy()], []],
  ])('%s', ([, policies, steps]) => {
    const { apply, effects, history, words } = startEffects()
    apply(aFinding())
    effects.replaceRules(policies)
    expect(history(1).slice(1)).toEqual(steps)
    expect(words()).toHaveLength(1 + steps.length)
  })
  test('that were on trial and are live now tell what is open, once; other rules hear of it', () => {
    const { apply, effects, words, history, events } = startEffects({ policies: [aPolicy({ status: 'shadow' })] })
    apply(aFinding())
    expect([words(), events.newest()]).toEqual([[], 0])
    for (let times = 0; times < 2; times++) effects.replaceRules([aPolicy({ version: 'v2' })])
    expect(words()).toEqual(['k firing rule-changed'])
    expect(history(1)).toEqual(['new>firing found', 'firing>firing rule-changed'])
    expect(events.after(0, 9)).toMatchObject([{ to: 'firing', from: '', fields: { rule: 'disk.failed' } }])
  })
  test('a record that only a person closes outlives its rule, and can be understood then', () => {
    const { apply, effects, all } = startEffects({ policies: [aPolicy({ resolve: { quietMs: undefined, atSessionEnd: false, never: true } })] })
    apply(aFinding())
    effects.replaceRules([])
    expect(all()[0]).toMatchObject({ state: 'firing' })
    expect(JSON.parse(all()[0]!.policy)).toMatchObject({ rule: 'disk.failed', title: '{{disk}} failed on {{node}}' })
    expect(effects.person({ id: 1, does: 'close', who: 'anna', note: 'new disk' })?.outcome).toMatchObject({ state: 'resolved' })
  })
})

describe('a person', () => {
  const deed = (does: 'acknowledge' | 'unacknowledge' | 'close', id = 1) => ({ id, does, who: 'anna', note: 'on it' })
  test('acknowledges, gives back and closes; each step is written, told and an event', () => {
    const { apply, effects, transitions, words, events, all } = startEffects()
    apply(aFinding())
    expect(effects.person(deed('acknowledge'))).toMatchObject({ outcome: { state: 'acknowledged', acknowledgedBy: 'anna', acknowledgedNote: 'on it' }, hasNews: true })
    expect(effects.person(deed('unacknowledge'))).toMatchObject({ outcome: { state: 'firing', acknowledgedBy: undefined } })
    effects.person(deed('close'))
    expect(transitions.of(1).map(({ reason, by, note }) => [reason, by, note])).toEqual([['found', '', 'matched'], ['acknowledged', 'anna', 'on it'], ['unacknowledged', 'anna', 'on it'], ['closed', 'anna', 'on it']])
    expect(words()).toEqual(['k firing found', 'k acknowledged acknowledged', 'k firing unacknowledged', 'k resolved closed'])
    expect(events.after(0, 9).map(({ from, to }) => `${from}>${to}`)).toEqual(['>firing', 'firing>acknowledged', 'acknowledged>firing', 'firing>resolved'])
    expect(all()).toMatchObject([{ state: 'resolved', resolvedMs: 5_000_000 }])
  })
  test('is told why it cannot be', () => {
    const { apply, effects } = startEffects({ policies: [aPolicy({ forMs: HOUR_MS })] })
    apply(aFinding())
    expect(effects.person(deed('acknowledge'))?.outcome).toBe('pending')
    expect(effects.person(deed('unacknowledge'))?.outcome).toBe('not-acknowledged')
    effects.person(deed('close'))
    expect(effects.person(deed('close'))?.outcome).toBe('resolved')
    expect(effects.person(deed('close', 77))).toBeUndefined()
  })
})

describe('evidence', () => {
  const policies = [aPolicy({ severity: 'info', raisesAlerts: false, notify: undefined })]
  const event = { emit: { event: 'os.ready', stage: 'os.ready' } } as const
  test('is reported with the rule, its version and the message; a rule that only reports raises no alert', () => {
    const { apply, reported, all } = startEffects({ policies })
    apply(aFinding(event))
    expect(reported).toEqual([{ nodeId: 1, sessionId: 5, event: 'os.ready', stage: 'os.ready', evidence: 'B', rule: 'disk.failed@v1', seq: 10, receivedMs: 1_000_000, title: 'sda failed on tch-001' }])
    expect(all()).toEqual([])
  })
  test('about no node is not reported', () => {
    const { apply, reported } = startEffects({ policies })
    apply(aFinding({ ...event, nodeId: 0 }))
    expect(reported).toEqual([])
  })
  test('that cannot be applied takes back its own writes only, and the position moves', async () => {
    const { db, apply, metrics, all } = startEffects({
      applyEvent: ({ seq }) => {
        db.prepare('INSERT INTO cursors (name, seq, at_ms) VALUES (?, 1, 1)').run(`half-done-${seq}`)
        if (seq === 10) throw new Error('no')
        return 'ignored'
      },
    })
    apply(aFinding(event), aFinding({ ...event, id: 11 }))
    expect(db.prepare("SELECT name FROM cursors WHERE name LIKE 'half%' OR name = 'findings' ORDER BY name").pluck().all()).toEqual(['findings', 'half-done-11'])
    expect(all()).toMatchObject([{ count: 2 }])
    const text = await metrics.expose()
    expect(text).toContain('hps_rule_events_total{outcome="failed"} 1')
    expect(text).toContain('hps_rule_events_total{outcome="ignored"} 1')
  })
})

test('a rule on trial is recorded and muted; it reports nothing, tells nobody, and no other rule hears of it', () => {
  const { apply, all, reported, told, events, effects, mutes } = startEffects({ policies: [aPolicy({ status: 'shadow' })] })
  apply(aFinding({ emit: { event: 'os.ready', stage: undefined }, count: 4 }))
  expect([reported, told, events.newest()]).toEqual([[], [], 0])
  expect(mutes.at(5_000_000)(all()[0]!)).toMatchObject([{ mute: 'shadow' }])
  expect(effects.matches.get('disk.failed')).toBe(4)
})

test('a title that names a group without a value falls back to rule and text', () => {
  const { apply, all } = startEffects()
  apply(aFinding({ fields: {} }))
  expect(all()[0]!.title).toBe('disk.failed: disk sda failed')
})

test('a title is one line without control characters or templates of the message', () => {
  const { apply, all } = startEffects()
  apply(aFinding({ fields: { disk: 'a\r\nBcc: x@y\u001b[31m{{text}}\u202e' } }))
  expect(all()[0]!.title).toBe('a\\x0d\\x0aBcc: x@y\\x1b[31m{{text}}\\u{202e} failed on tch-001')
})

test('a title shows the numbers of the finding, or how many its alert has', () => {
  const { apply, all } = startEffects({ policies: [aPolicy({ title: '{{count}} of {{session}}' })] })
  apply(aFinding({ count: 3 }), aFinding({ id: 11, key: 'counted', fields: { count: '17' } }))
  apply(aFinding({ id: 12, count: 2 }))
  expect(all().map(({ title }) => title)).toEqual(['17 of a1b2c3', '5 of a1b2c3'])
})

test('metrics: alerts by state and severity, steps by reason, what mutes', async () => {
  const { apply, effects, metrics, silences, passTo } = startEffects()
  apply(aFinding(), aFinding({ id: 11, key: 'b' }))
  silences.add({ matchers: [{ field: 'disk', is: 'equal', value: 'sda' }], fromMs: 0, untilMs: 9e12, reason: 'new disks', by: 'anna', madeMs: 0 })
  effects.sweep()
  let text = await metrics.expose()
  for (const line of ['hps_alerts{state="firing",severity="error"} 2', 'hps_alerts_open 2', 'hps_alert_transitions_total{reason="found"} 2', 'hps_alerts_muted{mute="silenced"} 2']) expect(text).toContain(line)
  passTo(1_000_000 + DAY_MS)
  text = await metrics.expose()
  for (const line of ['hps_alerts{state="resolved",severity="error"} 2', 'hps_alerts_open 0', 'hps_alerts_resolved 2', 'hps_alert_transitions_total{reason="quiet"} 2']) expect(text).toContain(line)
})

test('once a minute, what was over or happened long ago goes', async () => {
  const { apply, passTo, clock, effects, all, events, metrics } = startEffects()
  apply(aFinding(), aFinding({ id: 11, key: 'later', atMs: 1_000_000 + 2 * DAY_MS }))
  passTo(1_000_000 + 4 * DAY_MS)
  expect([all().length, events.after(0, 9).length]).toEqual([2, 4])
  clock.nowMs = 1_000_000 + DAY_MS + 90 * DAY_MS + 1
  effects.sweep()
  expect(all().map(({ key }) => key)).toEqual(['later'])
  expect(events.after(0, 9).map(({ to, atMs }) => `${to} ${(atMs - 1_000_000) / DAY_MS}`)).toEqual(['firing 2', 'resolved 3'])
  expect(await metrics.expose()).toContain('hps_alerts_pruned_total 1')
})
