import type { Batch } from '#domain/batch.ts'
import type { HubEvent } from '#domain/hub-event.ts'
import type { StoredMessage } from '#domain/message.ts'
import type { WorkerCounters } from '#telemetry/index.ts'
import type { Fulfilled, Hearing, NewFinding, Occurrence } from './correlate/correlator.ts'
import type { RulesCounter } from './counters.ts'
import type { Inventory } from './inventory.ts'
import { chosen, createCandidates, type Candidates } from './match/chosen.ts'
import { captures, foldLine, holdsFolded, type Folded } from './match/condition.ts'
import { createGate } from './match/gate.ts'
import { lineOfMessage, lineOfRow, MAX_MATCHED_CHARACTERS, type Line } from './match/line.ts'
import { isMeant } from './match/meant.ts'
import { planMatching } from './match/plan.ts'
import { createSharing } from './match/shared.ts'
import { joined, NONE, suppressedBy, type Suppressed } from './match/suppression.ts'
import type { RuleMeter } from './run/meter.ts'
import type { Rule } from './rules/rule.ts'

/** Where the engine hands on what it found; monomorphic, since it is asked for every message. */
export interface Taker {
  /** The next moment at which something falls due: before a message of this time or later, `passTo` is called. */
  readonly nextDueMs: number
  /** No more is taken now: the engine stops before the next message. */
  readonly isFull: boolean
  /** Time goes on. When very much is due, only a part of it is done: `nextDueMs` stays behind, and the engine stops. */
  passTo(ms: number): void
  /** A message or event fulfilled these conditions of a rule. */
  take(rule: Rule, fulfilled: readonly Fulfilled[], occurrence: Occurrence): void
  found(findings: readonly NewFinding[]): void
}

export interface RulesEngine {
  /** Takes the rows `from <= row < to`, in their order and then in that of the rules. @returns the first row that was not taken: `to`, or an earlier one when the taker was full */
  evaluate(batch: Batch, rows: { readonly from: number; readonly to: number }, taker: Taker): number
  /** The same for messages read from the store; returns how many were taken. */
  evaluateMessages(messages: readonly StoredMessage[], taker: Taker): number
  /** Something that the hub noticed. @returns whether it was taken; else there is more to be done before */
  evaluateEvent(event: HubEvent, taker: Taker): boolean
}

export interface EngineOptions {
  readonly rules: readonly Rule[]
  readonly counters: Pick<WorkerCounters<RulesCounter>, 'add'>
  /** What is known about nodes now. */
  readonly inventory: () => Inventory
  /** Rules that only want to know whether anything at all was heard of a node. */
  readonly hearing: (rule: string) => Hearing | undefined
  /** Counts and times what each rule costs, by its position. */
  readonly meter?: RuleMeter | undefined
  /** Whether a source is the hub itself. Where it is given, a node cannot speak as the hub by taking its APP-NAME. */
  readonly isHub?: ((sourceId: number) => boolean) | undefined
}

const NO_CAPTURES: Readonly<Record<string, string>> = {}

/**
 * From messages and events to the conditions that they fulfil: gate, then the whole condition, `trust` and `where`; then
 * to the taker. Conditions of rules that suppress are tried first. Pure but for caches. Rules that are `off` are left out.
 */
export function createRulesEngine({ rules: all, counters, inventory, hearing, meter, isHub }: EngineOptions): RulesEngine {
  const rules = all.filter(({ policy }) => policy.status !== 'off')
  const plan = planMatching(rules, hearing)
  const { listeners } = plan
  const share = createSharing()
  const lines = plan.lines.map((line) => ({ ...line, match: share(line.match) }))
  const positions = rules.map((rule) => all.indexOf(rule))
  const suppressed = suppressedBy(rules)
  const canSuppress = lines.some(({ suppresses }) => suppresses)
  const gate = createGate(plan.literals)
  const candidatesOf = createCandidates(lines)
  const found = new Set<number>()

  /** Conditions that hold, by number of the condition. */
  function holding(numbers: readonly number[], line: Line, folded: Folded): readonly number[] {
    const held: number[] = []
    counters.add('candidates', numbers.length)
    for (const number of numbers) {
      const { rule: index, match } = lines[number]!
      try {
        if (!isMeant(rules[index]!, line, inventory())) continue
        const startMs = meter?.start(positions[index]!, line.text.length) ?? -1
        if (holdsFolded(match, line, folded)) held.push(number)
        if (startMs >= 0) meter!.end(positions[index]!, startMs)
      } catch {
        // A fault in one expression's engine must not stop the stream at this message for ever.
        counters.add('failures')
      }
    }
    return held
  }

  function suppressedIn(held: readonly number[], { receivedMs }: Line): Suppressed {
    let out = NONE
    for (const number of held) {
      const { rule, suppresses } = lines[number]!
      const untilMs = rules[rule]!.suppress?.untilMs ?? Infinity
      if (suppresses && receivedMs < untilMs) out = joined(out, suppressed[rule]!)
    }
    return out
  }

  /** All conditions of one rule go to the taker in one call. */
  function handOn(held: readonly number[], { line, folded, out, taker }: { readonly line: Line; readonly folded: Folded; readonly out: Suppressed; readonly taker: Taker }): void {
    for (let at = 0; at < held.length; ) {
      const { rule: index } = lines[held[at]!]!
      const fulfilled: Fulfilled[] = []
      for (; at < held.length && lines[held[at]!]!.rule === index; at++) {
        const { pattern, match } = lines[held[at]!]!
        fulfilled.push({ pattern, captures: match.regex === undefined && match.any.length === 0 && match.all.length === 0 ? NO_CAPTURES : captures(match, line, folded) })
      }
      if (out[index] === true) {
        counters.add('suppressed')
        continue
      }
      takeTimed(index, { fulfilled, occurrence: { kind: 'line', line }, taker })
    }
  }

  function takeTimed(index: number, { fulfilled, occurrence, taker }: { readonly fulfilled: readonly Fulfilled[]; readonly occurrence: Occurrence; readonly taker: Taker }): void {
    counters.add('matches')
    const startMs = meter?.matched(positions[index]!) ?? -1
    taker.take(rules[index]!, fulfilled, occurrence)
    if (startMs >= 0) meter!.end(positions[index]!, startMs)
  }

  function matchLine(numbers: readonly number[], { line, ofHub, taker }: { readonly line: Line; readonly ofHub: boolean; readonly taker: Taker }): void {
    const folded = foldLine(line)
    const held = holding(numbers, line, folded)
    const out = canSuppress && held.length > 0 ? suppressedIn(held, line) : NONE
    if (listeners.length > 0 && line.nodeId !== 0 && !ofHub) hear({ nodeId: line.nodeId, atMs: line.receivedMs, seq: line.seq, about: line, out }, taker)
    if (held.length > 0) handOn(held, { line, folded, out, taker })
  }

  interface Heard { readonly nodeId: number; readonly atMs: number; readonly seq: number; readonly about: Line; readonly out: Suppressed }
  function hear({ nodeId, atMs, seq, about, out }: Heard, taker: Taker): void {
    for (const { rule, hearing: ear } of listeners) {
      if (out[rule] === true || !isMeant(rules[rule]!, about, inventory())) continue
      const findings = ear.heard(nodeId, atMs, seq)
      if (findings !== undefined) taker.found(findings)
    }
  }

  const isGated = listeners.some(({ rule }) => rules[rule]!.where !== undefined || rules[rule]!.trust !== 'any')
  /** A message that no condition is for: only that there was one. Nothing is made for it unless a rule asks whom it is about. */
  function hearRow(batch: Batch, row: number, taker: Taker): void {
    const nodeId = batch.node[row]!
    if (nodeId === 0) return
    if (isGated) return hear({ nodeId, atMs: batch.receivedMs[row]!, seq: batch.firstSeq + row, about: lineOfRow(batch, row), out: NONE }, taker)
    for (const { hearing: ear } of listeners) {
      const findings = ear.heard(nodeId, batch.receivedMs[row]!, batch.firstSeq + row)
      if (findings !== undefined) taker.found(findings)
    }
  }

  function scanRow(batch: Batch, row: number, candidates: Candidates): readonly number[] {
    if (candidates.gated.size > 0) {
      const start = batch.frameStart[row]! + batch.textOff[row]!
      gate.scan(batch.bytes, start, start + batch.textLen[row]!, found)
    }
    const numbers = chosen(candidates, found)
    if (found.size > 0) found.clear()
    return numbers
  }

  return {
    evaluate(batch, { from, to }, taker) {
      let row = from
      for (; row < to && !taker.isFull; row++) {
        if (batch.receivedMs[row]! >= taker.nextDueMs && !isPassed(taker, batch.receivedMs[row]!)) break
        const candidates = candidatesOf.ofRow(batch, row)
        if (candidates.ofHub && isHub?.(batch.source[row]!) === false) continue
        if (candidates.gated.size > 0 || candidates.always.length > 0) {
          if (batch.textLen[row]! > MAX_MATCHED_CHARACTERS) counters.add('cut')
          const numbers = scanRow(batch, row, candidates)
          if (numbers.length > 0) {
            matchLine(numbers, { line: lineOfRow(batch, row), ofHub: candidates.ofHub, taker })
            continue
          }
        }
        if (listeners.length > 0 && !candidates.ofHub) hearRow(batch, row, taker)
      }
      counters.add('messages', row - from)
      return row
    },

    evaluateMessages(messages, taker) {
      let taken = 0
      for (; taken < messages.length && !taker.isFull; taken++) {
        const message = messages[taken]!
        if (message.receivedMs >= taker.nextDueMs && !isPassed(taker, message.receivedMs)) break
        const line = lineOfMessage(message)
        const candidates = candidatesOf.ofName(line.app)
        if (candidates.ofHub && isHub?.(message.sourceId) === false) continue
        if (message.text.length > MAX_MATCHED_CHARACTERS) counters.add('cut')
        gate.scanText(line.text, found)
        const numbers = chosen(candidates, found)
        found.clear()
        matchLine(numbers, { line, ofHub: candidates.ofHub, taker })
      }
      counters.add('messages', taken)
      return taken
    },

    evaluateEvent(event, taker) {
      if (event.atMs >= taker.nextDueMs && !isPassed(taker, event.atMs)) return false
      const fulfilled = new Map<number, Fulfilled[]>()
      for (const { rule, pattern } of plan.events(event)) {
        if (isMeant(rules[rule]!, { ...event, isCertified: event.evidence === 'A' }, inventory())) fulfilled.getOrInsertComputed(rule, (): Fulfilled[] => []).push({ pattern, captures: event.fields })
      }
      for (const [index, list] of fulfilled) takeTimed(index, { fulfilled: list, occurrence: { kind: 'event', event }, taker })
      counters.add('events')
      return true
    },
  }
}

/** Whether all that fell due before this moment is done, and there is room for more. */
function isPassed(taker: Taker, ms: number): boolean {
  taker.passTo(ms)
  return taker.nextDueMs > ms && !taker.isFull
}
