import { HINT, type Batch } from '#domain/batch.ts'
import type { Stage } from '#domain/stages.ts'
import type { DhcpLine } from './dhcp-facts.ts'
import { parseDhcpLine } from './dhcp-line.ts'
import { networkBoot, sessionFor, type Parts } from './lifecycle.ts'
import { presentNode } from './merge-nodes.ts'
import type { Speaker } from './sources.ts'
import { isSaidBeforeOpening, sightingOf } from './stage-sightings.ts'
import type { NodeState, SessionState } from './state.ts'
import { learnLease, nodeOfMac } from './subjects.ts'
import type { Suspects } from './suspects.ts'

/** Exchanges followed at once; the oldest is forgotten first. */
const MAX_EXCHANGES = 4096
const EXCHANGE_LASTS_MS = 5 * 60_000
/** Lines of one exchange are of one boot; firmware that numbers every exchange alike may boot again after this. */
const EXCHANGE_PAUSES_MS = 30_000
/** How far ahead the MAC of an exchange is looked for: the lines about options come before the one that names it. */
const LOOK_AHEAD_ROWS = 64

interface Exchange { node: NodeState | undefined; boot: SessionState | undefined; isNetworkBoot: boolean; readonly beganMs: number; atMs: number }
interface DhcpRow { readonly batch: Batch; readonly row: number; readonly speaker: Speaker; readonly atMs: number; readonly textOf: (row: number) => string }

/** Follows the DHCP lines of senders that may speak about other nodes. */
export interface Dhcp {
  /** The session that the line belongs to; undefined: it is about the server itself. */
  place(request: DhcpRow): SessionState | undefined
}

const newExchange = (atMs: number): Exchange => ({ node: undefined, boot: undefined, isNetworkBoot: false, beganMs: atMs, atMs })

const STAGE_OF: Readonly<Partial<Record<DhcpLine['kind'], Stage>>> = { discover: 'dhcp.discover', ack: 'dhcp.ack' }

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
    const exchange = newExchange(atMs)
    exchanges.set(key, exchange)
    return exchange
  }
  const boot = (node: NodeState, { exchange, pauseMs }: { readonly exchange: Exchange; readonly pauseMs: number }): SessionState => {
    const { atMs, beganMs } = exchange
    const going = exchange.boot?.joinedTo ?? exchange.boot
    if (going !== undefined && going === node.current && going.phase === 'open' && pauseMs <= EXCHANGE_PAUSES_MS) return going
    suspects.settle(node, atMs)
    return (exchange.boot = networkBoot(parts, node, { origin: 'dhcp', atMs, beganMs }))
  }
  return {
    place(request) {
      const { row, atMs, speaker, textOf } = request
      const line = parseDhcpLine(textOf(row))
      const exchange = line.xid === '' ? newExchange(atMs) : exchangeOf(`${speaker.source.id} ${line.xid}`, atMs)
      const pauseMs = atMs - exchange.atMs
      exchange.atMs = atMs
      if (line.isNetworkBoot) exchange.isNetworkBoot = true
      const known = subjectOf(parts, request, { line, exchange })
      if (known === undefined) return undefined
      const node = learnLease(parts, { node: known, line, atMs })
      exchange.node = node
      const isOver = node.current !== undefined && isSaidBeforeOpening(node.current, request)
      const session = exchange.isNetworkBoot && !isOver ? boot(node, { exchange, pauseMs }) : sessionFor(parts, node, atMs)
      // A renewal hours after the boot is no stage of it: the first time of each stays.
      const stage = STAGE_OF[line.kind]
      if (stage !== undefined && !isOver) parts.book.advance(session, sightingOf(session, { ...request, stage, by: 'dhcp' }))
      return session
    },
  }
}

/** Whom a line is about: by its MAC, by the exchange it belongs to, by an address that somebody has. */
function subjectOf(parts: Parts, request: DhcpRow, { line, exchange }: { readonly line: DhcpLine; readonly exchange: Exchange }): NodeState | undefined {
  if (exchange.node !== undefined) exchange.node = presentNode(exchange.node)
  if (line.mac !== undefined) return nodeOfMac(parts, line, request.atMs) ?? exchange.node
  if (exchange.node === undefined && line.xid !== '') lookAhead(parts, request, { exchange, xid: line.xid })
  if (exchange.node !== undefined || line.address === undefined) return exchange.node
  return parts.directory.owner(line.address)?.node
}

/** Finds whom the exchange is about, and whether it is a network boot, in the lines that follow in the same batch. */
function lookAhead(parts: Parts, { batch, row, textOf, atMs }: DhcpRow, { exchange, xid }: { readonly exchange: Exchange; readonly xid: string }): void {
  const sourceRef = batch.source[row]
  const end = Math.min(batch.rows, row + LOOK_AHEAD_ROWS)
  for (let next = row + 1; next < end; next++) {
    if ((batch.hints[next]! & HINT.dhcp) === 0 || batch.source[next] !== sourceRef) continue
    const text = textOf(next)
    if (!text.includes(xid)) continue
    const line = parseDhcpLine(text)
    if (line.xid !== xid) continue
    if (line.isNetworkBoot) exchange.isNetworkBoot = true
    if (line.mac === undefined) continue
    exchange.node = nodeOfMac(parts, line, atMs)
    if (exchange.node !== undefined) return
  }
}
