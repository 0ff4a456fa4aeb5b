import { AppFault } from '#domain/fault.ts'
import type { Receipt } from '#domain/stream.ts'

/** Callers of the HTTP log door wait here until their rows are on disk. */
export const MAX_RECEIPTS = 10_000
/** The writer answers in milliseconds; a receipt that takes longer than this is a fault that the caller must hear of. */
const RECEIPT_TIMEOUT_MS = 30_000

export interface Receipts {
  /** Callers that wait. */
  readonly size: number
  /** An id to send with the body, and the promise of its receipt. Rejects when the disk refused or the wait was too long. */
  wait(): { readonly id: number; readonly receipt: Promise<Receipt> }
  settle(receipts: readonly Receipt[]): void
  fail(receipts: readonly Receipt[], reason: string): void
  abandon(): void
}

export function createReceipts(): Receipts {
  const waiting = new Map<number, { resolve(receipt: Receipt): void; reject(fault: AppFault): void; readonly timer: NodeJS.Timeout }>()
  let nextId = 1
  const take = (id: number) => {
    const entry = waiting.get(id)
    if (entry !== undefined) clearTimeout(entry.timer)
    waiting.delete(id)
    return entry
  }
  return {
    get size() {
      return waiting.size
    },
    wait() {
      if (waiting.size >= MAX_RECEIPTS) throw new AppFault('too-many', `${MAX_RECEIPTS} callers are waiting for the disk`)
      const id = nextId++
      const receipt = new Promise<Receipt>((resolve, reject) => {
        const timer = setTimeout(() => take(id)?.reject(new AppFault('store-failed', 'The messages were not confirmed in time; they may be stored')), RECEIPT_TIMEOUT_MS)
        waiting.set(id, { resolve, reject, timer })
      })
      return { id, receipt }
    },
    settle(receipts) {
      for (const receipt of receipts) take(receipt.id)?.resolve(receipt)
    },
    fail(receipts, reason) {
      for (const receipt of receipts) take(receipt.id)?.reject(new AppFault('store-failed', reason))
    },
    abandon() {
      for (const id of waiting.keys()) take(id)?.reject(new AppFault('shutting-down', 'The hub is stopping; the messages may be stored'))
    },
  }
}
