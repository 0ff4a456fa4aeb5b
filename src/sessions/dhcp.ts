import { HINT, type Batch } from '#domain/batch.ts'
import { parseDhcpLine, parseTftpLine, type DhcpLine } from './dhcp-line.ts'
import { createSeen } from './identity.ts'
import { isProvisional, macName } from './host-name.ts'
import { networkBoot, sessionFor, type Parts } from './lifecycle.ts'
import type { Speaker } from './sources.ts'
import { sightingOf } from './stage-sightings.ts'
import type { NodeState, SessionState } from './state.ts'
import type { Suspects } from './suspects.ts'

/** Exchanges followed at once; the oldest is forgotten first. */
const MAX_EXCHANGES = 4096
const EXCHANGE_LASTS_MS = 5 * 60_000
/** How far ahead the MAC of an exchange is looked for: the lines about options come before the one that names it. */
const LOOK_AHEAD_ROWS = 64

interface Exchange { node: NodeState | undefined; isNetworkBoot: boolean; atMs: number }
interface DhcpRow { readonly batch: Batch; readonly row: number; readonly speaker: Speaker; readonly atMs: number; readonly textOf: (row: number) => string }

/** Follows the DHCP and TFTP lines of senders that may speak about other nodes. */
export interface Dhcp {
  /** The session that the line belongs to; undefined: it is about the server itself. */
  place(request: DhcpRow): SessionState | undefined
}

export function createDhcp(parts: Parts, suspects: Suspects): Dhcp {
  const exchanges = new Map<string, Exchange>()

  const exchangeOf = (key: string, atMs: number): Exchange => {
    const known = exchanges.get(key)
    if (known !== undefined && atMs - known.atMs <= EXCHANGE_LASTS_MS) return known
    exchanges.delete(key)
    if (exchanges.size >= MAX_EXCHANGES) {
      parts.counters.add('refused:exchanges')
      exchanges.delete(exchanges.keys().next().value!)
    }
    const exchange: Exchange = { node: undefined, isNetworkBoot: false, atMs }
    exchanges.set(key, exchange)
    return exchange
  }
  const boot = (node: NodeState, atMs: number): SessionState => {
    suspects.settle(node, atMs)
    return networkBoot(parts, node, { origin: 'dhcp', atMs })
  }
  const placeDhcp = (request: DhcpRow): SessionState | undefined => {
    const { row, atMs, speaker, textOf } = request
    const line = parseDhcpLine(textOf(row))
    const exchange: Exchange = line.xid === '' ? { node: undefined, isNetworkBoot: false, atMs } : exchangeOf(`${speaker.source.id} ${line.xid}`, atMs)
    exchange.atMs = atMs
    if (line.kind === 'network-boot') exchange.isNetworkBoot = true
    if (line.mac !== undefined) exchange.node = subjectOf(parts, line, atMs) ?? exchange.node
    else if (exchange.node === undefined && line.xid !== '') lookAhead(parts, request, { exchange, xid: line.xid })
    const { node } = exchange
    if (node === undefined) return undefined
    learnLease(parts, { node, line, atMs })
    const session = exchange.isNetworkBoot ? boot(node, atMs) : sessionFor(parts, node, atMs)
    // A renewal hours after the boot is no stage of it: the furthest stage stays.
    if (line.kind === 'discover') parts.book.advance(session, sightingOf(session, { ...request, stage: 'dhcp.discover', by: 'dhcp' }))
    if (line.kind === 'ack') parts.book.advance(session, sightingOf(session, { ...request, stage: 'dhcp.ack', by: 'dhcp' }))
    return session
  }
  return {
    place(request) {
      if ((request.batch.hints[request.row]! & HINT.dhcp) !== 0) return placeDhcp(request)
      const { isSent, address } = parseTftpLine(request.textOf(request.row))
      const node = address === undefined ? undefined : parts.directory.owner(address)?.node
      if (node === undefined) return undefined
      const session = sessionFor(parts, node, request.atMs)
      if (isSent) parts.book.advance(session, sightingOf(session, { ...request, stage: 'nbp.sent', by: 'tftp' }))
      return session
    },
  }
}

/** Finds whom the exchange is about, and whether it is a network boot, in the lines that follow in the same batch. */
function lookAhead(parts: Parts, { batch, row, textOf, atMs }: DhcpRow, { exchange, xid }: { readonly exchange: Exchange; readonly xid: string }): void {
  const sourceRef = batch.source[row]
  const end = Math.min(batch.rows, row + LOOK_AHEAD_ROWS)
  for (let next = row + 1; next < end; next++) {
    if ((batch.hints[next]! & HINT.dhcp) === 0 || batch.source[next] !== sourceRef) continue
    const text = textOf(next)
    if (!text.startsWith(`${xid} `)) continue
    const line = parseDhcpLine(text)
    if (line.kind === 'network-boot') exchange.isNetworkBoot = true
    if (line.mac === undefined) continue
    exchange.node = subjectOf(parts, line, atMs)
    return
  }
}

/** The node of a MAC: known by it, by the registered address it is given, by the name and address it sent with before; else made known. */
function subjectOf(parts: Parts, { mac, address, name }: DhcpLine, atMs: number): NodeState | undefined {
  const { directory, counters } = parts
  const known = directory.byMac(mac!)
  if (known !== undefined) return known
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

/** An acknowledged lease gives the address, and a name to a node that has none. A registered address stays who it was registered to. */
function learnLease({ directory, counters }: Parts, { node, line, atMs }: { readonly node: NodeState; readonly line: DhcpLine; readonly atMs: number }): void {
  const { kind, address, mac, name } = line
  if (mac === undefined || address === undefined) return
  const owner = directory.owner(address)
  if (kind === 'release' && owner?.kind === 'lease' && owner.node === node) directory.dropAddress(address)
  if (kind !== 'ack') return
  if (owner?.kind === 'registered') {
    if (owner.node !== node) counters.add('conflict:lease')
    directory.setAddress(owner.node, { address, kind: 'registered', mac, sinceMs: owner.sinceMs })
  } else directory.setAddress(node, { address, kind: 'lease', mac, sinceMs: atMs })
  if (name === undefined || node.names.has(name)) return
  if (!node.registered && isProvisional(node.name) && directory.byName(name) === undefined) directory.rename(node, name)
  else if (directory.byName(name) !== node) counters.add('conflict:mac')
}
