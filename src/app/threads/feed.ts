import { copyBatch, packBatch, type Batch, type BatchHeader } from '#domain/batch.ts'

/** Copies under way to main at once; a busy main reads the store instead. */
export const LIVE_AHEAD = 4

/**
 * Copies of committed batches for one consumer on another thread that may take its time. The consumer gives back a credit
 * for each; with `ahead` of them out it gets no more copies, is told the last seq only, and reads the store.
 */
export interface Feed {
  /** Whether anyone listens; a feed that is off copies nothing. */
  isOn: boolean
  send(batch: Batch): void
  /** The consumer took one. */
  credit(): void
}

/** @param options.post gives the copy away; `buffer` goes into the transfer list. `onOut` hears how many are out, `onWithheld` of each that is not copied */
export function createFeed({ ahead, post, onOut, onWithheld }: { readonly ahead: number; post(header: BatchHeader, buffer: ArrayBuffer): void; onOut(copies: number): void; onWithheld(): void }): Feed {
  let out = 0
  return {
    isOn: false,
    send(batch) {
      if (!this.isOn) return
      if (out >= ahead) return onWithheld()
      onOut(++out)
      const copy = copyBatch(batch)
      post(packBatch(copy), copy.buffer)
    },
    credit() {
      onOut(--out)
    },
  }
}
