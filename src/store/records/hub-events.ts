import type { HubEvent, HubEventKind } from '#domain/hub-event.ts'
import type { EvidenceClass } from '#domain/lifecycle.ts'
import type { HubDatabase } from './database.ts'

export type NewHubEvent = Omit<HubEvent, 'id'>

export interface HubEventRecords {
  /** Call it inside the transaction of what happened. */
  add(event: NewHubEvent): void
  /** Events after an id, in the order in which they were written. */
  after(id: number, limit: number): readonly HubEvent[]
  /** Events of a time, oldest first: for trying rules on the past. */
  between(span: { readonly fromMs: number; readonly toMs: number }): Iterable<HubEvent>
  /** Highest id that was ever given; 0: none. */
  newest(): number
  /** Removes events of before `beforeMs`, and beyond `keep` the oldest; returns how many. */
  prune(limits: { readonly beforeMs: number; readonly keep: number }): number
}

interface Raw { id: number; kind: HubEventKind; to_word: string; from_word: string; node_id: number; session_id: number; seq: number; at_ms: number; evidence: EvidenceClass; fields: string }

export function createHubEventRecords(db: HubDatabase): HubEventRecords {
  const add = db.prepare(
    `INSERT INTO hub_events (kind, to_word, from_word, node_id, session_id, seq, at_ms, evidence, fields) VALUES (@kind, @to, @from, @nodeId, @sessionId, @seq, @atMs, @evidence, @fields)`,
  )
  const after = db.prepare<[number, number], Raw>('SELECT * FROM hub_events WHERE id > ? ORDER BY id LIMIT ?')
  const between = db.prepare<[number, number], Raw>('SELECT * FROM hub_events WHERE at_ms >= ? AND at_ms < ? ORDER BY at_ms, id')
  const newest = db.prepare<[], { id: number }>(`SELECT seq AS id FROM sqlite_sequence WHERE name = 'hub_events'`)
  const prune = db.prepare<[number, number]>('DELETE FROM hub_events WHERE at_ms < ? OR id <= (SELECT max(id) FROM hub_events) - ?')
  return {
    add: (event) => void add.run({ ...event, fields: JSON.stringify(event.fields) }),
    after: (id, limit) => after.all(id, limit).map(read),
    *between({ fromMs, toMs }) {
      for (const raw of between.iterate(fromMs, toMs)) yield read(raw)
    },
    newest: () => newest.get()?.id ?? 0,
    prune: ({ beforeMs, keep }) => prune.run(beforeMs, keep).changes,
  }
}

const read = (raw: Raw): HubEvent => ({
  kind: raw.kind, id: raw.id, to: raw.to_word, from: raw.from_word, nodeId: raw.node_id, sessionId: raw.session_id, seq: raw.seq, atMs: raw.at_ms, evidence: raw.evidence,
  fields: JSON.parse(raw.fields) as Readonly<Record<string, string>>,
})
