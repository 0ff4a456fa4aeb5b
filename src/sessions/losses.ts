import { LOSS_HOUR_MS, type Loss } from '#domain/loss.ts'
import type { LossRecords, ShedRecord } from '#store/index.ts'
import type { WriterCounters } from './counters.ts'

/** Entries that wait to be written, kept apart; while hub.db refuses, what comes beyond is added up by listener and reason alone. */
export const MAX_WAITING = 10_000
/** Templates that wait to be written, each with its sample; beyond, only their number is kept, under template 0. */
export const MAX_WAITING_SHED = 10_000

/** The count may be negative: a number that was missing came late. */
export type LossEntry = Omit<Loss, 'hourMs'>

/** The writer's end of the loss ledger: adds up by hour, and writes into the transaction of whoever flushes. No number is given up, only whose it is. */
export interface Losses {
  add(entry: LossEntry): void
  addShed(entry: ShedRecord): void
  readonly hasAny: boolean
  /** Writes all that waits; call `written` once the transaction is through. */
  write(): void
  written(): void
}

export function createLosses(records: Pick<LossRecords, 'add' | 'addShed'>, counters: Pick<WriterCounters, 'add'>): Losses {
  const waiting = new Map<string, Loss>()
  const shed = new Map<string, ShedRecord>()
  const put = (loss: Loss): void => {
    const key = `${loss.hourMs} ${loss.sourceId} ${loss.sessionId} ${loss.reason} ${loss.listener}`
    const before = waiting.get(key)
    if (before !== undefined) waiting.set(key, addUp(before, loss))
    else if (waiting.size < MAX_WAITING || (loss.sourceId === 0 && loss.sessionId === 0)) waiting.set(key, loss)
    else put({ ...loss, sourceId: 0, sessionId: 0 })
  }
  const putShed = (entry: ShedRecord): void => {
    const key = `${entry.sourceId} ${entry.templateLo} ${entry.templateHi}`
    const before = shed.get(key)
    if (before !== undefined) shed.set(key, addUp(before, entry))
    else if (shed.size < MAX_WAITING_SHED || entry.sourceId === 0) shed.set(key, entry)
    else putShed({ ...entry, sourceId: 0, templateLo: 0, templateHi: 0 })
  }
  return {
    add({ sourceId, listener, sessionId, reason, count, firstMs, lastMs }) {
      if (count === 0) return
      put({ hourMs: Math.floor(lastMs / LOSS_HOUR_MS) * LOSS_HOUR_MS, sourceId, listener, sessionId, reason, count, firstMs, lastMs })
      if (count > 0) counters.add(`losses:${reason}`, count)
    },
    addShed: putShed,
    get hasAny() {
      return waiting.size + shed.size > 0
    },
    write() {
      for (const loss of waiting.values()) records.add(loss)
      for (const entry of shed.values()) records.addShed(entry)
    },
    written() {
      waiting.clear()
      shed.clear()
    },
  }
}

/** Two entries of one key; what is no number is the later one's. */
function addUp<T extends { readonly count: number; readonly firstMs: number; readonly lastMs: number }>(before: T, after: T): T {
  return { ...after, count: before.count + after.count, firstMs: Math.min(before.firstMs, after.firstMs), lastMs: Math.max(before.lastMs, after.lastMs) }
}
