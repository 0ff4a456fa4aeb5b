import { canonicalIp } from '#base/ip.ts'
import { parseMac } from '#base/mac.ts'
import type { Parts } from './lifecycle.ts'
import { isHostName } from './host-name.ts'
import type { WriterCommand } from './protocol.ts'
import type { NodeState } from './state.ts'

type Register = Extract<WriterCommand, { kind: 'register' }>
type Registered = { readonly ok: true; readonly nodeId: number } | { readonly ok: false; readonly code: 'conflict' | 'bad-request'; readonly reason: string }

/** The command with every text in its one form. */
interface Wanted { readonly name: string; readonly rename: string | undefined; readonly macs: readonly string[] | undefined; readonly addresses: readonly string[] | undefined; readonly aliases: readonly string[] | undefined }

/**
 * Makes or changes a registered node. A node that messages made known is taken over with its sessions when the name or one of
 * the MACs says that it is the one. Whatever belongs to another registered node is refused, and then nothing is changed.
 */
export function registerNode(parts: Parts, command: Register, atMs: number): Registered {
  const wanted = readWanted(command)
  if (typeof wanted === 'string') return { ok: false, code: 'bad-request', reason: wanted }
  const { directory } = parts
  const node = directory.byName(wanted.name)
  const conflict = conflictOf(parts, wanted, node)
  if (conflict !== undefined) return { ok: false, code: 'conflict', reason: conflict }
  const found = node ?? adoptable(parts, wanted) ?? directory.createRegistered(wanted.name, atMs)
  directory.setRegistered(found, true)
  const name = wanted.rename ?? wanted.name
  if (found.name !== name) directory.rename(found, name)
  applyLists(parts, found, { wanted, atMs })
  return { ok: true, nodeId: found.id }
}

function readWanted(command: Register): Wanted | string {
  const name = command.name.trim().toLowerCase()
  const rename = command.rename?.trim().toLowerCase()
  for (const word of [name, ...(rename === undefined ? [] : [rename])]) if (!isHostName(word)) return `"${word}" is no node name: letters, digits, dots, hyphens, underscores`
  const aliases = command.aliases?.map((alias) => alias.trim().toLowerCase())
  const badAlias = aliases?.find((alias) => !isHostName(alias))
  if (badAlias !== undefined) return `"${badAlias}" is no node name`
  const macs: string[] = []
  for (const text of command.macs ?? []) {
    const mac = parseMac(text)
    if (mac === undefined) return `"${text}" is no MAC address`
    macs.push(mac)
  }
  const addresses: string[] = []
  for (const text of command.addresses ?? []) {
    const address = canonicalIp(text)
    if (address === undefined) return `"${text}" is no address`
    addresses.push(address)
  }
  return { name, rename, aliases, macs: command.macs === undefined ? undefined : macs, addresses: command.addresses === undefined ? undefined : addresses }
}

/** The first thing wanted that another registered node has; a name must be free of seen nodes too. */
function conflictOf({ directory }: Parts, { name, rename, macs = [], addresses = [], aliases = [] }: Wanted, node: NodeState | undefined): string | undefined {
  const takenBy = (holder: NodeState | undefined): holder is NodeState => holder !== undefined && holder !== node && holder.registered
  for (const mac of macs) {
    const holder = directory.byMac(mac)
    if (takenBy(holder)) return `MAC ${mac} belongs to ${holder.name}`
  }
  for (const address of addresses) {
    const owner = directory.owner(address)
    if (owner?.kind === 'registered' && takenBy(owner.node)) return `address ${address} belongs to ${owner.node.name}`
  }
  for (const other of rename === undefined ? aliases : [rename, ...aliases]) {
    const holder = directory.byName(other)
    if (other !== name && holder !== undefined && holder !== node && holder.names.has(other)) return `the name ${other} belongs to ${holder.name}`
  }
  return undefined
}

/** The node that DHCP made known under one of the MACs. */
function adoptable({ directory }: Parts, { macs = [] }: Wanted): NodeState | undefined {
  for (const mac of macs) {
    const node = directory.byMac(mac)
    if (node !== undefined && !node.registered) return node
  }
  return undefined
}

function applyLists({ directory }: Parts, node: NodeState, { wanted, atMs }: { readonly wanted: Wanted; readonly atMs: number }): void {
  const { macs, addresses, aliases } = wanted
  if (macs !== undefined) {
    for (const mac of node.macs) if (!macs.includes(mac)) directory.dropMac(node, mac)
    for (const mac of macs) {
      moveLeases(directory, { mac, from: directory.byMac(mac), to: node })
      directory.addMac(node, mac)
    }
  }
  if (addresses !== undefined) {
    for (const [address, { kind }] of node.addresses) if (kind === 'registered' && !addresses.includes(address)) directory.dropAddress(address)
    for (const address of addresses) {
      const before = directory.owner(address)
      if (before?.node !== node || before.kind !== 'registered') directory.setAddress(node, { address, kind: 'registered', mac: before?.mac, sinceMs: atMs })
    }
  }
  if (aliases === undefined) return
  for (const name of node.names) if (name !== node.name && !aliases.includes(name)) directory.dropName(node, name)
  for (const alias of aliases) if (!node.names.has(alias)) directory.addName(node, alias)
}

/** A lease goes where its MAC goes. */
function moveLeases(directory: Parts['directory'], { mac, from, to }: { readonly mac: string; readonly from: NodeState | undefined; readonly to: NodeState }): void {
  if (from === undefined || from === to) return
  for (const address of from.addresses.values()) if (address.kind === 'lease' && address.mac === mac) directory.setAddress(to, address)
}
