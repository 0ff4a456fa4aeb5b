import { LOSSES, LOSS_HOUR_MS, type LossReason } from '#domain/loss.ts'
import type { LossRecords } from '#store/index.ts'
import type { Logger } from '#telemetry/index.ts'

/** The hours that may still be added to. */
const LOOKED_AT_MS = 2 * LOSS_HOUR_MS

/**
 * Says in the hub's own log what the ledger got since the last look, a line for each reason of lost messages; rules make
 * alerts of them. What was there before the first look was of another time. To be called about once a minute: so many lines at
 * most are the hub's part of a stream that is too much already.
 */
export function createLossLines({ losses, clock, log }: { readonly losses: Pick<LossRecords, 'totals'>; readonly clock: () => number; readonly log: Logger }): () => void {
  let before: ReadonlyMap<string, number> | undefined
  return () => {
    const now = new Map<string, number>()
    const more = new Map<LossReason, number>()
    for (const { key, reason, count } of losses.totals({ sinceMs: clock() - LOOKED_AT_MS, by: 'hour' })) {
      if (LOSSES[reason].kind !== 'lost') continue
      now.set(`${key} ${reason}`, count)
      const added = count - (before?.get(`${key} ${reason}`) ?? 0)
      if (before !== undefined && added > 0) more.set(reason, (more.get(reason) ?? 0) + added)
    }
    before = now
    for (const [reason, count] of more) log.warn({ reason, count }, 'Messages were lost')
  }
}
