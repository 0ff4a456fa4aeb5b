import type { DhcpLine } from './dhcp-facts.ts'
import { isProvisional, macName } from './host-name.ts'
import { createSeen } from './identity.ts'
import type { Parts } from './lifecycle.ts'
import { mayMerge, mergeNodes } from './merge-nodes.ts'
import type { NodeState } from './state.ts'

type Named = Pick<DhcpLine, 'mac' | 'isOwnMac' | 'address' | 'name'>

/** The node of a MAC: known by it, by the registered address it is given, by the name and address it sent with before; else made known. */
export function nodeOfMac(parts: Parts, { mac, isOwnMac, address, name }: Named, atMs: number): NodeState | undefined {
  const { directory, counters } = parts
  const known = directory.byMac(mac!)
  if (known !== undefined || !isOwnMac) return known
  const owner = address === undefined ? undefined : directory.owner(address)
  if (owner?.kind === 'registered') return owner.node
  const named = name === undefined ? undefined : directory.byName(name)
  const nameless = named ?? (owner?.kind === 'seen' ? owner.node : undefined)
  // Somebody else's MAC is not given to a node that has one of its own, nor to one that an operator wrote down.
  if (nameless !== undefined && nameless.macs.size === 0 && !nameless.registered) {
    directory.addMac(nameless, mac!)
    return nameless
  }
  const holder = directory.byName(macName(mac!))
  const node = holder ?? createSeen({ directory, counters }, macName(mac!), atMs)
  if (node !== undefined && !node.registered) directory.addMac(node, mac!)
  return node
}

/** @returns the node, or the one that it proved to be. An acknowledged lease gives the address, and a name to a node that has none. A registered address stays who it was registered to. */
export function learnLease(parts: Parts, { node, line, atMs }: { readonly node: NodeState; readonly line: DhcpLine; readonly atMs: number }): NodeState {
  const { directory, counters } = parts
  const { kind, address, mac, name } = line
  if (address === undefined) return node
  const owner = directory.owner(address)
  if (kind === 'release' && owner?.kind === 'lease' && owner.node === node) directory.dropAddress(address)
  if (kind !== 'ack') return node
  if (owner?.kind === 'registered') {
    if (owner.node !== node) counters.add('conflict:lease')
    directory.setAddress(owner.node, { address, kind: 'registered', mac, sinceMs: owner.sinceMs })
  } else directory.setAddress(node, { address, kind: 'lease', mac, sinceMs: atMs })
  return name === undefined ? node : learnName(parts, node, { name, atMs })
}

/**
 * A node that has no name of its own takes the one that appears. When another node goes by it that nothing but its name makes known, the two are
 * one; a name of a node with a MAC or an operator of its own stays with that one, and is counted.
 */
export function learnName(parts: Parts, node: NodeState, { name, atMs }: { readonly name: string; readonly atMs: number }): NodeState {
  const { directory, counters } = parts
  if (node.names.has(name)) return node
  const holder = directory.byName(name)
  if (holder === undefined && !node.registered && isProvisional(node.name)) directory.rename(node, name)
  else if (holder !== undefined && mayMerge(node, holder)) return mergeNodes(parts, node, { into: holder, atMs })
  else if (holder !== node) counters.add('conflict:mac')
  return node
}
