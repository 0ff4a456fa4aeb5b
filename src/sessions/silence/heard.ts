import { newRhythm, type GapLength, type Rhythm } from '#domain/silence.ts'
import type { RhythmRecord, SilenceRecord } from '#store/index.ts'

/** A node or a sender that was heard; changed in place. */
export class Heard implements Rhythm {
  readonly subject: 'node' | 'source'
  readonly id: number
  spokeMs: number
  countedMs: number
  floorMs: number
  isTold = false
  gaps = 0
  learnedMs = Number.MIN_VALUE // not 0: see NO_RATE in ../sources.ts
  readonly lengths: GapLength[] = []
  /** Its last message; of a sender 0. */
  lastSeq = 0
  /** Told, and going on. */
  silence: SilenceRecord | undefined = undefined
  savedMs: number
  isDirty = false

  constructor({ subject, id, atMs }: { readonly subject: 'node' | 'source'; readonly id: number; readonly atMs: number }) {
    const rhythm = newRhythm(atMs)
    this.subject = subject
    this.id = id
    this.spokeMs = rhythm.spokeMs
    this.countedMs = rhythm.countedMs
    this.floorMs = rhythm.floorMs
    this.savedMs = Number.NEGATIVE_INFINITY
  }
}

/** As hub.db has it. The hub starts now: everybody gets its limit anew. */
export function restoreHeard(record: RhythmRecord, nowMs: number): Heard {
  const heard = new Heard({ subject: record.subject === 'node' ? 'node' : 'source', id: record.id, atMs: record.spokeMs })
  Object.assign(heard, { gaps: record.gaps, lastSeq: record.lastSeq, learnedMs: Math.max(Number.MIN_VALUE, record.learnedMs), floorMs: nowMs, savedMs: nowMs })
  heard.lengths.push(...record.lengths.map((length) => ({ ...length })))
  return heard
}
