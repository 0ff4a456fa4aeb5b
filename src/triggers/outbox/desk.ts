import { createOutboxRecords, type HubDatabase } from '#store/index.ts'
import type { Logger } from '#telemetry/index.ts'
import { GIVE_UP_AFTER_MS } from './schedule.ts'

/** What waits and is not wanted any more: of a rule (notices about others too keep these), to a receiver, or all. */
export type WaitingOf = { readonly rule: string } | { readonly receiver: string } | { readonly all: true }
export type DeskOutcome = 'done' | 'no-such-row' | 'not-now'

/** What people do about the outbox. Each is one transaction; the outbox is to be woken after `again`. */
export interface OutboxDesk {
  /** A row that was given up or cancelled is sent again, for as long as a new one; `not-now`: it is neither. */
  again(id: number, by: string): DeskOutcome
  /** `not-now`: it does not wait. */
  cancel(id: number, by: string): DeskOutcome
  /** Returns how many rows do not go out any more. */
  cancelWaiting(of: WaitingOf, by: string): number
}

/** Rows looked at in one go. */
const AT_ONCE = 1000
const WAITING = ['queued', 'held', 'retry'] as const

export function createOutboxDesk({ db, clock, log }: { readonly db: HubDatabase; readonly clock: () => number; readonly log: Logger }): OutboxDesk {
  const records = createOutboxRecords(db)
  const outcome = (id: number, isDone: boolean): DeskOutcome => (isDone ? 'done' : records.byId(id) === undefined ? 'no-such-row' : 'not-now')

  function cancelAll(of: WaitingOf, by: string): number {
    let cancelled = 0
    let belowId: number | undefined
    for (;;) {
      const rows = records.list(AT_ONCE, { states: WAITING, ...('all' in of ? {} : of), belowId })
      for (const { id } of rows) if (records.cancel(id, { atMs: clock(), why: `cancelled by ${by}` })) cancelled++
      if (rows.length < AT_ONCE) return cancelled
      belowId = rows.at(-1)!.id
    }
  }

  return {
    again(id, by) {
      const nowMs = clock()
      const isDone = records.again(id, { nowMs, giveUpMs: nowMs + GIVE_UP_AFTER_MS })
      if (isDone) log.info({ outbox: id, by }, 'notice is sent again')
      return outcome(id, isDone)
    },
    cancel(id, by) {
      const isDone = records.cancel(id, { atMs: clock(), why: `cancelled by ${by}` })
      if (isDone) log.info({ outbox: id, by }, 'notice cancelled')
      return outcome(id, isDone)
    },
    cancelWaiting(of, by) {
      const cancelled = db.transaction(() => cancelAll(of, by)).immediate()
      if (cancelled > 0) log.warn({ ...of, by, notices: cancelled }, 'notices cancelled')
      return cancelled
    },
  }
}
