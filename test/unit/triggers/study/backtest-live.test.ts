import { fc, test as property } from '@fast-check/vitest'
import { expect } from 'vitest'
import type { Alert, AlertTransition } from '#domain/alert.ts'
import { createAlertRecords, createAlertTransitionRecords, createHubEventRecords, openHubDatabase, type HubDatabase } from '#store/index.ts'
import { createCorrelator } from '#triggers/correlate/create-correlator.ts'
import { createRulesEngine, type Taker } from '#triggers/engine.ts'
import { createSchedules } from '#triggers/schedule/schedules.ts'
import type { NewFinding } from '#triggers/correlate/correlator.ts'
import { createReplayInventory } from '../../../../src/triggers/study/replay-inventory.ts'
import { batchOf, NOON_MS, type RowSpec } from '../../../support/store/batches.ts'
import { startEffects } from '../alerts-support.ts'
import { ruleFile, rulesOf } from '../support.ts'
import { MINUTE, NODES, storeOf, tried, type PastEvent } from './backtest-support.ts'

const rule = (id: string, body: string) => ({ id, body: `severity: error\n${body}` })
const RULES = rulesOf(ruleFile(
  rule('a.match', 'when: {match: {contains: alpha}}\nby: [node]\nresolve: {match: {contains: omega}, quiet: 20m}\nfor: 1m'),
  rule('b.count', 'when: {count: {match: {app: sshd, contains: beta}, at_least: 2, within: 5m}}\nby: [node]\nhold: 3m\nresolve: {quiet: 10m}'),
  rule('c.absent', 'when: {absent: {after: {match: {contains: alpha}}, expect: {match: {contains: gamma}}, within: 4m}}\nby: [node]'),
  rule('d.sequence', 'when: {sequence: {steps: [{id: one, match: {contains: alpha}}, {id: two, match: {contains: beta}}], within: 10m}}\nby: [node]'),
  rule('e.change', "when: {change: {match: {regex: 'gamma (?<value>\\w+)'}, value: value, versus: previous_event}}\nby: [node]"),
  rule('f.state', 'when: {event: state, to: [failed]}\nby: [node]\nresolve: {session_end: true}'),
  rule('g.schedule', "when: {schedule: {cron: '*/15 * * * *', tz: UTC}}"),
))
const HEARS = rulesOf(ruleFile(rule('h.silent', 'when: {absent: {each: {node: {rack: r1}}, expect: {match: {}}, within: 6m}}\nby: [node]')))

const words = fc.constantFrom('alpha', 'ALPHA x', 'beta', 'gamma a', 'gamma b', 'omega', 'nothing', 'said betas')
const drawn = fc.array(fc.record({ gapMs: fc.constantFrom(0, 1000, 30_000, 90_000, 7 * MINUTE), text: words, app: fc.constantFrom('sshd', 'kernel'), node: fc.integer({ min: 1, max: 3 }) }), { minLength: 1, maxLength: 60 })
const events = fc.array(fc.record({ at: fc.nat(60), kind: fc.constantFrom('failed', 'running', 'end'), node: fc.integer({ min: 1, max: 3 }), hasSeq: fc.boolean() }), { maxLength: 6 })

/** Rows at rising times, and events behind a message or between two. */
function pastOf(list: readonly { readonly gapMs: number; readonly text: string; readonly app: string; readonly node: number }[], happened: readonly { readonly at: number; readonly kind: string; readonly node: number; readonly hasSeq: boolean }[]) {
  let receivedMs = NOON_MS
  const rows = list.map(({ gapMs, text, app, node }): RowSpec & { readonly receivedMs: number } => ({ receivedMs: (receivedMs += gapMs), text, app, node, session: node, host: `tch-00${node}` }))
  const past = happened.toSorted((a, b) => a.at - b.at).map(({ at, kind, node, hasSeq }): PastEvent => {
    const place = Math.min(at, rows.length - 1)
    const about = { nodeId: node, sessionId: node, from: kind === 'end' ? '' : 'running', seq: hasSeq ? place + 1 : 0, atMs: rows[place]!.receivedMs, evidence: 'A' as const, fields: {} }
    return kind === 'end' ? { ...about, kind: 'session', to: 'end' } : { ...about, kind: 'state', to: kind }
  })
  return { rows, past }
}

/** As plainly as can be: one message after the other, each with the events before it, every finding given to the alerts at once. */
function live(rules: typeof RULES, rows: readonly (RowSpec & { readonly receivedMs: number })[], past: readonly PastEvent[], untilMs: number): HubDatabase {
  const db = openHubDatabase(':memory:')
  const fixture = startEffects({ db, policies: rules.map(({ policy }) => policy) })
  const inventory = createReplayInventory(NODES, { states: new Map(past.filter(({ kind }) => kind === 'state').toReversed().map(({ nodeId, from }) => [nodeId, from])), sessions: new Map(), stages: new Map(), startedSince: new Set(), firstId: 1, oldestMs: undefined })
  const correlator = createCorrelator({ rules, inventory, counters: { add() {}, set() {} }, seed: 1 })
  const schedules = createSchedules({ marks: [], pause: { fromMs: Infinity, toMs: -Infinity } })
  schedules.replace(rules, NOON_MS)
  const engine = createRulesEngine({ rules, counters: { add() {} }, inventory: () => inventory, hearing: (id) => correlator.hearing(id) })
  const recorded = createHubEventRecords(db)
  let id = 0
  const give = (found: readonly NewFinding[]): void => {
    for (const one of found) fixture.apply({ ...one, id: ++id })
  }
  const due = (): number => Math.min(correlator.nextDueMs ?? Infinity, schedules.nextDueMs)
  const passTo = (ms: number): void => {
    for (let at = due(); at <= ms; at = due()) {
      give(schedules.advance(at))
      give(correlator.advance(at))
    }
    fixture.passTo(ms)
  }
  const taker: Taker = { nextDueMs: Infinity, isFull: false, passTo() {}, take: (one, fulfilled, occurrence) => give(correlator.take(one, fulfilled, occurrence)), found: give }
  give(correlator.watchNodes(inventory, NOON_MS))
  const batch = batchOf(rows)
  batch.firstSeq = 1
  const waiting = [...past]
  const takeEvents = (isBefore: (event: PastEvent) => boolean): void => {
    while (waiting.length > 0 && isBefore(waiting[0]!)) {
      const event = waiting.shift()!
      passTo(event.atMs)
      if (inventory.note({ ...event, id: 0 })) give(correlator.watchNodes(inventory, event.atMs))
      engine.evaluateEvent({ ...event, id: 0 }, taker)
      recorded.add(event)
      fixture.passTo(event.atMs)
    }
  }
  rows.forEach(({ receivedMs }, row) => {
    takeEvents(({ seq, atMs }) => (seq > 0 ? seq <= row : atMs < receivedMs))
    passTo(receivedMs)
    engine.evaluate(batch, { from: row, to: row + 1 }, taker)
  })
  takeEvents(() => true)
  passTo(untilMs)
  return db
}

/** What hub.db keeps has no fractions of milliseconds. */
const seen = (alerts: readonly Alert[], stepsOf: (id: number) => readonly AlertTransition[]) =>
  alerts
    .map(({ rule: of, key, state, firstMs, lastMs, firedMs, overMs, firstSeq, lastSeq, count, flaps, id }) => ({ of, key, state, firstMs, lastMs, firedMs, overMs, firstSeq, lastSeq, count, flaps, steps: stepsOf(id).map(({ atMs, reason }) => `${atMs} ${reason}`) }))
    .sort((a, b) => a.firstMs - b.firstMs || (a.of + a.key < b.of + b.key ? -1 : 1))
const inHub = (db: HubDatabase) => seen(createAlertRecords(db).list({ limit: 10_000 }).toReversed(), (id) => createAlertTransitionRecords(db).of(id))
const inReplay = ({ alerts }: ReturnType<typeof tried>) => seen(alerts.all, (id) => alerts.transitions.filter(({ alertId }) => alertId === id))

property.prop([drawn, events, fc.nat(60)], { numRuns: 40 })('a back-test over a store leads to the alerts that the hub had, with every step of them', (list, happened, sealed) => {
  const { rows, past } = pastOf(list, happened)
  const untilMs = rows.at(-1)!.receivedMs + 40 * MINUTE
  const wanted = inHub(live(RULES, rows, past, untilMs))
  const store = storeOf(rows, Math.min(sealed, rows.length))
  expect(inReplay(tried({ rules: RULES, store, events: past, untilMs }))).toEqual(wanted)
  expect(inReplay(tried({ rules: RULES, store, events: past, untilMs, passesOver: false }))).toEqual(wanted)
})

property.prop([drawn], { numRuns: 20 })('a rule that hears any message of a node finds in a store what it found then', (list) => {
  const { rows } = pastOf(list, [])
  const untilMs = rows.at(-1)!.receivedMs + 40 * MINUTE
  expect(inReplay(tried({ rules: HEARS, store: storeOf(rows), untilMs }))).toEqual(inHub(live(HEARS, rows, [], untilMs)))
})
