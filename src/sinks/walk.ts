import type { Batch } from '#domain/batch.ts'
import type { SeqRange } from './protocol.ts'

/** Rows looked at in one step, so that a search which finds little lets others in. */
const STEP_ROWS = 65_536

export type RowMatch = (batch: Batch, row: number) => boolean

export interface WalkOptions {
  readonly reader: { batchAfter(afterSeq: number): Batch | undefined }
  /** What is for this sink; asked for each batch, since names may have come. */
  readonly matcher: () => RowMatch
}

export interface Steps {
  /** undefined: from the oldest that is stored. */
  readonly afterSeq: number | undefined
  /** The newest committed. */
  readonly uptoSeq: number
  /** @returns false when there is no room for this row: the walk ends before it */
  visit(batch: Batch, row: number): boolean
}

export interface Walked {
  /** Everything up to here was visited, or is not for this sink. */
  readonly seq: number
  /** Ranges in which nothing is stored any more. */
  readonly lost: readonly SeqRange[]
  readonly isHeld: boolean
}

/** Reads the store forward. */
export interface Walk {
  /** @throws when the store cannot be read */
  go(steps: Steps): Walked
  /** When the first message after `seq` was received; undefined: there is none. @throws when the store cannot be read */
  receivedAfter(seq: number): number | undefined
}

export function createWalk({ reader, matcher }: WalkOptions): Walk {
  /** Read, and perhaps not used up: valid until the next is read. */
  let batch: Batch | undefined
  let matches: RowMatch | undefined

  /** The batch that holds the first message after `seq`. */
  function batchAfter(seq: number): Batch | undefined {
    if (batch !== undefined && batch.firstSeq <= seq + 1 && seq + 1 < batch.firstSeq + batch.rows) return batch
    batch = undefined
    batch = reader.batchAfter(seq)
    matches = matcher()
    return batch
  }

  return {
    go({ afterSeq, uptoSeq, visit }) {
      const lost: SeqRange[] = []
      let seq = afterSeq ?? 0
      let isNew = afterSeq === undefined
      let looked = 0
      while (seq < uptoSeq && looked < STEP_ROWS) {
        const rows = batchAfter(seq)
        const firstSeq = rows?.firstSeq ?? uptoSeq + 1
        if (firstSeq > seq + 1) {
          if (!isNew) lost.push({ fromSeq: seq + 1, toSeq: firstSeq - 1 })
          seq = firstSeq - 1
        }
        isNew = false
        if (rows === undefined) break
        for (let row = seq + 1 - firstSeq; row < rows.rows; row++) {
          looked++
          if (matches!(rows, row) && !visit(rows, row)) return { seq, lost, isHeld: true }
          seq = firstSeq + row
        }
      }
      return { seq, lost, isHeld: false }
    },
    receivedAfter(seq) {
      const rows = batchAfter(seq)
      return rows?.receivedMs[Math.max(0, seq + 1 - rows.firstSeq)]
    },
  }
}
