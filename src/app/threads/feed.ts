import { copyBatch, packBatch, type Batch, type BatchHeader } from '#domain/batch.ts'

/**
 * Copies of committed batches for one consumer on another thread. The consumer gives back a credit for each; with
 * `ahead` of them out it gets no more copies, is told the last seq only, and reads the store.
 */
export interface Feed {
  /** Whether anyone listens; a feed that is off copies nothing. */
  isOn: boolean
  send(batch: Batch): void
  /** The consumer took one; its buffer, when it comes back, holds a later copy. */
  credit(buffer?: ArrayBuffer): void
  readonly withheld: number
}

export function createFeed({ ahead, post, isOn }: { readonly ahead: number; readonly isOn: boolean; post(header: BatchHeader): void }): Feed {
  let out = 0
  let withheld = 0
  const spares: ArrayBuffer[] = [] // bound: ahead
  return {
    isOn,
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
      post(packBatch(copyBatch(batch, spares.pop())))
    },
    credit(buffer) {
      out--
      if (buffer !== undefined && spares.length < ahead) spares.push(buffer)
    },
  }
}
