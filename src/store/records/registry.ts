import type { HubDatabase } from './database.ts'

/** A node with all that is known of it. The log writer owns these tables; this only reads them. */
export interface RegistryNode {
  readonly id: number
  readonly name: string
  readonly registered: boolean
  readonly lastSeenMs: number | undefined
  readonly macs: readonly string[]
  readonly addresses: readonly { readonly address: string; readonly kind: string }[]
  readonly aliases: readonly string[]
  readonly currentSession: { readonly id: number; readonly hash: string | undefined } | undefined
}

export interface RegistryRecords {
  /** By name, else by alias. */
  findByName(name: string): RegistryNode | undefined
  findById(id: number): RegistryNode | undefined
  /** All of them, by name. */
  list(): readonly RegistryNode[]
  ownerOfMac(mac: string): number | undefined
  /** The node for which an operator registered this address. */
  registeredOwner(address: string): number | undefined
  /** Nodes whose name begins so, counted up to `atMost`. */
  countNamed(prefix: string, atMost: number): number
}

interface RawNode { id: number; name: string; registered: number; last_seen_ms: number | null; macs: string; addresses: string; aliases: string; session: number | null; hash: string | null }

const SELECT = `
  SELECT n.id, n.name, n.registered, n.last_seen_ms, n.current_session AS session,
    (SELECT json_group_array(mac ORDER BY mac) FROM node_macs WHERE node_id = n.id) AS macs,
    (SELECT json_group_array(json_object('address', address, 'kind', kind) ORDER BY address) FROM node_addresses WHERE node_id = n.id) AS addresses,
    (SELECT json_group_array(name ORDER BY name) FROM node_names WHERE node_id = n.id AND name <> n.name) AS aliases,
    (SELECT hash FROM session_hashes WHERE session_id = n.current_session ORDER BY since_ms DESC LIMIT 1) AS hash
  FROM nodes n`

export function createRegistryRecords(db: HubDatabase): RegistryRecords {
  const byId = db.prepare<[number], RawNode>(`${SELECT} WHERE n.id = ?`)
  const byName = db.prepare<[string], RawNode>(`${SELECT} WHERE n.name = ?`)
  const byAlias = db.prepare<[string], RawNode>(`${SELECT} WHERE n.id = (SELECT node_id FROM node_names WHERE name = ?)`)
  const all = db.prepare<[], RawNode>(`${SELECT} ORDER BY n.name`)
  const macOwner = db.prepare<[string], { node_id: number }>('SELECT node_id FROM node_macs WHERE mac = ?')
  const addressOwner = db.prepare<[string], { node_id: number }>("SELECT node_id FROM node_addresses WHERE address = ? AND kind = 'registered'")
  const named = db.prepare<[string, string, number], { count: number }>('SELECT count(*) AS count FROM (SELECT 1 FROM nodes WHERE name >= ? AND name < ? LIMIT ?)')
  return {
    findByName: (name) => fromRow(byName.get(name) ?? byAlias.get(name)),
    findById: (id) => fromRow(byId.get(id)),
    list: () => all.all().map((row) => fromRow(row)!),
    ownerOfMac: (mac) => macOwner.get(mac)?.node_id,
    registeredOwner: (address) => addressOwner.get(address)?.node_id,
    countNamed: (prefix, atMost) => named.get(prefix, `${prefix}\u{10ffff}`, atMost)!.count,
  }
}

function fromRow(row: RawNode | undefined): RegistryNode | undefined {
  if (row === undefined) return undefined
  return {
    id: row.id,
    name: row.name,
    registered: row.registered !== 0,
    lastSeenMs: row.last_seen_ms ?? undefined,
    macs: JSON.parse(row.macs) as string[],
    addresses: JSON.parse(row.addresses) as { address: string; kind: string }[],
    aliases: JSON.parse(row.aliases) as string[],
    currentSession: row.session === null ? undefined : { id: row.session, hash: row.hash ?? undefined },
  }
}
