import { canonicalIp } from '#base/ip.ts'
import { IDENTITY_METHODS, type IdentityMethod } from '#domain/message.ts'
import { provisionalName, type Directory, type Owner } from './directory.ts'
import { hostNameOf, isProvisional, shortName } from './host-name.ts'
import type { Parts } from './lifecycle.ts'
import { mayMerge, mergeNodes } from './merge-nodes.ts'
import type { Binding, Speaker } from './sources.ts'
import type { NodeState } from './state.ts'

/** How sure each way of knowing a node is, 0–100; docs/reference/sessions.md explains the steps. */
export const CONFIDENCE = {
  token: 95,
  registered: { agrees: 100, silent: 90, contradicts: 60 },
  certificate: { agrees: 100, silent: 90, contradicts: 60 },
  lease: { agrees: 90, silent: 80, contradicts: 50 },
  subject: 90,
  relay: 80,
  hub: 100,
  hostName: 50,
  sourceAddress: 30,
} as const

export const METHOD = Object.fromEntries(IDENTITY_METHODS.map((method, code) => [method, code])) as Readonly<Record<IdentityMethod, number>>

/** An address that a node merely sent from passes to another node that sends from it after this silence. */
const SEEN_ADDRESS_HOLDS_MS = 10 * 60_000

interface Question { readonly speaker: Speaker; readonly host: string; readonly atMs: number }

/**
 * Whom a message is about, by the sender and the host name alone: certificate, registered address, leased address, host
 * name, sender's address; for relays the host name first. `host` is the HOSTNAME as received, `` for none.
 */
export function bindSpeaker(parts: Parts, { speaker, host: text, atMs }: Question): Binding {
  const { directory } = parts
  const host = hostNameOf(text)
  const question = { speaker, host, atMs }
  if (speaker.isInternal) {
    const node = host === '' ? undefined : directory.byName(host)
    return node?.registered === true ? bound(directory, node, 'host-name', CONFIDENCE.hub) : unbound(directory)
  }
  if (speaker.isRelay) {
    const relayed = host === '' ? relayedAddress(parts, text, question) : nodeNamed(parts, host, atMs)
    if (relayed !== undefined) return bound(directory, relayed, 'relay-host-name', CONFIDENCE.relay)
    if (host !== '') return unbound(directory)
  }
  const certified = speaker.certificate === '' ? undefined : byCertificate(parts, question)
  if (certified !== undefined) return certified
  const owner = directory.owner(speaker.source.address)
  if (owner !== undefined && owner.kind !== 'seen') return byOwner(parts, owner, question)
  if (host !== '') return byHostName(parts, owner, question)
  if (owner !== undefined) return bound(directory, owner.node, 'source-address', CONFIDENCE.sourceAddress)
  // The hub's own host speaks for many programs and is nobody's machine.
  if (speaker.isHub || canonicalIp(speaker.source.address) === undefined) return unbound(directory)
  const node = createSeen(parts, provisionalName(directory, { address: speaker.source.address }), atMs)
  if (node === undefined) return unbound(directory)
  directory.setAddress(node, { address: speaker.source.address, kind: 'seen', mac: undefined, sinceMs: atMs })
  return bound(directory, node, 'source-address', CONFIDENCE.sourceAddress)
}

function byOwner(parts: Parts, owner: Owner, { host, atMs }: Question): Binding {
  const { directory } = parts
  const { node, kind } = owner
  const registered = kind === 'registered'
  const confidence = registered ? CONFIDENCE.registered : CONFIDENCE.lease
  const method: IdentityMethod = registered ? 'registered-address' : 'lease'
  if (host === '') return bound(directory, node, method, confidence.silent)
  const isFree = directory.byName(host) === undefined
  if (isFree && !node.registered && isProvisional(node.name)) directory.rename(node, host)
  // What the address makes known by its MAC, and what only its name made known, is one machine.
  const named = isFree || !isProvisional(node.name) ? undefined : directory.byName(host)
  if (named !== undefined && mayMerge(node, named)) return bound(directory, mergeNodes(parts, node, { into: named, atMs }), method, confidence.agrees)
  if (goesBy(node, host)) return bound(directory, node, method, confidence.agrees)
  return { version: directory.version, node, method: METHOD[method], confidence: confidence.contradicts, conflict: 1 }
}

/** Who holds the key is the node, wherever it sends from: another host name, or an address that is another's, contradicts. Undefined where the certificate names nobody. */
function byCertificate(parts: Parts, question: Question): Binding | undefined {
  const { directory } = parts
  const { speaker, host, atMs } = question
  const name = hostNameOf(speaker.certificate)
  if (name === '') return undefined
  const leased = directory.owner(speaker.source.address)
  // What only its MAC made known and what the certificate names is one machine, as where a host name says so.
  if (leased?.kind === 'lease' && isProvisional(leased.node.name)) byOwner(parts, leased, { ...question, host: name })
  const node = nodeNamed(parts, name, atMs)
  if (node === undefined) return undefined
  const owner = directory.owner(speaker.source.address)
  const isElsewhere = owner !== undefined && owner.kind !== 'seen' && owner.node !== node
  if (isElsewhere || (host !== '' && !goesBy(node, host))) return { version: directory.version, node, method: METHOD.certificate, confidence: CONFIDENCE.certificate.contradicts, conflict: 1 }
  return bound(directory, node, 'certificate', host === '' ? CONFIDENCE.certificate.silent : CONFIDENCE.certificate.agrees)
}

function byHostName(parts: Parts, owner: Owner | undefined, { speaker, host, atMs }: Question): Binding {
  const { directory } = parts
  const { address } = speaker.source
  if (owner !== undefined && directory.byName(host) === undefined && !owner.node.registered && isProvisional(owner.node.name)) directory.rename(owner.node, host)
  const node = nodeNamed(parts, host, atMs)
  if (node === undefined) return unbound(directory)
  const isFree = owner === undefined || (owner.node !== node && atMs - (owner.node.lastSeenMs ?? owner.sinceMs) > SEEN_ADDRESS_HOLDS_MS)
  if (isFree && !speaker.isRelay && !speaker.isHub && canonicalIp(address) !== undefined) directory.setAddress(node, { address, kind: 'seen', mac: undefined, sinceMs: atMs })
  return bound(directory, node, 'host-name', CONFIDENCE.hostName)
}

function nodeNamed(parts: Parts, host: string, atMs: number): NodeState | undefined {
  return parts.directory.byName(host) ?? createSeen(parts, host, atMs)
}

/** Relays that know no name put the sender's address where the name belongs. */
function relayedAddress(parts: Parts, text: string, { atMs }: Question): NodeState | undefined {
  const address = canonicalIp(text)
  if (address === undefined) return undefined
  const owner = parts.directory.owner(address)
  if (owner !== undefined) return owner.node
  const node = createSeen(parts, provisionalName(parts.directory, { address }), atMs)
  if (node !== undefined) parts.directory.setAddress(node, { address, kind: 'seen', mac: undefined, sinceMs: atMs })
  return node
}

/** A node that nobody registered; undefined, and counted, beyond `max_seen_nodes`. */
export function createSeen({ directory, counters }: Pick<Parts, 'directory' | 'counters'>, name: string, atMs: number): NodeState | undefined {
  const node = directory.createSeen(name, atMs)
  counters.add(node === undefined ? 'refused:nodes' : 'nodes-seen')
  return node
}

/** The name is one of the node's, in full or in its first part. */
export const goesBy = (node: NodeState, host: string): boolean => {
  const short = shortName(host)
  return node.names.has(host) || (short !== undefined && node.names.has(short)) || (short === undefined && shortName(node.name) === host)
}

const bound = (directory: Directory, node: NodeState, method: IdentityMethod, confidence: number): Binding =>
  ({ version: directory.version, node, method: METHOD[method], confidence, conflict: 0 })
const unbound = (directory: Directory): Binding => ({ version: directory.version, node: undefined, method: METHOD.none, confidence: 0, conflict: 0 })
