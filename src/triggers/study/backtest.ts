import type { HubEvent } from '#domain/hub-event.ts'
import type { Renderer } from '#render/index.ts'
import type { HubDatabase, NodeFactsRow, PastFacts } from '#store/index.ts'
import { alertField, type AlertNames } from '../alerts/alert-fields.ts'
import type { MemoryAlertStore } from '../alerts/memory-store.ts'
import type { EngineOptions } from '../engine.ts'
import { placeOfEvent } from '../run/nodes.ts'
import { createHubEvents } from '../watch-events.ts'
import type { Routes } from '../routes/routes.ts'
import { candidatesOf } from './backtest-candidates.ts'
import { remarksOf } from './backtest-remarks.ts'
import type { BacktestAlert, BacktestEnd, BacktestResult } from './backtest-result.ts'
import type { BacktestSet } from './backtest-set.ts'
import { seqsOf, stretches, type BacktestReader, type Stretch } from './backtest-source.ts'
import { backtestAlert, createTally, type Tally } from './backtest-tally.ts'
import { createReplay, type Replay } from './replay.ts'
import { createReplayDesk } from './replay-desk.ts'
import { createReplayInventory } from './replay-inventory.ts'

export interface BacktestOptions extends Pick<EngineOptions, 'isHub'> {
  readonly set: BacktestSet
  readonly reader: BacktestReader
  /** Only read. */
  readonly hub: HubDatabase
  /** Where its alerts are; empty. */
  readonly alerts: MemoryAlertStore
  /** An empty hub.db in memory. */
  readonly scratch: HubDatabase
  readonly nodes: Iterable<NodeFactsRow>
  readonly past: PastFacts
  readonly routes: Routes
  /** Why the file of the routes could not be read: nobody is told then. */
  readonly routesFault?: string | undefined
  readonly sessionName: (id: number) => string | undefined
  readonly renderer: Renderer
  readonly fromMs: number
  readonly untilMs: number
  /** Alerts that are shown one by one. */
  readonly limit: number
  /** See Correlator. */
  readonly seed: number
  readonly isCancelled: () => boolean
  readonly onProgress: (progress: { readonly done: number; readonly total: number }) => void
  /** Passes over messages that cannot be something to a rule; the answer is the same without. */
  readonly passesOver?: boolean
}

/** After this many alerts more say nothing: such a rule is not for people. */
export const MAX_BACKTEST_ALERTS = 20_000

const UNCOUNTED = { add() {}, set() {} }

/** The alerts and notices that rules would have led to in a time of the past. Reads only; everything that it makes is in `scratch`. */
export function runBacktest(options: BacktestOptions): BacktestResult {
  const { set, reader, hub, scratch, past, routes, renderer, fromMs, untilMs, isCancelled } = options
  const inventory = createReplayInventory(options.nodes, past)
  const names: AlertNames = { node: (id) => inventory.facts(id)?.name, session: options.sessionName, labels: (id) => inventory.facts(id)?.labels ?? {} }
  const tally = createTally({ rules: [...set.tested], routes, nodeName: (id) => inventory.facts(id)?.name ?? `#${id}`, spanMs: untilMs - fromMs })
  const desk = createReplayDesk({ alerts: options.alerts, scratch, rules: set.rules, tested: set.tested, routes, names, inventory, renderer, startMs: fromMs, listener: tally })
  const replay = createReplay({ rules: set.rules, inventory, desk, startMs: fromMs, seed: options.seed, counters: UNCOUNTED, isHub: options.isHub })
  const events = eventsOf({ hub, past, set, untilMs })
  const seqs = seqsOf(reader, options)
  const candidates = options.passesOver === false || replay.hearsAll ? undefined : candidatesOf(set.rules)
  let messages = 0
  let end: BacktestEnd | undefined
  const isOver = (): boolean => {
    if (end === undefined && isCancelled()) end = 'cancelled'
    if (end === undefined && tally.opened >= MAX_BACKTEST_ALERTS) end = 'alerts'
    return end !== undefined
  }

  if (seqs !== undefined) {
    const { firstSeq, lastSeq } = seqs
    for (const stretch of stretches({ reader, firstSeq, lastSeq, candidates, isCancelled: isOver })) {
      take(stretch, { replay, events })
      messages = stretch.lastSeq - firstSeq + 1
      options.onProgress({ done: messages, total: lastSeq - firstSeq + 1 })
      if (isOver()) break
    }
  }
  if (!isOver()) {
    for (; events.head !== undefined && !isOver(); events.shift()) replay.event(events.head)
    replay.passTo(untilMs)
  }
  replay.end()
  const { alerts: ofAlerts, ...sums } = tally.sums()
  return {
    fromMs, untilMs, reachedMs: end === undefined ? untilMs : replay.nowMs, complete: end === undefined, reason: end, messages, events: events.taken,
    ...sums, alerts: { ...ofAlerts, openAtEnd: openOf(options.alerts, set.tested) }, first: firstAlerts({ alerts: options.alerts, set, tally, names, limit: options.limit }),
    companions: set.rules.filter(({ id }) => !set.tested.has(id)).map(({ id }) => id),
    remarks: remarksOf({ set, past, fromMs, routes, routesFault: options.routesFault, hasMessages: seqs !== undefined }),
  }
}

/** Messages and events in their order. */
function take(stretch: Stretch, { replay, events }: { readonly replay: Replay; readonly events: Events }): void {
  if (stretch.kind === 'rows') {
    const { batch, to } = stretch
    for (let { from } = stretch; ; ) {
      const place = events.head === undefined ? undefined : placeOfEvent(events.head, { firstSeq: batch.firstSeq, receivedMs: batch.receivedMs, from, to })
      replay.rows(batch, { from, to: place ?? to })
      if (place === undefined) return
      replay.event(events.head!)
      events.shift()
      from = place
    }
  }
  let from = 0
  const { messages, lastSeq } = stretch
  for (; events.head !== undefined; events.shift()) {
    const { seq, atMs } = events.head
    if (seq > 0 ? seq >= lastSeq : from >= messages.length) break
    const place = messages.findIndex((message, index) => index >= from && (seq > 0 ? message.seq > seq : message.receivedMs > atMs))
    if (place < 0 && seq === 0) break
    const to = place < 0 ? messages.length : place
    replay.messages(messages.slice(from, to))
    replay.event(events.head)
    from = to
  }
  replay.messages(messages.slice(from))
}

interface Events { readonly head: HubEvent | undefined; readonly taken: number; shift(): void }

/** Hub events of the time; those of alerts are made by the replay itself where it has the rule. */
function eventsOf({ hub, past, set, untilMs }: Pick<BacktestOptions, 'hub' | 'past' | 'set' | 'untilMs'>): Events {
  const ids = new Set(set.rules.map(({ id }) => id))
  const events = createHubEvents(hub, past.firstId - 1)
  events.look()
  let taken = 0
  function pass(): void {
    while (events.head?.kind === 'alert' && ids.has(events.head.fields['rule'] ?? '')) events.shift()
  }
  pass()
  return {
    get head() {
      return events.head === undefined || events.head.atMs >= untilMs ? undefined : events.head
    },
    get taken() {
      return taken
    },
    shift() {
      taken++
      events.shift()
      pass()
    },
  }
}

interface FirstAlerts { readonly alerts: MemoryAlertStore; readonly set: BacktestSet; readonly tally: Tally; readonly names: AlertNames; readonly limit: number }

function firstAlerts({ alerts, set, tally, names, limit }: FirstAlerts): readonly BacktestAlert[] {
  const first: BacktestAlert[] = []
  for (const alert of alerts.all) {
    if (first.length >= limit) break
    if (!set.tested.has(alert.rule) || alert.firedMs === undefined) continue
    first.push(backtestAlert(alert, { node: alert.nodeId === 0 ? '' : (alertField(alert, 'node', names) ?? ''), notices: tally.noticesOf(alert.id) }))
  }
  return first
}

const openOf = (alerts: MemoryAlertStore, tested: ReadonlySet<string>): number => alerts.openCounts().reduce((sum, { rule, count }) => sum + (tested.has(rule) ? count : 0), 0)
