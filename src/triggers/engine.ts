import type { Batch } from '#domain/batch.ts'
import type { StoredMessage } from '#domain/message.ts'
import { HUB_APP } from '#domain/wire.ts'
import type { WorkerCounters } from '#telemetry/index.ts'
import { captures, holds, mayHoldForApp, namesApp } from './match/condition.ts'
import { createAppCache } from './match/app-cache.ts'
import { createGate } from './match/gate.ts'
import { lineOfMessage, lineOfRow, MAX_MATCHED_CHARACTERS, type Line } from './match/line.ts'
import { requiredLiterals } from './match/literal.ts'
import type { RulesCounter } from './counters.ts'
import type { RuleHit } from './protocol.ts'
import type { Match, Rule } from './rules/rule.ts'

export interface RulesEngine {
  /** Matches of the rows `from <= row < to`, in order of rows and then of rules. No I/O, no state but caches. */
  evaluate(batch: Batch, rows?: { readonly from: number; readonly to: number }): RuleHit[]
  /** The same for messages read from the store. */
  evaluateMessages(messages: readonly StoredMessage[]): RuleHit[]
}

export interface EngineOptions {
  readonly rules: readonly Rule[]
  readonly counters: Pick<WorkerCounters<RulesCounter>, 'add'>
  /** Whether a source is the hub itself. Where it is given, a node cannot speak as the hub by taking its APP-NAME. */
  readonly isHub?: ((sourceId: number) => boolean) | undefined
}

/** Candidates of an application: rules that need one of their literals, and rules that are tried on every message. */
interface Candidates {
  readonly gated: ReadonlyMap<number, readonly number[]> // literal → rules
  readonly always: readonly number[]
  readonly ofHub: boolean
}

/** The matcher: gate, then the full condition, then named groups. Rules that are `off` are left out. */
export function createRulesEngine({ rules, counters, isHub }: EngineOptions): RulesEngine {
  const active = rules.filter((rule) => rule.policy.status !== 'off' && rule.when.kind === 'match' && rule.when.on.kind === 'line')
  const literals = active.map((rule) => requiredLiterals(matchOf(rule)))
  const literalNumbers = new Map([...new Set(literals.flatMap((list) => list ?? []))].map((literal, number) => [literal, number]))
  const gate = createGate([...literalNumbers.keys()])
  const found = new Set<number>()

  const candidatesOf = createAppCache((app): Candidates => {
    const gated = new Map<number, number[]>()
    const always: number[] = []
    active.forEach((rule, index) => {
      if (!isFor(rule, app)) return
      if (literals[index] === undefined) always.push(index)
      for (const literal of literals[index] ?? []) gated.getOrInsertComputed(literalNumbers.get(literal)!, (): number[] => []).push(index)
    })
    return { gated, always, ofHub: app === HUB_APP }
  })

  /** Rules to try in full, by what the gate found, in the order of the set. */
  function chosen({ gated, always }: Candidates): readonly number[] {
    if (found.size === 0) return always
    const numbers = new Set(always)
    for (const literal of found) for (const index of gated.get(literal) ?? []) numbers.add(index)
    return [...numbers].sort((a, b) => a - b)
  }

  function match(candidates: readonly number[], line: Line, hits: RuleHit[]): void {
    counters.add('candidates', candidates.length)
    for (const index of candidates) {
      const rule = active[index]!
      if (rule.trust === 'lease' && line.evidence !== 'B') continue
      try {
        if (!holds(matchOf(rule), line)) continue
        hits.push(hitOf(rule, line))
        counters.add('matches')
      } catch {
        // A fault in one expression's engine must not stop the stream at this message for ever.
        counters.add('failures')
      }
    }
  }

  return {
    evaluate(batch, { from, to } = { from: 0, to: batch.rows }) {
      const hits: RuleHit[] = []
      for (let row = from; row < to; row++) {
        const candidates = candidatesOf.ofRow(batch, row)
        if (candidates.gated.size === 0 && candidates.always.length === 0) continue
        if (candidates.ofHub && isHub?.(batch.source[row]!) === false) continue
        if (batch.textLen[row]! > MAX_MATCHED_CHARACTERS) counters.add('cut')
        if (candidates.gated.size > 0) {
          const start = batch.frameStart[row]! + batch.textOff[row]!
          gate.scan(batch.bytes, start, start + batch.textLen[row]!, found)
        }
        const numbers = chosen(candidates)
        if (numbers.length > 0) match(numbers, lineOfRow(batch, row), hits)
        if (found.size > 0) found.clear()
      }
      counters.add('messages', to - from)
      return hits
    },
    evaluateMessages(messages) {
      const hits: RuleHit[] = []
      for (const message of messages) {
        const line = lineOfMessage(message)
        const candidates = candidatesOf.ofName(line.app)
        if (candidates.ofHub && isHub?.(message.sourceId) === false) continue
        if (message.text.length > MAX_MATCHED_CHARACTERS) counters.add('cut')
        gate.scanText(line.text, found)
        match(chosen(candidates), line, hits)
        found.clear()
      }
      counters.add('messages', messages.length)
      return hits
    },
  }
}

function hitOf(rule: Rule, line: Line): RuleHit {
  const named = captures(matchOf(rule), line)
  const { severity, status, title, runbook, owner, notify } = rule.policy
  const { seq, receivedMs, nodeId, sessionId, sourceId, host, app, text } = line
  const evidence = rule.emit === undefined || rule.emit.evidence < line.evidence ? line.evidence : rule.emit.evidence
  return {
    rule: rule.id, version: rule.version, severity, status,
    seq, receivedMs, count: 1, lastSeq: seq, lastMs: receivedMs, nodeId, sessionId, sourceId, host, app, text,
    captures: named, key: keyOf(rule, line, named), title, runbook, owner,
    evidence, emit: rule.emit,
    notify: notify === undefined ? undefined : { to: notify.to ?? '', everyMs: notify.everyMs ?? 4 * 3_600_000, before: notify.before, after: notify.after },
  }
}

/** Ids, not names: a node that is renamed keeps its alert. A message of no node is told apart by who sent it. */
function keyOf(rule: Rule, line: Line, named: Readonly<Record<string, string>>): string {
  const parts = rule.by.map((name): readonly [string, string | number] => {
    if (name === 'node') return line.nodeId === 0 ? ['source', line.sourceId] : ['node', line.nodeId]
    if (name === 'session') return ['session', line.sessionId]
    if (name === 'app' || name === 'host') return [name, line[name]]
    return [name, named[name] ?? '']
  })
  return JSON.stringify(parts.map(([name, value]) => `${name}=${value}`))
}

/** What the hub says of itself is matched only by rules that ask for it by name: a mail about a mail would have no end. */
const isFor = (rule: Rule, app: string): boolean => mayHoldForApp(matchOf(rule), app) && (app !== HUB_APP || namesApp(matchOf(rule), HUB_APP))

function matchOf({ when }: Rule): Match {
  if (when.kind === 'match' && when.on.kind === 'line') return when.on.match
  throw new Error(`a rule of kind ${when.kind} came to the matcher`)
}
