import { EVIDENCE_CLASSES, type EvidenceClass } from '#domain/lifecycle.ts'
import type { KeyState } from '../correlator.ts'
import type { Given } from '../key-plan.ts'
import { ByteReader } from '../memory/bytes.ts'
import { weakerOf, type Captures } from '../subject.ts'
import { readCaptures, writeCaptures } from '../waiting.ts'
import type { Kind, Part, Tools, WhenOf } from './kind.ts'

/** A beginning that has come so far. */
interface Progress {
  /** Of its first step. */
  readonly startMs: number
  /** The weakest of its steps. */
  readonly evidence: EvidenceClass
  /** Of all its steps; where two have a group of the same name, of the later. */
  readonly captures: Captures
}
/** Place n: what has done n + 1 steps. */
type Stages = (Progress | undefined)[]

/**
 * `sequence`: one step after the other, the last one less than `within` after the first. Of beginnings that overlap, the newest one is kept for
 * each number of steps done: it can be completed whenever an older one could, so none is missed, and a key holds at most as many as there are
 * steps. A completed one is used up; newer beginnings go on. `without` makes all of the key begin anew. A message that fulfils
 * several steps is taken for each of them, but never for two of one sequence.
 */
export class SequenceKind implements Kind {
  readonly #tools: Tools<WhenOf<'sequence'>>

  constructor(tools: Tools<WhenOf<'sequence'>>) {
    this.#tools = tools
  }

  take({ role, step, given }: Part): void {
    const { keys, keyless } = this.#tools
    if (role === 'without') {
      for (const slot of keys.agreeing(given)) keys.remove(slot)
    } else if (step === 0) {
      const slot = keys.begin(given, 0)
      if (slot < 0) return keyless()
      const { subject, captures } = given
      this.#reach(slot, { stages: keys.isNew ? [] : this.#read(slot, subject.atMs), done: 1, progress: { startMs: subject.atMs, evidence: subject.evidence, captures }, given })
    } else for (const slot of keys.agreeing(given)) this.#step(slot, step, given)
  }

  due(slot: number, nowMs: number): void {
    this.#write(slot, this.#read(slot, nowMs))
  }

  restored(slot: number): void {
    const ends = this.#read(slot, -Infinity)
    if (ends.every((progress) => progress === undefined)) throw new RangeError('no beginning')
    this.#tools.keys.store.timers.set(slot, this.#endMs(ends))
  }

  explain(slot: number, nowMs: number): KeyState {
    const { steps } = this.#tools.when
    const stages = this.#read(slot, nowMs)
    const done = stages.findLastIndex((progress) => progress !== undefined) + 1
    if (done === 0) return { summary: 'no step', have: 0, need: steps.length, dueMs: undefined }
    const dueMs = stages[done - 1]!.startMs + this.#tools.when.withinMs
    const names = steps.slice(0, done).map(({ id }) => id)
    return { summary: `${done} of ${steps.length} steps (${names.join(', ')}); begins anew at ${new Date(dueMs).toISOString()}`, have: done, need: steps.length, dueMs }
  }

  #step(slot: number, step: number, given: Given): void {
    const stages = this.#read(slot, given.subject.atMs)
    const before = stages[step - 1]
    if (before === undefined) return
    stages[step - 1] = undefined
    const progress = { startMs: before.startMs, evidence: weakerOf(before.evidence, given.subject.evidence), captures: { ...before.captures, ...given.captures } }
    this.#reach(slot, { stages, done: step + 1, progress, given })
  }

  #reach(slot: number, { stages, done, progress, given }: { readonly stages: Stages; readonly done: number; readonly progress: Progress; readonly given: Given }): void {
    const { when, report, keys } = this.#tools
    if (done < when.steps.length) stages[done - 1] = progress
    else report.raise(keys.keyOf(slot), { reason: 'completed', subject: { ...given.subject, evidence: progress.evidence }, captures: progress.captures })
    this.#write(slot, stages)
  }

  #endMs(stages: Stages): number {
    return Math.max(...stages.map((progress) => (progress === undefined ? 0 : progress.startMs + this.#tools.when.withinMs)))
  }

  #write(slot: number, stages: Stages): void {
    const { keys, writer } = this.#tools
    if (stages.every((progress) => progress === undefined)) return keys.remove(slot)
    writer.clear()
    for (const [index, progress] of stages.entries()) {
      if (progress === undefined) continue
      writer.byte(index).f64(progress.startMs).byte(EVIDENCE_CLASSES.indexOf(progress.evidence))
      writeCaptures(writer, progress.captures)
    }
    keys.write(slot, writer.written)
    keys.store.timers.set(slot, this.#endMs(stages))
  }

  /** What is still in time at `nowMs`. */
  #read(slot: number, nowMs: number): Stages {
    const reader = new ByteReader(this.#tools.keys.store.stateOf(slot))
    const stages: Stages = Array.from({ length: this.#tools.when.steps.length - 1 }, () => undefined)
    while (!reader.isAtEnd) {
      const index = reader.byte()
      const progress = { startMs: reader.f64(), evidence: EVIDENCE_CLASSES[reader.byte()]!, captures: readCaptures(reader) }
      if (index >= stages.length) throw new RangeError('no such step')
      if (nowMs - progress.startMs < this.#tools.when.withinMs) stages[index] = progress
    }
    return stages
  }
}
