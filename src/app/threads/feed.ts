import { copyBatch, packBatch, type Batch, type BatchHeader } from '#domain/batch.ts'

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
  readonly withheld: number
}

/** @param options.post gives the copy away; `buffer` goes into the transfer list */
export function createFeed({ ahead, post }: { readonly ahead: number; post(header: BatchHeader, buffer: ArrayBuffer): void }): Feed {
  let out = 0
  let withheld = 0
  return {
    isOn: false,
    get withheld() {
      return withheld
    },
    send(batch) {
      if (!this.isOn) return
      if (out >= ahead) {
        withheld++
        return
      }
      out++
      const copy = copyBatch(batch)
      post(packBatch(copy), copy.buffer)
    },
    credit() {
      out--
    },
  }
}
