import { LOSS_HOUR_MS, type Loss, type LossReason } from '#domain/loss.ts'
import type { LossRecords, ShedRecord } from '#store/index.ts'

/** Entries that wait to be written at once; they are written with every flush. */
const MAX_WAITING = 10_000

export interface LossEntry {
  readonly sourceId: number
  readonly listener: string
  readonly sessionId: number
  readonly reason: LossReason
  /** May be negative: a number that was missing came late. */
  readonly count: number
  readonly firstMs: number
  readonly lastMs: number
}

/** The writer's end of the loss ledger: adds up by hour, and writes into the transaction of whoever flushes. */
export interface Losses {
  add(entry: LossEntry): void
  addShed(entry: ShedRecord): void
  /** What waits must be written before the rows of this batch are settled. */
  readonly isFull: boolean
  readonly hasAny: boolean
  /** Writes all that waits; call `written` once the transaction is through. */
  write(): void
  written(): void
}

export function createLosses(records: LossRecords): Losses {
  const waiting = new Map<string, Loss>()
  let shed: ShedRecord[] = []
  return {
    add(entry) {
      const hourMs = Math.floor(entry.lastMs / LOSS_HOUR_MS) * LOSS_HOUR_MS
      const key = `${hourMs} ${entry.sourceId} ${entry.sessionId} ${entry.reason} ${entry.listener}`
      const before = waiting.get(key)
      waiting.set(key, before === undefined ? { ...entry, hourMs } : { ...before, count: before.count + entry.count, firstMs: Math.min(before.firstMs, entry.firstMs), lastMs: Math.max(before.lastMs, entry.lastMs) })
    },
    addShed: (entry) => void shed.push(entry),
    get isFull() {
      return waiting.size + shed.length >= MAX_WAITING
    },
    get hasAny() {
      return waiting.size + shed.length > 0
    },
    write() {
      for (const loss of waiting.values()) records.add(loss)
      for (const entry of shed) records.addShed(entry)
    },
    written() {
      waiting.clear()
      shed = []
    },
  }
}
