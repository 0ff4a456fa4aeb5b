import { createOutboxRecords, type HubDatabase, type OutboxRow } from '#store/index.ts'
import { readNotice, type Notice } from '../notice.ts'
import { queueNotice } from '../notify/rows.ts'
import type { Routes } from '../routes/routes.ts'

export interface DeadLetterOptions {
  readonly db: HubDatabase
  readonly routes: () => Routes
  readonly clock: () => number
  readonly newId: () => string
}

/** One notice about notices that were given up tells so many of them by title, and comes once an hour. */
const MAX_TITLES = 50
const EVERY_MS = 3_600_000

/** Tells the fallback receiver that a notice to another one was given up; those that follow are gathered in the next. Inside the transaction that gives it up. */
export function createDeadLetter({ db, routes, clock, newId }: DeadLetterOptions): (row: OutboxRow, error: string) => void {
  const records = createOutboxRecords(db)
  return (row, error) => {
    const { fallback } = routes()
    const dead = readNotice(row)
    // a fallback that takes nothing either is told to nobody: the log and the page of the outbox show it
    if (fallback === undefined || fallback === row.receiver || dead.kind === 'dead') return
    const nowMs = clock()
    const [last] = records.list(1, { receiver: fallback, kind: 'dead' })
    const before = last === undefined ? undefined : readNotice(last)
    if (last?.state === 'queued' && before?.kind === 'dead' && before.to === row.receiver && before.channel === row.channel) {
      const more: Notice = { ...before, error, outboxIds: [...before.outboxIds, row.id].slice(-MAX_TITLES), titles: [...before.titles, dead.title].slice(-MAX_TITLES) }
      records.rewrite(last.id, { payload: JSON.stringify(more), alertIds: [] })
      return
    }
    const notice: Notice = {
      kind: 'dead', receiver: fallback, severity: 'error', title: `Notices to ${row.receiver} by ${row.channel} are given up`, atMs: nowMs,
      channel: row.channel, to: row.receiver, error, outboxIds: [row.id], titles: [dead.title],
    }
    const nextMs = last === undefined ? nowMs : Math.max(nowMs, Math.min(last.createdMs, nowMs) + EVERY_MS)
    queueNotice(records, { notice, receiver: routes().receiver(fallback), alertIds: [], rule: '', id: newId(), nowMs, nextMs })
  }
}
