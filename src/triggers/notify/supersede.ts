import type { OutboxRecords } from '#store/index.ts'
import { readNotice } from '../notice.ts'
import { withoutAlerts } from './compose.ts'

/** Takes alerts out of notices to a receiver that were not sent yet; a notice that has no other alert is cancelled. Returns how many alerts were taken out of something. */
export function takeOut(outbox: OutboxRecords, { alertIds, receiver, nowMs, why }: { readonly alertIds: Iterable<number>; readonly receiver: string; readonly nowMs: number; readonly why: string }): number {
  const rows = new Map<number, Set<number>>()
  const taken = new Set<number>()
  for (const alertId of alertIds) {
    for (const { id, state } of outbox.ofAlert(alertId, receiver)) {
      if (state !== 'queued' && state !== 'retry') continue
      rows.set(id, (rows.get(id) ?? new Set()).add(alertId))
      taken.add(alertId)
    }
  }
  for (const [id, gone] of rows) {
    const rest = outbox.alertsOf(id).filter((alertId) => !gone.has(alertId))
    const row = rest.length === 0 ? undefined : outbox.byId(id)
    if (row === undefined) outbox.cancel(id, { atMs: nowMs, why })
    else outbox.rewrite(id, { payload: JSON.stringify(withoutAlerts(readNotice(row), gone, rest.length)), alertIds: rest })
  }
  return taken.size
}
