import type { Source, SourceRole, Transport } from '#domain/source.ts'
import type { HubDatabase } from './database.ts'

/** Rows of `sources`: who sends. The log writer writes; every thread may read on its own connection. */
export interface SourceRecords {
  /** All senders, newest activity first. */
  list(): Source[]
  byId(id: number): Source | undefined
  addressOf(id: number): string | undefined
  /** Ids of the senders at an address (canonical text); a trailing `*` makes it a prefix. */
  idsAt(address: string): number[]
  /** Inserts or replaces the row with this id. */
  save(source: Source): void
}

interface Row {
  id: number; address: string; transport: string; listener: string; roles: string
  first_seen_ms: number; last_seen_ms: number; messages: number; faulty: number; conflicts: number
}

export function createSourceRecords(db: HubDatabase): SourceRecords {
  const list = db.prepare<[], Row>('SELECT * FROM sources ORDER BY last_seen_ms DESC, id')
  const one = db.prepare<[number], Row>('SELECT * FROM sources WHERE id = ?')
  const at = db.prepare<[string], { id: number }>('SELECT id FROM sources WHERE address GLOB ? ORDER BY id')
  const save = db.prepare(`
    INSERT INTO sources (id, address, transport, listener, roles, first_seen_ms, last_seen_ms, messages, faulty, conflicts)
    VALUES (:id, :address, :transport, :listener, :roles, :firstSeenMs, :lastSeenMs, :messages, :faulty, :conflicts)
    ON CONFLICT (id) DO UPDATE SET roles = excluded.roles, last_seen_ms = excluded.last_seen_ms,
      messages = excluded.messages, faulty = excluded.faulty, conflicts = excluded.conflicts`)
  return {
    list: () => list.all().map(sourceOf),
    byId(id) {
      const row = one.get(id)
      return row === undefined ? undefined : sourceOf(row)
    },
    addressOf: (id) => one.get(id)?.address,
    idsAt: (address) => at.all(globOf(address)).map((row) => row.id),
    save: (source) => void save.run({
      id: source.id, address: source.address, transport: source.transport, listener: source.listener, roles: source.roles.join(' '),
      firstSeenMs: Math.round(source.firstSeenMs), lastSeenMs: Math.round(source.lastSeenMs),
      messages: source.messages, faulty: source.faulty, conflicts: source.conflicts,
    }),
  }
}

const sourceOf = (row: Row): Source => ({
  id: row.id, address: row.address, transport: row.transport as Transport, listener: row.listener,
  roles: row.roles.split(' ').filter((role) => role !== '') as SourceRole[],
  firstSeenMs: row.first_seen_ms, lastSeenMs: row.last_seen_ms, messages: row.messages, faulty: row.faulty, conflicts: row.conflicts,
})

/** A GLOB pattern that matches the text itself, or everything that begins with it when it ends in `*`. */
export function globOf(text: string): string {
  const prefix = text.endsWith('*')
  return (prefix ? text.slice(0, -1) : text).replace(/[[\]*?]/g, '[$&]') + (prefix ? '*' : '')
}
