import type { Batch } from '#domain/batch.ts'
import type { LineForm } from '../lines/form.ts'
import type { LineBuffer } from '../lines/line-buffer.ts'
import type { SeqRange } from '../protocol.ts'

/** Lines are written when there are this many bytes of them. */
const CHUNK_BYTES = 1024 * 1024
/** Rows looked at in one step, so that a search which finds little lets others in. */
const STEP_ROWS = 65_536

export type RowMatch = (batch: Batch, row: number) => boolean

export interface IntakeOptions {
  readonly reader: { batchAfter(afterSeq: number): Batch | undefined }
  readonly form: LineForm
  /** What is for this sink; asked for each batch, since names may have come. */
  readonly matcher: () => RowMatch
}

export interface Request {
  /** undefined: from the oldest that is stored. */
  readonly afterSeq: number | undefined
  /** The newest committed. */
  readonly uptoSeq: number
  /** Bytes that the file may still take; one line is taken whatever it weighs when `isEmpty`. */
  readonly roomBytes: number
  readonly isEmpty: boolean
}

export interface Taken {
  /** Everything up to here is in the lines, or not for this sink. */
  readonly seq: number
  readonly lines: number
  readonly lost: readonly SeqRange[]
  /** The next line does not fit into the file any more. */
  readonly isFull: boolean
}

/** Reads the store forward and makes lines of it. @throws when the store cannot be read */
export function createIntake({ reader, form, matcher }: IntakeOptions): (out: LineBuffer, request: Request) => Taken {
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

  return (out, { afterSeq, uptoSeq, roomBytes, isEmpty }) => {
    const lost: SeqRange[] = []
    let seq = afterSeq ?? 0
    let isNew = afterSeq === undefined
    let lines = 0
    let looked = 0
    const taken = (isFull: boolean): Taken => ({ seq, lines, lost, isFull })
    out.length = 0
    while (seq < uptoSeq && out.length < CHUNK_BYTES && looked < STEP_ROWS) {
      const rows = batchAfter(seq)
      const firstSeq = rows?.firstSeq ?? uptoSeq + 1
      if (firstSeq > seq + 1) {
        if (!isNew) lost.push({ fromSeq: seq + 1, toSeq: firstSeq - 1 })
        seq = firstSeq - 1
      }
      isNew = false
      if (rows === undefined) break
      for (let row = seq + 1 - firstSeq; row < rows.rows && out.length < CHUNK_BYTES; row++) {
        looked++
        if (matches!(rows, row)) {
          const start = out.length
          form(out, rows, row)
          if (out.length > roomBytes && (start > 0 || !isEmpty)) {
            out.length = start
            return taken(true)
          }
          lines++
        }
        seq = firstSeq + row
      }
    }
    return taken(false)
  }
}
