import type { Clock } from '#base/time.ts'
import { canonicalIp } from '#base/ip.ts'
import { parseMac } from '#base/mac.ts'
import { hostNameOf } from './host-name.ts'
import { foldSession, isSameNetworkBoot, makeCurrent, networkBoot, type Parts } from './lifecycle.ts'
import type { IdentifiedBy, WriterCommand, WriterReply } from './protocol.ts'
import { registerNode } from './register.ts'
import type { NodeState, SessionState } from './state.ts'
import type { Silence } from './silence/silence.ts'
import type { Suspects } from './suspects.ts'

/** Answers of a command, without the envelope. */
type Answer = Omit<Extract<WriterReply, { ok: true }>, 'kind' | 'id'> | Omit<Extract<WriterReply, { ok: false }>, 'kind' | 'id'>
type CommandOf<K extends WriterCommand['kind']> = Extract<WriterCommand, { kind: K }>

/** What main asks of the writer. Nothing is written down here: the caller commits the journal. */
export interface Commands {
  run(command: WriterCommand): WriterReply
}

interface Options { readonly parts: Parts; readonly suspects: Suspects; readonly silence: Pick<Silence, 'forget' | 'replan'>; readonly clock: Clock }

export function createCommands({ parts, suspects, silence, clock }: Options): Commands {
  const answer = (command: WriterCommand): Answer => {
    switch (command.kind) {
      case 'register': return registerNode(parts, command, clock())
      case 'forget':
        silence.forget('node', command.nodeId, clock())
        return forget(parts, command)
      case 'identify': return identify(parts, command)
      case 'open': return open(parts, suspects, { command, atMs: clock() })
      case 'stage': return advance(parts, command)
      case 'join': return join(parts, { command, atMs: clock() })
      case 'replan':
        silence.replan(clock())
        return { ok: true }
      case 'unlearn':
        return silence.forget(command.subject, command.subjectId, clock()) ? { ok: true } : { ok: false, code: 'not-found', reason: `no rhythm is known of ${command.subject} ${command.subjectId}` }
      case 'flush':
      case 'stop': return { ok: true }
    }
  }
  return { run: (command) => ({ kind: 'reply', id: command.id, ...answer(command) }) as WriterReply }
}

/** A node that has sessions stays, as one that nobody registered: messages refer to it. */
function forget({ directory, journal }: Parts, { nodeId }: CommandOf<'forget'>): Answer {
  const node = directory.byId(nodeId)
  if (node === undefined) return { ok: false, code: 'not-found', reason: `there is no node ${nodeId}` }
  if (node.current === undefined && !journal.records.sessions.hasSessions(nodeId)) {
    directory.remove(node)
    return { ok: true, nodeId }
  }
  for (const name of node.names) if (name !== node.name) directory.dropName(node, name)
  for (const mac of node.macs) directory.dropMac(node, mac)
  for (const address of node.addresses.keys()) directory.dropAddress(address)
  directory.setRegistered(node, false)
  return { ok: true, nodeId }
}

function identify({ directory }: Parts, { mac: macText, address: addressText, name }: CommandOf<'identify'>): Answer {
  const mac = macText === undefined ? undefined : parseMac(macText)
  if (macText !== undefined && mac === undefined) return { ok: false, code: 'bad-request', reason: `"${macText}" is no MAC address` }
  const address = addressText === undefined ? undefined : canonicalIp(addressText)
  const owner = address === undefined ? undefined : directory.owner(address)
  const lease = owner?.mac === undefined ? {} : { leaseMac: owner.mac }
  const is = (node: NodeState, by: IdentifiedBy): Answer => ({ ok: true, nodeId: node.id, by, ...lease, ...sessionAnswer(node.current) })
  const byMac = mac === undefined ? undefined : directory.byMac(mac)
  if (byMac !== undefined) return is(byMac, 'mac')
  // A MAC that was given and that nobody has is somebody new, unless the address was written down for a node without one.
  if (owner !== undefined && owner.kind !== 'seen' && (mac === undefined || owner.mac === mac || owner.node.macs.size === 0)) return is(owner.node, owner.kind === 'registered' ? 'registered-address' : 'lease')
  const named = name === undefined ? undefined : directory.byName(hostNameOf(name))
  return named === undefined ? { ok: true, by: 'none', ...lease } : is(named, 'name')
}

const sessionAnswer = (session: SessionState | undefined): { sessionId?: number; hash?: string } =>
  session === undefined ? {} : { sessionId: session.id, ...(session.hashes[0] === undefined ? {} : { hash: session.hashes[0] }) }

/** A boot decision joins the session of this network boot, or opens one. Its hash is made here: the answer tells it to the node. */
function open(parts: Parts, suspects: Suspects, { command, atMs }: { readonly command: CommandOf<'open'>; readonly atMs: number }): Answer {
  const node = parts.directory.byId(command.nodeId)
  if (node === undefined) return { ok: false, code: 'not-found', reason: `there is no node ${command.nodeId}` }
  suspects.settle(node, atMs)
  const joined = node.current !== undefined && isSameNetworkBoot(node.current, atMs)
  const session = networkBoot(parts, node, { origin: command.origin, atMs, kind: command.sessionKind })
  if (command.sessionKind !== 'unknown') session.kind = command.sessionKind
  if (command.isIpxe === true) parts.book.advance(session, { stage: 'ipxe.start', atMs, seq: 0, by: 'decision' })
  if (command.origin === 'decision') parts.book.advance(session, { stage: 'decide', atMs, seq: 0, by: 'decision' })
  if (session.hashes.length === 0) parts.book.addHash(session, node.name, session.openedMs)
  parts.journal.add({ kind: 'session', session })
  return { ok: true, nodeId: node.id, joined, ...sessionAnswer(session) }
}

function advance({ book, directory, journal }: Parts, { sessionId, stage, seq, atMs }: CommandOf<'stage'>): Answer {
  const session = book.byId(journal.records.sessions.rootOf(sessionId), directory.byId)
  if (session === undefined) return { ok: false, code: 'not-found', reason: `there is no session ${sessionId}` }
  book.advance(session, { stage, atMs: Math.max(atMs, session.openedMs), seq, by: 'rule' })
  journal.add({ kind: 'session', session })
  return { ok: true, nodeId: session.node.id, ...sessionAnswer(session) }
}

/** Two sessions were one boot: everything of the first counts as the second's from now on. */
function join(parts: Parts, { command, atMs }: { readonly command: CommandOf<'join'>; readonly atMs: number }): Answer {
  const { book, directory, journal } = parts
  const from = book.byId(command.sessionId, directory.byId)
  const target = book.byId(command.into, directory.byId)
  if (from === undefined || target === undefined) return { ok: false, code: 'not-found', reason: `there is no session ${from === undefined ? command.sessionId : command.into}` }
  const into = book.byId(journal.records.sessions.rootOf(target.id), directory.byId) ?? target
  if (from.phase === 'suspect' || into.phase === 'suspect') return { ok: false, code: 'conflict', reason: 'a session that is still a suspect cannot be joined' }
  if (from.joinedTo !== undefined) return { ok: false, code: 'conflict', reason: `session ${from.id} is joined already` }
  if (from === into) return { ok: false, code: 'conflict', reason: `session ${from.id} cannot be joined to itself` }
  const { node } = from
  foldSession(parts, from, { into, reason: command.reason, atMs })
  if (node.current === from) {
    node.current = undefined
    if (into.node === node) makeCurrent(parts, into, atMs)
    else {
      directory.changed()
      journal.add({ kind: 'node', node })
    }
  }
  return { ok: true, nodeId: into.node.id, ...sessionAnswer(into) }
}

