import type { WorkerCounters } from '#telemetry/index.ts'
import type { Correlator, Fulfilled, NewFinding, Occurrence } from '../correlate/correlator.ts'
import type { RulesCounter } from '../counters.ts'
import type { Taker } from '../engine.ts'
import type { Finding } from '../finding.ts'
import { foldRepeats } from '../fold-repeats.ts'
import type { Rule } from '../rules/rule.ts'
import type { Schedules } from '../schedule/schedules.ts'
import type { Position, RulesState } from '../state/rules-state.ts'

/** Findings that are gathered for one commit; then nothing more is taken until it is written. */
export const MAX_GATHERED = 512

/** Where the thread stands beside what the rules remember. */
export type Reached = Pick<Position, 'cursor' | 'eventId' | 'watermarkMs'>

export interface MemoryOptions {
  readonly correlator: Correlator
  readonly schedules: Schedules
  readonly state: RulesState
  readonly counters: Pick<WorkerCounters<RulesCounter>, 'add' | 'set'>
  /** The last number given to a finding. */
  readonly findingId: number
}

/**
 * What the rules remember, with what they found and is not on the disk yet. Memory, findings and position are written
 * together; what could not be written stays, and is written with what comes after.
 */
export class RulesMemory implements Taker {
  readonly correlator: Correlator
  readonly #schedules: Schedules
  readonly #state: RulesState
  readonly #counters: MemoryOptions['counters']
  #gathered: NewFinding[] = []
  #findingId: number
  #appliedId = 0
  #nextDueMs = -Infinity

  constructor({ correlator, schedules, state, counters, findingId }: MemoryOptions) {
    this.correlator = correlator
    this.#schedules = schedules
    this.#state = state
    this.#counters = counters
    this.#findingId = findingId
  }

  get nextDueMs(): number {
    return this.#nextDueMs
  }
  get isFull(): boolean {
    return this.#gathered.length >= MAX_GATHERED
  }
  get gathered(): number {
    return this.#gathered.length
  }
  get findingId(): number {
    return this.#findingId
  }

  /** Deadlines up to now, the earliest first. Of very many only a part: `nextDueMs` tells whether there are more, and the call is to be made again. */
  passTo(ms: number): void {
    if (this.#schedules.nextDueMs <= ms) this.found(this.#schedules.advance(ms))
    this.found(this.correlator.advance(ms))
  }

  take(rule: Rule, fulfilled: readonly Fulfilled[], occurrence: Occurrence): void {
    this.found(this.correlator.take(rule, fulfilled, occurrence))
  }

  /** To be called after each change of the memory: something may fall due sooner than before. */
  found(findings: readonly NewFinding[]): void {
    for (const finding of findings) this.#gathered.push(finding)
    this.#nextDueMs = Math.min(this.correlator.nextDueMs ?? Infinity, this.#schedules.nextDueMs)
  }

  /** Main has given findings up to this number their effects. */
  applied(id: number): void {
    this.#appliedId = Math.max(this.#appliedId, id)
  }

  /**
   * Writes everything in one transaction.
   * @returns the findings that may be posted now, with their numbers. Throws what SQLite throws; then nothing was written and nothing is lost
   */
  commit(reached: Reached): readonly Finding[] {
    const folded = foldRepeats(this.#gathered)
    const findings = folded.map((finding, index): Finding => ({ id: this.#findingId + 1 + index, ...finding }))
    const position = { ...reached, findingId: this.#findingId + findings.length }
    try {
      this.#state.commit({ position, changes: this.correlator.changes(), findings, appliedId: this.#appliedId, schedules: this.#schedules.marks() })
    } catch (error) {
      this.correlator.unwritten()
      this.#counters.add('commitFailures')
      throw error
    }
    this.#counters.add('commits')
    this.#counters.add('findings', findings.length)
    this.#counters.add('lateFindings', findings.reduce((late, { isLate }) => late + (isLate ? 1 : 0), 0))
    this.#gathered = []
    this.#findingId = position.findingId
    return findings
  }
}
