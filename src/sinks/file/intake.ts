import type { LineForm } from '../lines/form.ts'
import type { LineBuffer } from '../lines/line-buffer.ts'
import type { SeqRange } from '../protocol.ts'
import { createWalk, type WalkOptions } from '../walk.ts'

/** Lines are written when there are this many bytes of them. */
const CHUNK_BYTES = 1024 * 1024

export interface IntakeOptions extends WalkOptions {
  readonly form: LineForm
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
  const walk = createWalk({ reader, matcher })
  return (out, { afterSeq, uptoSeq, roomBytes, isEmpty }) => {
    let lines = 0
    let isFull = false
    out.length = 0
    const { seq, lost } = walk.go({
      afterSeq,
      uptoSeq,
      visit(batch, row) {
        if (out.length >= CHUNK_BYTES) return false
        const start = out.length
        form(out, batch, row)
        if (out.length > roomBytes && (start > 0 || !isEmpty)) {
          out.length = start
          isFull = true
          return false
        }
        lines++
        return true
      },
    })
    return { seq, lines, lost, isFull }
  }
}
