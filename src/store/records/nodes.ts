import type { ClockOffset } from '#domain/source.ts'
import type { HubDatabase } from './database.ts'
import { clockOf, globOf } from './sources.ts'

/** How an address came to a node: given by the operator, leased by DHCP (as logged), or merely sent from. */
const ADDRESS_KINDS = ['registered', 'lease', 'seen'] as const
export type AddressKind = (typeof ADDRESS_KINDS)[number]

export interface NodeAddress {
  readonly address: string
  readonly kind: AddressKind
  /** The MAC that a lease was given to. */
  readonly mac: string | undefined
  readonly sinceMs: number
}

export interface NodeRecord {
  readonly id: number
  readonly name: string
  readonly registered: boolean
  readonly createdMs: number
  readonly lastSeenMs: number | undefined
  readonly currentSession: number | undefined
  readonly macs: readonly string[]
  readonly addresses: readonly NodeAddress[]
  /** Other names that mean this node. */
  readonly aliases: readonly string[]
  /** How far its clock is from the hub's; undefined: not yet known. */
  readonly clock: ClockOffset | undefined
}

/** The columns of a node that the log writer changes. */
type NodeRow = Pick<NodeRecord, 'id' | 'name' | 'registered' | 'createdMs' | 'lastSeenMs' | 'currentSession'> & { readonly clock?: ClockOffset | undefined }

/** Rows of `nodes`, `node_names`, `node_macs`, `node_addresses`. The log writer writes; every thread may read on its own connection. */
export interface NodeRecords {
  /** All nodes by name. */
  list(): NodeRecord[]
  byId(id: number): NodeRecord | undefined
  /** The name alone, for showing many messages. */
  nameOf(id: number): string | undefined
  clockOf(id: number): ClockOffset | undefined
  /** By name or alias, letters compared without case. */
  byName(name: string): NodeRecord | undefined
  byMac(mac: string): NodeRecord | undefined
  /** The owner of a canonical address, with the kind of ownership. */
  byAddress(address: string): { readonly node: NodeRecord; readonly kind: AddressKind } | undefined
  /** Ids that mean nodes, by name or alias; a trailing `*` makes it a prefix. A node that others proved to be has theirs too. */
  idsNamed(name: string): number[]
  /** Above every id that a node has or that a session names, so that ids are never given twice. */
  nextId(): number
  save(node: NodeRow): void
  remove(id: number): void
  /** The node proved to be another: its sessions are that one's, and its id means that one from now on. */
  merge(id: number, into: number, atMs: number): void
  saveName(name: string, nodeId: number): void
  removeName(name: string): void
  saveMac(mac: string, nodeId: number): void
  removeMac(mac: string): void
  saveAddress(nodeId: number, address: NodeAddress): void
  removeAddress(address: string): void
}

interface Row {
  id: number; name: string; registered: number; created_ms: number; last_seen_ms: number | null; current_session: number | null
  clock_offset_ms: number | null; clock_confirmed_ms: number | null
}
interface AddressRow { address: string; node_id: number; kind: AddressKind; mac: string | null; since_ms: number }

export function createNodeRecords(db: HubDatabase): NodeRecords {
  const all = db.prepare<[], Row>('SELECT * FROM nodes ORDER BY name')
  const one = db.prepare<[number], Row>('SELECT * FROM nodes WHERE id = ?')
  const named = db.prepare<[string], { node_id: number }>('SELECT node_id FROM node_names WHERE name = ?')
  const ofMac = db.prepare<[string], { node_id: number }>('SELECT node_id FROM node_macs WHERE mac = ?')
  const ofAddress = db.prepare<[string], AddressRow>('SELECT * FROM node_addresses WHERE address = ?')
  const glob = db.prepare<[string], { node_id: number }>('SELECT DISTINCT node_id FROM node_names WHERE name GLOB ? ORDER BY node_id')
  const names = db.prepare<[number], { name: string }>('SELECT name FROM node_names WHERE node_id = ? ORDER BY name')
  const macs = db.prepare<[number], { mac: string }>('SELECT mac FROM node_macs WHERE node_id = ? ORDER BY mac')
  const addresses = db.prepare<[number], AddressRow>('SELECT * FROM node_addresses WHERE node_id = ? ORDER BY kind = \'registered\' DESC, address')
  const target = db.prepare<[number], { into_id: number }>('SELECT into_id FROM node_merges WHERE node_id = ?')
  const merged = db.prepare<[number], { node_id: number }>('SELECT node_id FROM node_merges WHERE into_id = ? ORDER BY node_id')
  const highest = db.prepare<[], { id: number }>('SELECT max(coalesce((SELECT max(id) FROM nodes), 0), coalesce((SELECT max(node_id) FROM sessions), 0), coalesce((SELECT max(node_id) FROM node_merges), 0)) AS id')
  const complete = (row: Row): NodeRecord => recordOf(row, {
    names: names.all(row.id).map((found) => found.name),
    macs: macs.all(row.id).map((found) => found.mac),
    addresses: addresses.all(row.id).map(addressOf),
  })
  const rowOf = (id: number): Row | undefined => one.get(id) ?? one.get(target.get(id)?.into_id ?? 0)
  const byId = (id: number | undefined): NodeRecord | undefined => {
    const row = id === undefined ? undefined : rowOf(id)
    return row === undefined ? undefined : complete(row)
  }
  return {
    list: () => listAll(db, all.all()),
    byId,
    nameOf: (id) => rowOf(id)?.name,
    clockOf(id) {
      const row = rowOf(id)
      return row === undefined ? undefined : clockOf(row)
    },
    byName: (name) => byId(named.get(name.toLowerCase())?.node_id),
    byMac: (mac) => byId(ofMac.get(mac)?.node_id),
    byAddress(address) {
      const row = ofAddress.get(address)
      const node = byId(row?.node_id)
      return row === undefined || node === undefined ? undefined : { node, kind: row.kind }
    },
    idsNamed: (name) => glob.all(globOf(name.toLowerCase())).flatMap((row) => [row.node_id, ...merged.all(row.node_id).map((of) => of.node_id)]),
    nextId: () => highest.get()!.id + 1,
    ...createNodeWrites(db),
  }
}

/** Four scans instead of three queries a node: `list` is shown often, with thousands of nodes. */
function listAll(db: HubDatabase, rows: readonly Row[]): NodeRecord[] {
  const byNode = <T extends { node_id: number }>(found: readonly T[]): Map<number, T[]> => Map.groupBy(found, (row) => row.node_id)
  const names = byNode(db.prepare<[], { node_id: number; name: string }>('SELECT node_id, name FROM node_names ORDER BY name').all())
  const macs = byNode(db.prepare<[], { node_id: number; mac: string }>('SELECT node_id, mac FROM node_macs ORDER BY mac').all())
  const addresses = byNode(db.prepare<[], AddressRow>('SELECT * FROM node_addresses ORDER BY kind = \'registered\' DESC, address').all())
  return rows.map((row) => recordOf(row, {
    names: (names.get(row.id) ?? []).map((found) => found.name),
    macs: (macs.get(row.id) ?? []).map((found) => found.mac),
    addresses: (addresses.get(row.id) ?? []).map(addressOf),
  }))
}

function createNodeWrites(db: HubDatabase): Pick<NodeRecords, 'save' | 'remove' | 'merge' | 'saveName' | 'removeName' | 'saveMac' | 'removeMac' | 'saveAddress' | 'removeAddress'> {
  const save = db.prepare(`
    INSERT INTO nodes (id, name, registered, created_ms, last_seen_ms, current_session, clock_offset_ms, clock_confirmed_ms)
    VALUES (:id, :name, :registered, :createdMs, :lastSeenMs, :currentSession, :clockOffsetMs, :clockConfirmedMs)
    ON CONFLICT (id) DO UPDATE SET name = excluded.name, registered = excluded.registered, last_seen_ms = excluded.last_seen_ms,
      current_session = excluded.current_session, clock_offset_ms = excluded.clock_offset_ms, clock_confirmed_ms = excluded.clock_confirmed_ms`)
  const remove = db.prepare('DELETE FROM nodes WHERE id = ?')
  const moveSessions = db.prepare('UPDATE sessions SET node_id = :into WHERE node_id = :id')
  const moveMerges = db.prepare('UPDATE node_merges SET into_id = :into WHERE into_id = :id')
  const saveMerge = db.prepare('INSERT INTO node_merges (node_id, into_id, at_ms) VALUES (:id, :into, :atMs)')
  const saveName = db.prepare('INSERT INTO node_names (name, node_id) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET node_id = excluded.node_id')
  const removeName = db.prepare('DELETE FROM node_names WHERE name = ?')
  const saveMac = db.prepare('INSERT INTO node_macs (mac, node_id) VALUES (?, ?) ON CONFLICT (mac) DO UPDATE SET node_id = excluded.node_id')
  const removeMac = db.prepare('DELETE FROM node_macs WHERE mac = ?')
  const saveAddress = db.prepare(`
    INSERT INTO node_addresses (address, node_id, kind, mac, since_ms) VALUES (?, ?, ?, ?, ?)
    ON CONFLICT (address) DO UPDATE SET node_id = excluded.node_id, kind = excluded.kind, mac = excluded.mac, since_ms = excluded.since_ms`)
  const removeAddress = db.prepare('DELETE FROM node_addresses WHERE address = ?')
  return {
    save: (node) => void save.run({
      id: node.id, name: node.name, registered: node.registered ? 1 : 0, createdMs: Math.round(node.createdMs),
      lastSeenMs: node.lastSeenMs === undefined ? null : Math.round(node.lastSeenMs), currentSession: node.currentSession ?? null,
      clockOffsetMs: node.clock?.offsetMs ?? null, clockConfirmedMs: node.clock === undefined ? null : Math.round(node.clock.confirmedMs),
    }),
    remove: (id) => void remove.run(id),
    merge(id, into, atMs) {
      moveSessions.run({ id, into })
      moveMerges.run({ id, into })
      saveMerge.run({ id, into, atMs: Math.round(atMs) })
      remove.run(id)
    },
    saveName: (name, nodeId) => void saveName.run(name, nodeId),
    removeName: (name) => void removeName.run(name),
    saveMac: (mac, nodeId) => void saveMac.run(mac, nodeId),
    removeMac: (mac) => void removeMac.run(mac),
    saveAddress: (nodeId, { address, kind, mac, sinceMs }) => void saveAddress.run(address, nodeId, kind, mac ?? null, Math.round(sinceMs)),
    removeAddress: (address) => void removeAddress.run(address),
  }
}

const addressOf = (row: AddressRow): NodeAddress => ({ address: row.address, kind: row.kind, mac: row.mac ?? undefined, sinceMs: row.since_ms })

function recordOf(row: Row, parts: { readonly names: readonly string[]; readonly macs: readonly string[]; readonly addresses: readonly NodeAddress[] }): NodeRecord {
  return {
    id: row.id, name: row.name, registered: row.registered === 1, createdMs: row.created_ms,
    lastSeenMs: row.last_seen_ms ?? undefined, currentSession: row.current_session ?? undefined,
    macs: parts.macs, addresses: parts.addresses, aliases: parts.names.filter((name) => name !== row.name), clock: clockOf(row),
  }
}
