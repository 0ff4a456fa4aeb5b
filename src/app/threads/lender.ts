import type { BatchHeader } from '#domain/batch.ts'

/**
 * Lends committed batches to one reader on another thread. A batch goes back to be filled again when both the log writer
 * and the reader are done with it. With `ahead` of them out nothing more is lent: the reader is told the last seq only, and
 * reads the store.
 */
export interface Lender {
  /** Lends the batch if the reader may have one more; call `release` for it afterwards in any case. */
  offer(header: BatchHeader): void
  /** The log writer is done with this batch: it goes back now, or when the reader has taken it. */
  release(header: BatchHeader): void
  /** The reader is done with the batch that ends with this seq. */
  taken(lastSeq: number): void
  /** The reader is no more: what it had comes back. */
  recall(): void
}

export function createLender({ ahead, lend, giveBack, onOut }: { readonly ahead: number; lend(header: BatchHeader): void; giveBack(header: BatchHeader): void; readonly onOut?: ((batches: number) => void) | undefined }): Lender {
  const out = new Map<number, BatchHeader>() // by last seq; bound: ahead
  const lastSeqOf = ({ firstSeq, rows }: BatchHeader): number => firstSeq + rows - 1
  return {
    offer(header) {
      if (out.size >= ahead) return
      out.set(lastSeqOf(header), header)
      onOut?.(out.size)
      lend(header)
    },
    release(header) {
      if (out.get(lastSeqOf(header))?.buffer !== header.buffer) giveBack(header)
    },
    taken(lastSeq) {
      const header = out.get(lastSeq)
      if (header === undefined) return
      out.delete(lastSeq)
      onOut?.(out.size)
      giveBack(header)
    },
    recall() {
      const headers = [...out.values()]
      out.clear()
      onOut?.(0)
      for (const header of headers) giveBack(header)
    },
  }
}
