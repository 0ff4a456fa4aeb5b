import type { HubDatabase } from './database.ts'

/** What rules may know of a node, as the tables have it. */
export interface NodeFactsRow {
  readonly id: number
  readonly name: string
  readonly state: string
  readonly profile: string
  /** JSON */
  readonly labels: string
  /** 0: none. */
  readonly session: number
  /** '' : none. */
  readonly stage: string
}

/** Every node with what is known of it; one query, however many there are. */
export function createNodeFactsRecords(db: HubDatabase): { all(): IterableIterator<NodeFactsRow> } {
  const all = db.prepare<[], NodeFactsRow>(
    `SELECT n.id, n.name, coalesce(p.state, '') AS state, coalesce(p.profile, '') AS profile, coalesce(p.labels, '{}') AS labels, coalesce(s.id, 0) AS session, coalesce(s.stage, '') AS stage
     FROM nodes n LEFT JOIN provision p ON p.node_id = n.id LEFT JOIN sessions s ON s.id = n.current_session`,
  )
  return { all: () => all.iterate() }
}
