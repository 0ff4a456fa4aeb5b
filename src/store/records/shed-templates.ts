import type { ShedTemplate } from '#domain/loss.ts'
import type { HubDatabase } from './database.ts'

/** What was shed of one sender in one shape. */
export interface ShedRecord extends ShedTemplate { readonly sourceId: number }

/** Templates kept apart of one sender, and of all; what comes beyond is added up under template 0 of the sender, or of nobody. */
export const MAX_SHED_OF_SOURCE = 256
export const MAX_SHED = 50_000

export interface ShedRecords {
  /** The most frequent first; of one sender, or of all. */
  shed(filter?: { readonly sourceId?: number | undefined; readonly limit?: number | undefined }): ShedRecord[]
  addShed(entry: ShedRecord): void
  /** Those that were shed last before this. */
  removeShed(beforeMs: number): void
}

interface Row { source_id: number; template_lo: number; template_hi: number; severity: number; count: number; first_ms: number; last_ms: number; sample: Buffer }
type Params = Omit<ShedRecord, 'sample'> & { readonly sample: Uint8Array }

export function createShedRecords(db: HubDatabase, { maxOfSource = MAX_SHED_OF_SOURCE, max = MAX_SHED }: { readonly maxOfSource?: number; readonly max?: number } = {}): ShedRecords {
  const list = db.prepare<{ source: number | null; limit: number }, Row>('SELECT * FROM shed_templates WHERE :source IS NULL OR source_id = :source ORDER BY count DESC LIMIT :limit')
  const raise = db.prepare<Params>(`
    UPDATE shed_templates SET severity = :severity, count = count + :count, first_ms = min(first_ms, :firstMs), last_ms = max(last_ms, :lastMs), sample = :sample
    WHERE source_id = :sourceId AND template_lo = :templateLo AND template_hi = :templateHi`)
  const insert = db.prepare<Params>(`
    INSERT INTO shed_templates (source_id, template_lo, template_hi, severity, count, first_ms, last_ms, sample)
    VALUES (:sourceId, :templateLo, :templateHi, :severity, :count, :firstMs, :lastMs, :sample)`)
  const ofSource = db.prepare<[number], { rows: number }>('SELECT count(*) AS rows FROM shed_templates WHERE source_id = ?')
  const all = db.prepare<[], { rows: number }>('SELECT count(*) AS rows FROM shed_templates')
  // the samples make a count of all rows dear: it is made once, and again after a removal
  const remove = db.prepare('DELETE FROM shed_templates WHERE last_ms < ?')
  let rows: number | undefined
  const put = (entry: Params): void => {
    if (raise.run(entry).changes > 0) return
    const isRest = entry.templateLo === 0 && entry.templateHi === 0
    rows ??= all.get()!.rows
    if (rows >= max && entry.sourceId !== 0) return put({ ...entry, sourceId: 0, templateLo: 0, templateHi: 0 })
    if (!isRest && ofSource.get(entry.sourceId)!.rows >= maxOfSource) return put({ ...entry, templateLo: 0, templateHi: 0 })
    insert.run(entry)
    rows++
  }
  return {
    shed: ({ sourceId, limit = 1000 } = {}) => list.all({ source: sourceId ?? null, limit }).map(shedOf),
    addShed({ sourceId, templateLo, templateHi, severity, count, firstMs, lastMs, sample }) {
      put({ sourceId, templateLo, templateHi, severity, count, firstMs: Math.round(firstMs), lastMs: Math.round(lastMs), sample })
    },
    removeShed(beforeMs) {
      remove.run(beforeMs)
      rows = undefined
    },
  }
}

const shedOf = (row: Row): ShedRecord =>
  ({ sourceId: row.source_id, templateLo: row.template_lo, templateHi: row.template_hi, severity: row.severity, count: row.count, firstMs: row.first_ms, lastMs: row.last_ms, sample: new Uint8Array(row.sample) })
