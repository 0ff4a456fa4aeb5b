import type { ClockOffset, LearnedZone, Source, SourceForm, SourceRole, Transport } from '#domain/source.ts'
import type { HubDatabase } from './database.ts'

/** Rows of `sources`, `source_forms`, `source_zones`: who sends, and how. The log writer writes; every thread may read on its own connection. */
export interface SourceRecords {
  /** All senders, newest activity first. */
  list(): Source[]
  byId(id: number): Source | undefined
  addressOf(id: number): string | undefined
  /** Ids of the senders at an address (canonical text); a trailing `*` makes it a prefix. */
  idsAt(address: string): number[]
  /** What each sender sends, the most frequent first; of one sender, or of all. */
  forms(sourceId?: number): SourceForm[]
  /** Learned zones; of one sender, or of all. */
  zones(sourceId?: number): LearnedZone[]
  /** Inserts or replaces the row with this id. */
  save(source: Source): void
  saveForm(form: SourceForm): void
  saveZone(zone: LearnedZone): void
}

interface Row {
  id: number; address: string; transport: string; listener: string; certificate: string; roles: string
  first_seen_ms: number; last_seen_ms: number; messages: number; faulty: number; conflicts: number
  rate: number; clock_offset_ms: number | null; clock_confirmed_ms: number | null
}
interface FormRow { source_id: number; format: number; faults: number; messages: number; first_ms: number; last_ms: number; last_seq: number }
interface ZoneRow { source_id: number; host: string; offset_ms: number; since_ms: number; confirmed_ms: number }

export function createSourceRecords(db: HubDatabase): SourceRecords {
  const list = db.prepare<[], Row>('SELECT * FROM sources ORDER BY last_seen_ms DESC, id')
  const one = db.prepare<[number], Row>('SELECT * FROM sources WHERE id = ?')
  const at = db.prepare<[string], { id: number }>('SELECT id FROM sources WHERE address GLOB ? ORDER BY id')
  const forms = db.prepare<{ id: number | null }, FormRow>('SELECT * FROM source_forms WHERE :id IS NULL OR source_id = :id ORDER BY messages DESC, format, faults')
  const zones = db.prepare<{ id: number | null }, ZoneRow>('SELECT * FROM source_zones WHERE :id IS NULL OR source_id = :id ORDER BY source_id, host')
  return {
    list: () => list.all().map(sourceOf),
    byId(id) {
      const row = one.get(id)
      return row === undefined ? undefined : sourceOf(row)
    },
    addressOf: (id) => one.get(id)?.address,
    idsAt: (address) => at.all(globOf(address)).map((row) => row.id),
    forms: (id) => forms.all({ id: id ?? null }).map(formOf),
    zones: (id) => zones.all({ id: id ?? null }).map(zoneOf),
    ...createSourceWrites(db),
  }
}

function createSourceWrites(db: HubDatabase): Pick<SourceRecords, 'save' | 'saveForm' | 'saveZone'> {
  const save = db.prepare(`
    INSERT INTO sources (id, address, transport, listener, certificate, roles, first_seen_ms, last_seen_ms, messages, faulty, conflicts, rate, clock_offset_ms, clock_confirmed_ms)
    VALUES (:id, :address, :transport, :listener, :certificate, :roles, :firstSeenMs, :lastSeenMs, :messages, :faulty, :conflicts, :rate, :clockOffsetMs, :clockConfirmedMs)
    ON CONFLICT (id) DO UPDATE SET certificate = excluded.certificate, roles = excluded.roles, last_seen_ms = excluded.last_seen_ms,
      messages = excluded.messages, faulty = excluded.faulty, conflicts = excluded.conflicts,
      rate = excluded.rate, clock_offset_ms = excluded.clock_offset_ms, clock_confirmed_ms = excluded.clock_confirmed_ms`)
  const saveForm = db.prepare(`
    INSERT INTO source_forms (source_id, format, faults, messages, first_ms, last_ms, last_seq) VALUES (:sourceId, :format, :faults, :messages, :firstMs, :lastMs, :lastSeq)
    ON CONFLICT (source_id, format, faults) DO UPDATE SET messages = excluded.messages, last_ms = excluded.last_ms, last_seq = excluded.last_seq`)
  const saveZone = db.prepare(`
    INSERT INTO source_zones (source_id, host, offset_ms, since_ms, confirmed_ms) VALUES (:sourceId, :host, :offsetMs, :sinceMs, :confirmedMs)
    ON CONFLICT (source_id, host) DO UPDATE SET offset_ms = excluded.offset_ms, since_ms = excluded.since_ms, confirmed_ms = excluded.confirmed_ms`)
  return {
    save: ({ id, address, transport, listener, certificate, roles, firstSeenMs, lastSeenMs, messages, faulty, conflicts, rate, clock }) => void save.run({
      id, address, transport, listener, certificate, roles: roles.join(' '), firstSeenMs: Math.round(firstSeenMs), lastSeenMs: Math.round(lastSeenMs), messages, faulty, conflicts,
      rate, clockOffsetMs: clock?.offsetMs ?? null, clockConfirmedMs: clock === undefined ? null : Math.round(clock.confirmedMs),
    }),
    saveForm: ({ sourceId, format, faults, messages, firstMs, lastMs, lastSeq }) =>
      void saveForm.run({ sourceId, format, faults, messages, firstMs: Math.round(firstMs), lastMs: Math.round(lastMs), lastSeq }),
    saveZone: ({ sourceId, host, offsetMs, sinceMs, confirmedMs }) => void saveZone.run({ sourceId, host, offsetMs, sinceMs: Math.round(sinceMs), confirmedMs: Math.round(confirmedMs) }),
  }
}

const sourceOf = (row: Row): Source => ({
  id: row.id, address: row.address, transport: row.transport as Transport, listener: row.listener, certificate: row.certificate,
  roles: row.roles.split(' ').filter((role) => role !== '') as SourceRole[],
  firstSeenMs: row.first_seen_ms, lastSeenMs: row.last_seen_ms, messages: row.messages, faulty: row.faulty, conflicts: row.conflicts,
  rate: row.rate, clock: clockOf(row),
})

const formOf = (row: FormRow): SourceForm =>
  ({ sourceId: row.source_id, format: row.format, faults: row.faults, messages: row.messages, firstMs: row.first_ms, lastMs: row.last_ms, lastSeq: row.last_seq })
const zoneOf = (row: ZoneRow): LearnedZone => ({ sourceId: row.source_id, host: row.host, offsetMs: row.offset_ms, sinceMs: row.since_ms, confirmedMs: row.confirmed_ms })

/** Of a row of `sources` or `nodes`. */
export const clockOf = (row: { readonly clock_offset_ms: number | null; readonly clock_confirmed_ms: number | null }): ClockOffset | undefined =>
  row.clock_offset_ms === null || row.clock_confirmed_ms === null ? undefined : { offsetMs: row.clock_offset_ms, confirmedMs: row.clock_confirmed_ms }

/** A GLOB pattern that matches the text itself, or everything that begins with it when it ends in `*`. */
export function globOf(text: string): string {
  const prefix = text.endsWith('*')
  return (prefix ? text.slice(0, -1) : text).replace(/[[\]*?]/g, '[$&]') + (prefix ? '*' : '')
}
