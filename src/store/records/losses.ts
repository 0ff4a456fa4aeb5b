import type { Loss, LossReason, ShedTemplate } from '#domain/loss.ts'
import type { HubDatabase } from './database.ts'

/** What was shed of one sender in one shape. */
export interface ShedRecord extends ShedTemplate { readonly sourceId: number }

/** Rows of `losses` and `shed_templates`. The log writer writes; every thread may read. */
export interface LossRecords {
  /** Entries of the hours from `sinceMs` on, newest hour first; of one source or one session, or of all. */
  list(filter: { readonly sinceMs: number; readonly untilMs?: number | undefined; readonly sourceId?: number | undefined; readonly limit: number }): Loss[]
  /** Of these very ids, all hours. */
  ofSessions(ids: readonly number[]): Loss[]
  shed(sourceId?: number): ShedRecord[]
  /** Adds to what the ledger has; a count may be negative: a number that was missing came late. */
  add(loss: Loss): void
  addShed(shed: ShedRecord): void
}

interface Row { hour_ms: number; source_id: number; listener: string; session_id: number; reason: string; count: number; first_ms: number; last_ms: number }
interface ShedRow { source_id: number; template_lo: number; template_hi: number; severity: number; count: number; first_ms: number; last_ms: number; sample: Buffer }

export function createLossRecords(db: HubDatabase): LossRecords {
  const list = db.prepare<{ since: number; until: number; source: number | null; limit: number }, Row>(
    'SELECT * FROM losses WHERE hour_ms >= :since AND hour_ms < :until AND (:source IS NULL OR source_id = :source) AND count <> 0 ORDER BY hour_ms DESC, source_id, listener, session_id, reason LIMIT :limit')
  const ofSessions = db.prepare<[string], Row>('SELECT * FROM losses WHERE session_id IN (SELECT value FROM json_each(?)) AND count <> 0 ORDER BY hour_ms')
  const shed = db.prepare<{ source: number | null }, ShedRow>('SELECT * FROM shed_templates WHERE :source IS NULL OR source_id = :source ORDER BY count DESC')
  const add = db.prepare(`
    INSERT INTO losses (hour_ms, source_id, listener, session_id, reason, count, first_ms, last_ms) VALUES (:hourMs, :sourceId, :listener, :sessionId, :reason, :count, :firstMs, :lastMs)
    ON CONFLICT (session_id, source_id, listener, reason, hour_ms) DO UPDATE SET count = count + excluded.count, first_ms = min(first_ms, excluded.first_ms), last_ms = max(last_ms, excluded.last_ms)`)
  const addShed = db.prepare(`
    INSERT INTO shed_templates (source_id, template_lo, template_hi, severity, count, first_ms, last_ms, sample) VALUES (:sourceId, :templateLo, :templateHi, :severity, :count, :firstMs, :lastMs, :sample)
    ON CONFLICT (source_id, template_lo, template_hi) DO UPDATE SET severity = excluded.severity, count = count + excluded.count, last_ms = max(last_ms, excluded.last_ms), sample = excluded.sample`)
  return {
    list: ({ sinceMs, untilMs = Number.MAX_SAFE_INTEGER, sourceId, limit }) => list.all({ since: sinceMs, until: untilMs, source: sourceId ?? null, limit }).map(lossOf),
    ofSessions: (ids) => ofSessions.all(JSON.stringify(ids)).map(lossOf),
    shed: (sourceId) => shed.all({ source: sourceId ?? null }).map(shedOf),
    add: (loss) => void add.run({ ...loss, firstMs: Math.round(loss.firstMs), lastMs: Math.round(loss.lastMs) }),
    addShed: (entry) => void addShed.run({ ...entry, firstMs: Math.round(entry.firstMs), lastMs: Math.round(entry.lastMs) }),
  }
}

const lossOf = (row: Row): Loss =>
  ({ hourMs: row.hour_ms, sourceId: row.source_id, listener: row.listener, sessionId: row.session_id, reason: row.reason as LossReason, count: row.count, firstMs: row.first_ms, lastMs: row.last_ms })
const shedOf = (row: ShedRow): ShedRecord =>
  ({ sourceId: row.source_id, templateLo: row.template_lo, templateHi: row.template_hi, severity: row.severity, count: row.count, firstMs: row.first_ms, lastMs: row.last_ms, sample: new Uint8Array(row.sample) })
