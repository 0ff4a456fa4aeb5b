import { canonicalIp } from '#base/ip.ts'
import type { AddressKind, NodeAddress } from '#store/index.ts'
import { isProvisional, macName, shortName } from './host-name.ts'
import { ClockState, restoredClock } from './clock-offset.ts'
import type { Journal } from './journal.ts'
import type { NodeState } from './state.ts'

/** Who is who: nodes by name, MAC and address. Every change is in the journal before a message refers to it. */
export interface Directory {
  /** Grows whenever an answer given before may be different now. */
  readonly version: number
  readonly seenCount: number
  /** Something else about a node changed: which session it is in. */
  changed(): void
  readonly dirty: Set<NodeState>
  readonly byId: (id: number) => NodeState | undefined
  /** By name or alias; a full name also finds the node of its first part, unless that goes by another full name. */
  byName(name: string): NodeState | undefined
  byMac(mac: string): NodeState | undefined
  owner(address: string): Owner | undefined
  all(): Iterable<NodeState>
  /** A node that only its messages make known; undefined beyond the limit. */
  createSeen(name: string, atMs: number): NodeState | undefined
  createRegistered(name: string, atMs: number): NodeState
  /** Nodes renamed since this was asked last. */
  takeRenamed(): NodeState[]
  /** False when another node goes by the name. A provisional name is dropped, another stays as an alias. */
  rename(node: NodeState, name: string): boolean
  setRegistered(node: NodeState, isRegistered: boolean): void
  remove(node: NodeState): void
  /** The node is another one: that one gets its MACs and addresses, and its name is gone. */
  absorb(node: NodeState, into: NodeState, atMs: number): void
  addName(node: NodeState, name: string): void
  dropName(node: NodeState, name: string): void
  /** Whoever had the MAC before has it no longer. */
  addMac(node: NodeState, mac: string): void
  dropMac(node: NodeState, mac: string): void
  setAddress(node: NodeState, address: NodeAddress): void
  dropAddress(address: string): void
  touch(node: NodeState): void
}
export interface Owner { readonly node: NodeState; readonly kind: AddressKind; readonly mac: string | undefined; readonly sinceMs: number }

export function createDirectory({ journal, maxSeen }: { readonly journal: Journal; readonly maxSeen: number }): Directory {
  const nodes = new Map<number, NodeState>()
  const names = new Map<string, NodeState>()
  const macs = new Map<string, NodeState>()
  const owners = new Map<string, Owner>()
  const dirty = new Set<NodeState>()
  let nextId = journal.records.nodes.nextId()
  let version = 1
  let renamed: NodeState[] = []
  let seenCount = 0

  for (const record of journal.records.nodes.list()) {
    const node: NodeState = {
      ...newNode({ id: record.id, name: record.name, registered: record.registered, createdMs: record.createdMs }),
      lastSeenMs: record.lastSeenMs, clockState: restoredClock(record.clock),
    }
    nodes.set(node.id, node)
    if (!node.registered) seenCount++
    for (const name of [record.name, ...record.aliases]) names.set(name, node).get(name)!.names.add(name)
    for (const mac of record.macs) macs.set(mac, node).get(mac)!.macs.add(mac)
    for (const address of record.addresses) {
      owners.set(address.address, { node, kind: address.kind, mac: address.mac, sinceMs: address.sinceMs })
      node.addresses.set(address.address, address)
    }
  }

  const create = (fields: { readonly name: string; readonly registered: boolean; readonly createdMs: number }): NodeState => {
    const node = newNode({ id: nextId++, ...fields })
    nodes.set(node.id, node)
    if (!node.registered) seenCount++
    journal.add({ kind: 'node', node })
    addName(node, node.name)
    return node
  }
  const addName = (node: NodeState, name: string): void => {
    names.set(name, node)
    node.names.add(name)
    version++
    journal.add({ kind: 'name', name, nodeId: node.id })
  }
  const dropName = (node: NodeState, name: string): void => {
    if (!node.names.delete(name)) return
    names.delete(name)
    version++
    journal.add({ kind: 'remove-name', name })
  }
  const dropMac = (node: NodeState, mac: string): void => {
    if (!node.macs.delete(mac)) return
    macs.delete(mac)
    journal.add({ kind: 'remove-mac', mac })
  }
  const dropAddress = (address: string): void => {
    const owner = owners.get(address)
    if (owner === undefined) return
    owners.delete(address)
    owner.node.addresses.delete(address)
    version++
    journal.add({ kind: 'remove-address', address })
  }
  const addMac = (node: NodeState, mac: string): void => {
    const holder = macs.get(mac)
    if (holder === node) return
    if (holder !== undefined) dropMac(holder, mac)
    macs.set(mac, node)
    node.macs.add(mac)
    journal.add({ kind: 'mac', mac, nodeId: node.id })
  }
  const setAddress = (node: NodeState, address: NodeAddress): void => {
    const before = owners.get(address.address)
    if (before !== undefined && before.node === node && before.kind === address.kind && before.mac === address.mac) return
    if (before !== undefined && before.node !== node) before.node.addresses.delete(address.address)
    owners.set(address.address, { node, kind: address.kind, mac: address.mac, sinceMs: address.sinceMs })
    node.addresses.set(address.address, address)
    version++
    journal.add({ kind: 'address', nodeId: node.id, address })
  }
  const absorb = (node: NodeState, into: NodeState, atMs: number): void => {
    for (const name of node.names) dropName(node, name)
    for (const mac of node.macs) addMac(into, mac)
    for (const address of node.addresses.values()) setAddress(into, address)
    nodes.delete(node.id)
    dirty.delete(node)
    seenCount--
    node.mergedInto = into
    version++
    journal.add({ kind: 'merge-node', id: node.id, into: into.id, atMs })
  }
  return {
    get version() {
      return version
    },
    get seenCount() {
      return seenCount
    },
    changed: () => void version++,
    dirty,
    byId: (id) => nodes.get(id),
    byName(name) {
      const node = names.get(name)
      const short = node === undefined ? shortName(name) : undefined
      const nearby = short === undefined ? undefined : names.get(short)
      return node ?? (nearby !== undefined && shortName(nearby.name) === undefined ? nearby : undefined)
    },
    byMac: (mac) => macs.get(mac),
    owner: (address) => owners.get(address),
    all: () => nodes.values(),
    takeRenamed() {
      const taken = renamed
      if (taken.length > 0) renamed = []
      return taken
    },
    createSeen: (name, atMs) => (seenCount >= maxSeen || names.has(name) ? undefined : create({ name, registered: false, createdMs: atMs })),
    createRegistered: (name, atMs) => create({ name, registered: true, createdMs: atMs }),
    rename(node, name) {
      const holder = names.get(name)
      if (holder !== undefined && holder !== node) return false
      const before = node.name
      node.name = name
      if (isProvisional(before)) dropName(node, before)
      addName(node, name)
      renamed.push(node)
      journal.add({ kind: 'node', node })
      return true
    },
    setRegistered(node, isRegistered) {
      if (node.registered === isRegistered) return
      node.registered = isRegistered
      seenCount += isRegistered ? -1 : 1
      version++
      journal.add({ kind: 'node', node })
    },
    remove(node) {
      for (const name of node.names) dropName(node, name)
      for (const mac of node.macs) dropMac(node, mac)
      for (const address of node.addresses.keys()) dropAddress(address)
      nodes.delete(node.id)
      dirty.delete(node)
      if (!node.registered) seenCount--
      version++
      journal.add({ kind: 'remove-node', id: node.id })
    },
    absorb,
    addName,
    dropName,
    dropMac,
    addMac,
    setAddress,
    dropAddress,
    touch: (node) => void dirty.add(node),
  }
}

function newNode(fields: Pick<NodeState, 'id' | 'name' | 'registered' | 'createdMs'>): NodeState {
  return {
    ...fields, mergedInto: undefined, lastSeenMs: undefined, names: new Set(), macs: new Set(), addresses: new Map(),
    current: undefined, suspect: undefined, replay: undefined, late: undefined, boots: undefined, clockState: new ClockState(),
  }
}

/** A free name for a node known by its MAC or address alone. */
export function provisionalName(directory: Directory, known: { readonly mac?: string; readonly address?: string }): string {
  const base = known.mac === undefined ? (canonicalIp(known.address ?? '') ?? 'unknown') : macName(known.mac)
  for (let n = 1; ; n++) {
    const name = n === 1 ? base : `${base}-${n}`
    if (directory.byName(name) === undefined) return name
  }
}
