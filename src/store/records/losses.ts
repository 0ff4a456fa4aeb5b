import type { Loss, LossReason } from '#domain/loss.ts'
import type { HubDatabase } from './database.ts'
import { createLossPruning, readFolded, type LossPruning } from './loss-pruning.ts'
import { createShedRecords, type ShedRecords } from './shed-templates.ts'

export const LOSS_GROUPINGS = ['reason', 'source', 'listener', 'session', 'hour'] as const
export type LossGrouping = (typeof LOSS_GROUPINGS)[number]

/** `sinceMs` 0: from the beginning, with what pruning left without its hour. */
export interface LossFilter { readonly sinceMs: number; readonly untilMs?: number | undefined; readonly sourceId?: number | undefined }
/** `key`: a reason, the id of a source or a session (0: unknown), a listener, or the start of an hour in epoch ms (0: pruning has removed it). */
export interface LossTotal { readonly key: string | number; readonly reason: LossReason; readonly count: number; readonly firstMs: number; readonly lastMs: number }
/** Messages of no known session that one listener lost in one hour. */
export interface UnplacedLoss { readonly listener: string; readonly reason: LossReason; readonly count: number; readonly firstMs: number; readonly lastMs: number }

/** Rows of `losses` and `shed_templates`. The log writer writes; every thread may read. */
export interface LossRecords extends LossPruning, ShedRecords {
  /** Entries of the hours from `sinceMs` on, newest hour first; of one source, or of all. */
  list(filter: LossFilter & { readonly limit: number }): Loss[]
  /** Added up by reason and by what is asked for. An entry belongs to the time asked for when any of it does. */
  totals(filter: LossFilter & { readonly by: LossGrouping }): LossTotal[]
  /** Of these very ids, all hours. */
  ofSessions(ids: readonly number[]): Loss[]
  /** Of no session that is known: what was lost from `sinceMs` on. */
  unplaced(sinceMs: number): UnplacedLoss[]
  /** What sessions with a number up to here have lost may count as that of no session: pruning has added it there. */
  foldedUpTo(): number
  /** Adds to what the ledger has; a count may be negative: a number that was missing came late. */
  add(loss: Loss): void
}

interface Row { hour_ms: number; source_id: number; listener: string; session_id: number; reason: string; count: number; first_ms: number; last_ms: number }
interface TotalRow { key: string | number; reason: string; count: number; first_ms: number; last_ms: number }

const KEY: Readonly<Record<LossGrouping, string>> = { reason: 'reason', source: 'source_id', listener: 'listener', session: 'session_id', hour: 'hour_ms' }

export function createLossRecords(db: HubDatabase): LossRecords {
  const list = db.prepare<{ since: number; until: number; source: number | null; limit: number }, Row>(
    'SELECT * FROM losses WHERE hour_ms >= :since AND hour_ms < :until AND (:source IS NULL OR source_id = :source) AND count <> 0 ORDER BY hour_ms DESC, source_id, listener, session_id, reason LIMIT :limit')
  const totals = (by: LossGrouping) => db.prepare<{ since: number; until: number; source: number | null }, TotalRow>(`
    SELECT ${KEY[by]} AS key, reason, sum(count) AS count, min(first_ms) AS first_ms, max(last_ms) AS last_ms FROM losses
    WHERE (:since = 0 OR (hour_ms > 0 AND last_ms >= :since)) AND first_ms < :until AND (:source IS NULL OR source_id = :source)
    GROUP BY ${KEY[by]}, reason HAVING sum(count) <> 0`)
  const ofSessions = db.prepare<[string], Row>('SELECT * FROM losses WHERE session_id IN (SELECT value FROM json_each(?)) AND count <> 0 ORDER BY hour_ms')
  const unplaced = db.prepare<[number], TotalRow>(`
    SELECT listener AS key, reason, sum(count) AS count, min(first_ms) AS first_ms, max(last_ms) AS last_ms FROM losses
    WHERE session_id = 0 AND last_ms >= ? GROUP BY listener, reason, hour_ms HAVING sum(count) > 0`)
  const add = db.prepare(`
    INSERT INTO losses (hour_ms, source_id, listener, session_id, reason, count, first_ms, last_ms) VALUES (:hourMs, :sourceId, :listener, :sessionId, :reason, :count, :firstMs, :lastMs)
    ON CONFLICT (session_id, source_id, listener, reason, hour_ms) DO UPDATE SET count = count + excluded.count, first_ms = min(first_ms, excluded.first_ms), last_ms = max(last_ms, excluded.last_ms)`)
  const prepared = new Map<LossGrouping, ReturnType<typeof totals>>()
  return {
    list: ({ sinceMs, untilMs = Number.MAX_SAFE_INTEGER, sourceId, limit }) => list.all({ since: sinceMs, until: untilMs, source: sourceId ?? null, limit }).map(lossOf),
    totals({ sinceMs, untilMs = Number.MAX_SAFE_INTEGER, sourceId, by }) {
      const statement = prepared.get(by) ?? totals(by)
      prepared.set(by, statement)
      return statement.all({ since: sinceMs, until: untilMs, source: sourceId ?? null }).map(totalOf)
    },
    ofSessions: (ids) => ofSessions.all(JSON.stringify(ids)).map(lossOf),
    unplaced: (sinceMs) => unplaced.all(sinceMs).map((row) => ({ listener: String(row.key), reason: row.reason as LossReason, count: row.count, firstMs: row.first_ms, lastMs: row.last_ms })),
    foldedUpTo: () => readFolded(db),
    add: (loss) => void add.run({ ...loss, firstMs: Math.round(loss.firstMs), lastMs: Math.round(loss.lastMs) }),
    ...createShedRecords(db),
    ...createLossPruning(db),
  }
}

const lossOf = (row: Row): Loss =>
  ({ hourMs: row.hour_ms, sourceId: row.source_id, listener: row.listener, sessionId: row.session_id, reason: row.reason as LossReason, count: row.count, firstMs: row.first_ms, lastMs: row.last_ms })
const totalOf = (row: TotalRow): LossTotal => ({ key: row.key, reason: row.reason as LossReason, count: row.count, firstMs: row.first_ms, lastMs: row.last_ms })
