import type { Batch } from '#domain/batch.ts'
import type { HubEvent } from '#domain/hub-event.ts'
import type { StoredMessage } from '#domain/message.ts'
import type { NewFinding } from '../correlate/correlator.ts'
import type { CorrelateCounters } from '../correlate/counters.ts'
import { createCorrelator } from '../correlate/create-correlator.ts'
import { createRulesEngine, type EngineOptions, type RulesEngine, type Taker } from '../engine.ts'
import type { Finding } from '../finding.ts'
import { foldRepeats } from '../fold-repeats.ts'
import { patternsOf } from '../rules/patterns.ts'
import type { Rule } from '../rules/rule.ts'
import { createSchedules } from '../schedule/schedules.ts'
import type { ReplayInventory } from './replay-inventory.ts'

/** Repeats within this time are one finding with a count, as the rules thread gathers them. */
const GATHER_MS = 20
const MAX_GATHERED = 512
/** Events that alerts cause without time going on: more, and rules feed each other. */
const MAX_EVENTS = 10_000
const NO_PAUSE = { marks: [], pause: { fromMs: Infinity, toMs: -Infinity } } as const

/** Where findings go: the alerts of a hub that is not there. All times are those of the replay. */
export interface ReplayDesk {
  /** When time alone changes something next. */
  readonly nextDueMs: number
  passTo(ms: number): void
  /** In the order of time. */
  take(findings: readonly Finding[]): void
  endSession(sessionId: number, atMs: number): void
  /** What alerts did since the last call, for rules about alerts. */
  events(): readonly Omit<HubEvent, 'id'>[]
}

export interface ReplayOptions extends Pick<EngineOptions, 'isHub'> {
  readonly counters: EngineOptions['counters'] & CorrelateCounters
  readonly rules: readonly Rule[]
  readonly inventory: ReplayInventory
  readonly desk: ReplayDesk
  readonly startMs: number
  /** A random number: see Correlator. */
  readonly seed: number
}

/** The rules of a hub on a clock that goes by what is given to it: engine, memory and calendar are those that run live. */
export interface Replay {
  readonly nowMs: number
  /** All rows `from <= row < to`. */
  rows(batch: Batch, rows: { readonly from: number; readonly to: number }): void
  messages(messages: readonly StoredMessage[]): void
  event(event: HubEvent): void
  /** Time goes on, with all that falls due. */
  passTo(ms: number): void
  /** What was found has its effects: nothing more is gathered. */
  end(): void
  /** Whether any message at all is something to a rule, so that none can be left out. */
  readonly hearsAll: boolean
}

/** Whether what alerts do is something to one of the rules. */
export const listensToAlerts = (rules: readonly Rule[]): boolean => rules.some((rule) => patternsOf(rule).some(({ on }) => on.kind === 'event' && on.event.event === 'alert'))

export function createReplay({ rules, inventory, desk, startMs, seed, counters, isHub }: ReplayOptions): Replay {
  const correlator = createCorrelator({ rules, inventory, counters, seed })
  const schedules = createSchedules(NO_PAUSE)
  schedules.replace(rules, startMs)
  const engine: RulesEngine = createRulesEngine({ rules, counters, inventory: () => inventory, hearing: (rule) => correlator.hearing(rule), isHub })
  // what alerts do is told at once where a rule listens to it
  const gatherMs = listensToAlerts(rules) ? 0 : GATHER_MS
  let gathered: NewFinding[] = []
  let gatheredUntilMs = Infinity
  let findingIds = 0
  let eventIds = 0
  let nowMs = startMs
  let isSettling = false
  const waiting: HubEvent[] = []

  const taker: { -readonly [K in keyof Taker]: Taker[K] } = {
    nextDueMs: -Infinity,
    isFull: false,
    passTo(ms) {
      while (taker.nextDueMs <= ms && !taker.isFull) fallDue(taker.nextDueMs)
      nowMs = Math.max(nowMs, ms)
    },
    take: (rule, fulfilled, occurrence) => taker.found(correlator.take(rule, fulfilled, occurrence)),
    found(findings) {
      for (const finding of findings) {
        if (gathered.length === 0) gatheredUntilMs = finding.atMs + gatherMs
        gathered.push(finding)
      }
      if (gathered.length >= MAX_GATHERED) give()
      look()
    },
  }

  function look(): void {
    taker.nextDueMs = Math.min(correlator.nextDueMs ?? Infinity, schedules.nextDueMs, gatheredUntilMs, desk.nextDueMs)
    taker.isFull = waiting.length > 0 && !isSettling
  }

  /** What falls due at this moment, the rules before the alerts. */
  function fallDue(atMs: number): void {
    nowMs = Math.max(nowMs, atMs)
    if (schedules.nextDueMs <= nowMs) taker.found(schedules.advance(nowMs))
    if ((correlator.nextDueMs ?? Infinity) <= nowMs) taker.found(correlator.advance(nowMs))
    give()
    desk.passTo(nowMs)
    hearDesk()
    look()
  }

  function give(): void {
    if (gathered.length === 0) return
    const folded = foldRepeats(gathered).map((finding): Finding => ({ id: ++findingIds, ...finding }))
    gathered = []
    gatheredUntilMs = Infinity
    desk.take(folded)
    hearDesk()
  }

  function hearDesk(): void {
    for (const event of desk.events()) waiting.push({ ...event, id: ++eventIds })
  }

  /** What alerts caused is an event for the rules, and may cause more. */
  function settle(): void {
    isSettling = true
    for (let taken = 0; waiting.length > 0; taken++) {
      if (taken > MAX_EVENTS) throw new RangeError('rules feed each other without end')
      const event = waiting.shift()!
      look()
      engine.evaluateEvent(event, taker)
      give()
    }
    isSettling = false
    look()
  }

  /** Does the work again until all of it was taken; what was taken is not done twice. */
  function whole(work: () => boolean): void {
    for (;;) {
      settle()
      if (work() && waiting.length === 0) return
    }
  }

  taker.found(correlator.watchNodes(inventory, startMs))

  return {
    get nowMs() {
      return nowMs
    },
    hearsAll: rules.some(({ id }) => correlator.hearing(id) !== undefined),
    rows(batch, { from, to }) {
      let row = from
      whole(() => {
        row = engine.evaluate(batch, { from: row, to }, taker)
        return row >= to
      })
      if (to > from) nowMs = Math.max(nowMs, batch.receivedMs[to - 1]!)
    },
    messages(messages) {
      let taken = 0
      whole(() => {
        taken += engine.evaluateMessages(messages.slice(taken), taker)
        return taken >= messages.length
      })
      nowMs = Math.max(nowMs, messages.at(-1)?.receivedMs ?? nowMs)
    },
    event(event) {
      if (inventory.note(event)) taker.found(correlator.watchNodes(inventory, Math.max(nowMs, event.atMs)))
      let isTaken = false
      whole(() => (isTaken ||= engine.evaluateEvent(event, taker)))
      if (event.kind === 'session' && event.to === 'end') {
        give()
        desk.endSession(event.sessionId, event.atMs)
        hearDesk()
        look()
        settle()
      }
    },
    passTo(ms) {
      whole(() => {
        taker.passTo(ms)
        return taker.nextDueMs > ms
      })
    },
    end: give,
  }
}
