import { beforeEach, describe, expect, test } from 'vitest'
import { openHubDatabase, type HubDatabase } from '#store/index.ts'
import type { Mutes, Policy } from '#triggers/index.ts'
import { HOUR, MINUTE, notifier, POLICY, routesFrom, shortly, START, type NotifierParts } from './support.ts'

const TREE = `
format: 1
receivers:
- {name: ops, mail: [ops@example.org]}
- {name: boss, mail: [boss@example.org]}
route: {receiver: ops, group_by: [rule], wait: 30s, interval: 5m, every: 4h}
`
let db: HubDatabase
let nowMs: number
beforeEach(() => {
  db = openHubDatabase(':memory:')
  nowMs = START
})
const start = (text = TREE, change: Partial<NotifierParts> = {}) => notifier(db, { routes: () => routesFrom(text), clock: () => nowMs, ...change })
type Hub = ReturnType<typeof start>
/** Lets time pass in small steps, each looked at; what was queued is sent. */
function pass(hub: Hub, ms: number, stepMs = 1000): void {
  const untilMs = nowMs + ms
  while (nowMs < untilMs) {
    nowMs = Math.min(untilMs, nowMs + stepMs)
    hub.notifying.wake()
    hub.sendAll()
  }
}
const told = (hub: Hub) => hub.notices().map((notice) => `${(notice.atMs - START) / 1000}s ${notice.receiver} ${shortly(notice)}`)

describe('groups', () => {
  test('wait for the first, then the interval for more, then every for repeats', () => {
    const hub = start()
    const first = hub.fire()
    pass(hub, 10_000)
    hub.fire()
    pass(hub, 50_000) // told at 30 s
    hub.fire()
    pass(hub, HOUR, 10_000)
    expect(told(hub)).toEqual(['30s ops firing 1,2', '330s ops firing 3'])
    hub.resolve(first)
    pass(hub, 4 * HOUR, 10_000)
    expect(told(hub).slice(2)).toEqual(['3690s ops resolved 1', '14430s ops still 2,3'])
  })
  test('an alert that is over within the wait is not told, one that lasted is told as both at once', async () => {
    const hub = start()
    const blip = hub.fire()
    pass(hub, 10_000)
    hub.resolve(blip)
    pass(hub, MINUTE)
    expect(told(hub)).toEqual([])
    expect(await hub.counted('hps_notifications_left_total', 'reason="over-before-told"')).toBe(1)
    hub.fire()
    pass(hub, 31_000)
    const later = hub.fire() // waits for the interval
    pass(hub, MINUTE)
    hub.resolve(later)
    pass(hub, 10 * MINUTE)
    expect(told(hub).map((line) => line.replace(/^\S+ /, ''))).toEqual(['ops firing 2', 'ops fired-and-resolved 3'])
  })
  test('what somebody looks after is said once, and repeats stop until nobody does', () => {
    const hub = start()
    let alert = hub.fire()
    pass(hub, MINUTE)
    alert = hub.acknowledge(alert)
    pass(hub, 9 * HOUR, MINUTE)
    expect(told(hub)).toHaveLength(2)
    expect(hub.notices()[1]).toMatchObject({ alerts: [{ telling: 'acknowledged', by: 'anna', thread: '<id1.mail@hub>' }] })
    hub.unacknowledge(alert)
    pass(hub, 5 * HOUR, MINUTE)
    expect(told(hub).slice(2).map((line) => line.replace(/^\S+ /, ''))).toEqual(['ops unacknowledged 1', 'ops still 1'])
  })
  test('an escalation tells another receiver beside those who know', () => {
    const hub = start()
    const alert = hub.fire()
    pass(hub, MINUTE)
    hub.escalate(alert, 'boss')
    pass(hub, 10 * MINUTE)
    expect(told(hub).slice(1).map((line) => line.replace(/^\S+ /, '')).toSorted()).toEqual(['boss escalated 1', 'ops escalated 1'])
    hub.resolve({ ...alert })
    pass(hub, 10 * MINUTE)
    expect(told(hub).slice(3).map((line) => line.replace(/^\S+ /, '')).toSorted()).toEqual(['boss resolved 1', 'ops resolved 1'])
    expect(hub.records.counts()).toMatchObject({ members: 0 })
  })
  test('a rule that names a receiver, a wait or a repeat has its way', () => {
    const policy: Policy = { ...POLICY, notify: { to: 'boss', waitMs: 0, everyMs: HOUR, before: 1, after: 2 } }
    const hub = start(TREE, { policy: () => policy })
    hub.fire()
    hub.notifying.wake()
    pass(hub, 65 * MINUTE, 10_000)
    expect(told(hub)).toEqual(['0s boss firing 1', '3600s boss still 1'])
    expect(hub.notices()[0]).toMatchObject({ alerts: [{ before: 1, after: 2 }] })
  })
  test('routes choose by severity, rule and fields, and may tell several', () => {
    const hub = start(`
format: 1
receivers: [{name: ops, mail: [a@b.c]}, {name: boss, mail: [a@b.c]}, {name: storage, mail: [a@b.c]}]
route:
  receiver: ops
  wait: 0s
  routes:
  - {match: {severity: '>=error', rack: [r1, r2]}, receiver: boss, continue: true}
  - {match: {rule: 'disk.*'}, receiver: storage, group_by: [rule, rack]}
  - {match: {rule: noise}, receiver: nobody}
`)
    hub.fire({ fields: { rack: 'r1' } })
    hub.fire({ fields: { rack: 'r2' }, severity: 'info' })
    hub.fire({ rule: 'noise' })
    hub.fire({ rule: 'other' })
    pass(hub, 1000)
    expect(hub.notices().map((notice) => `${notice.receiver} ${shortly(notice)}`).toSorted()).toEqual(['boss firing 1', 'ops firing 4', 'storage firing 1', 'storage firing 2'])
  })
})

describe('mutes', () => {
  const silence = { on: true }
  const mutes: Mutes = { at: () => (alert) => (silence.on && alert.id === 1 ? [{ mute: 'silenced', why: 'silence 4 by anna' }] : []), preview: () => [] }
  test('what is silenced is left out with its reason, and told when the silence ends while it fires', async () => {
    silence.on = true
    const hub = start(TREE, { mutes })
    hub.fire()
    hub.fire()
    pass(hub, 20 * MINUTE)
    expect(told(hub)).toEqual(['30s ops firing 2'])
    expect(await hub.counted('hps_notifications_left_total', 'reason="silenced"')).toBeGreaterThan(0)
    silence.on = false
    pass(hub, 10 * MINUTE)
    expect(told(hub)[1]).toMatch(/ops firing 1$/)
  })
})

describe('peace, caps and digests', () => {
  test('what comes up in quiet hours is told when they end; what is excepted at once', () => {
    nowMs = Date.UTC(2026, 10, 23, 21, 30) // 22:30 in Berlin
    const hub = start(`
format: 1
receivers: [{name: ops, mail: [a@b.c], quiet: nights, quiet_except: [critical]}]
quiet_hours: {nights: [{from: '22:00', to: '07:00', tz: Europe/Berlin}]}
route: {receiver: ops}
`)
    hub.fire()
    const over = hub.fire()
    hub.fire({ severity: 'critical' })
    pass(hub, MINUTE)
    hub.resolve(over)
    pass(hub, 9 * HOUR, MINUTE)
    expect(hub.notices().map((notice) => `${new Date(notice.atMs).toISOString().slice(11, 16)} ${shortly(notice)}`)).toEqual(['21:30 firing 3', '01:31 still 3', '05:31 still 3', '06:00 firing 1; fired-and-resolved 2'])
  })
  test('beyond the cap of a receiver everything goes into a digest, once an hour', async () => {
    const hub = start(`
format: 1
receivers: [{name: ops, mail: [a@b.c], max_per_hour: 3}]
route: {receiver: ops, group_by: [alert], wait: 0s, every: never}
`)
    for (let index = 0; index < 10; index++) hub.fire()
    pass(hub, 9 * MINUTE)
    expect(told(hub)).toHaveLength(3)
    expect(await hub.counted('hps_notifications_held_total', 'reason="cap"')).toBe(7)
    hub.fire()
    pass(hub, 2 * HOUR, 10_000)
    const ids = hub.notices().map((notice) => ('alerts' in notice ? notice.alerts.map(({ id }) => id) : []))
    expect(ids.map(({ length }) => length)).toEqual([1, 1, 1, 8])
    expect(new Set(ids.flat()).size).toBe(11)
    expect(hub.notices()[3]).toMatchObject({ kind: 'digest', lead: 'These were held back, since there was too much to tell one by one.' })
  })
  test('an alert that was held is over before the digest: the digest says both', () => {
    const hub = start(`
format: 1
receivers: [{name: ops, mail: [a@b.c], max_per_hour: 1}]
route: {receiver: ops, group_by: [alert], wait: 0s}
`)
    hub.fire()
    const second = hub.fire()
    pass(hub, 5 * MINUTE)
    hub.resolve(second)
    pass(hub, 10 * MINUTE)
    expect(told(hub).map((line) => line.replace(/^\S+ /, ''))).toEqual(['ops firing 1', 'ops digest: fired-and-resolved 2'])
  })
  test('an alert that was held and somebody looks after by now is in the digest all the same', () => {
    const hub = start(`
format: 1
receivers: [{name: ops, mail: [a@b.c], max_per_hour: 1}]
route: {receiver: ops, group_by: [alert], wait: 0s}
`)
    hub.fire()
    const second = hub.fire()
    pass(hub, MINUTE)
    hub.acknowledge(second)
    pass(hub, 15 * MINUTE)
    expect(told(hub).map((line) => line.replace(/^\S+ /, ''))).toEqual(['ops firing 1', 'ops digest: acknowledged 2'])
  })
  test('a receiver of digests is told once in its time, with what goes on', () => {
    const hub = start(`
format: 1
receivers: [{name: ops, mail: [a@b.c], digest: 24h}]
route: {receiver: ops}
`)
    hub.fire()
    const second = hub.fire()
    pass(hub, 25 * HOUR, MINUTE)
    hub.resolve(second)
    pass(hub, 24 * HOUR, MINUTE)
    expect(told(hub)).toEqual(['86400s ops digest: firing 1,2', '172800s ops digest: still 1; resolved 2'])
  })
  test('commands keep the peace and the cap, and are told in the digest', () => {
    const hub = start(`
format: 1
receivers: [{name: ops, mail: [a@b.c], max_per_hour: 2}]
`)
    const command = (seq: number) => ({ severity: 'info' as const, title: `c${seq}`, body: '', seq, nodeId: 1, node: 'n1', sessionId: 0, session: '', atMs: nowMs, before: 5, after: 0 })
    expect([1, 2, 3, 4, 4].map((seq) => hub.notifying.command(command(seq), 'ops'))).toEqual(['queued', 'queued', 'held', 'held', 'known'])
    pass(hub, 11 * MINUTE)
    expect(hub.notices().at(-1)).toMatchObject({ kind: 'digest', alerts: [], title: '2 messages of nodes', commands: [{ title: 'c3' }, { title: 'c4' }] })
  })
})

describe('what was not sent yet', () => {
  test('is superseded when it is over: one notice says both', () => {
    const hub = start()
    const [first, second] = [hub.fire(), hub.fire()]
    nowMs += 30_000
    hub.notifying.wake() // queued and not sent
    nowMs += 5 * MINUTE
    hub.resolve(first)
    nowMs += 5 * MINUTE
    hub.notifying.wake()
    expect(hub.outbox.list(9).map((row) => `${row.state} ${shortly(hub.notices()[row.id - 1]!)}`)).toEqual(['queued fired-and-resolved 1', 'queued firing 2'])
    hub.resolve(second)
    nowMs += 5 * MINUTE
    hub.notifying.wake()
    expect(hub.outbox.list(9).map((row) => `${row.state} ${shortly(hub.notices()[row.id - 1]!)}`)).toEqual(['queued fired-and-resolved 2', 'queued fired-and-resolved 1', 'cancelled firing 2'])
    expect(hub.outbox.list(9)[2]!.lastError).toContain('another notice says both')
  })
  test('is not told again', async () => {
    const hub = start()
    hub.fire()
    for (let hour = 0; hour < 20; hour++) {
      nowMs += HOUR
      hub.notifying.wake()
    }
    expect(told(hub)).toHaveLength(1)
    expect(await hub.counted('hps_notifications_left_total', 'reason="unsent"')).toBeGreaterThanOrEqual(0)
  })
})

describe('time', () => {
  test('a clock that is set back by a day delays nothing by more than its wait, and repeats go on', () => {
    const hub = start()
    hub.fire()
    pass(hub, MINUTE)
    hub.fire()
    nowMs -= 24 * HOUR
    pass(hub, 6 * MINUTE)
    expect(told(hub)).toHaveLength(2)
    pass(hub, 5 * HOUR, MINUTE)
    expect(told(hub)).toHaveLength(3)
  })
  test('a restart neither forgets nor hastens anything', () => {
    start().fire()
    nowMs += 10_000
    const again = start()
    again.notifying.wake()
    expect(told(again)).toEqual([])
    pass(again, MINUTE)
    expect(told(again)).toEqual(['30s ops firing 1'])
  })
})
