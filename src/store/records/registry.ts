import type { HubDatabase } from './database.ts'
import { createNodeRecords, type NodeRecord } from './nodes.ts'
import { createSessionRecords } from './sessions.ts'

/** A node with what provisioning shows of its session. The log writer owns these tables; this only reads them. */
export interface RegistryNode extends NodeRecord {
  /** Of the current session; undefined while that has none. */
  readonly sessionHash: string | undefined
}

export interface RegistryRecords {
  /** By name or alias. */
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

export function createRegistryRecords(db: HubDatabase): RegistryRecords {
  const nodes = createNodeRecords(db)
  const sessions = createSessionRecords(db)
  const named = db.prepare<[string, string, number], { count: number }>('SELECT count(*) AS count FROM (SELECT 1 FROM nodes WHERE name >= ? AND name < ? LIMIT ?)')
  const complete = (node: NodeRecord): RegistryNode => ({ ...node, sessionHash: node.currentSession === undefined ? undefined : sessions.shownHash(node.currentSession) })
  const found = (node: NodeRecord | undefined): RegistryNode | undefined => (node === undefined ? undefined : complete(node))
  return {
    findByName: (name) => found(nodes.byName(name)),
    findById: (id) => found(nodes.byId(id)),
    list: () => nodes.list().map(complete),
    ownerOfMac: (mac) => nodes.byMac(mac)?.id,
    registeredOwner(address) {
      const owner = nodes.byAddress(address)
      return owner?.kind === 'registered' ? owner.node.id : undefined
    },
    countNamed: (prefix, atMost) => named.get(prefix, `${prefix}\u{10ffff}`, atMost)!.count,
  }
}
