import { formatUtc } from '#base/time.ts'
import type { Completeness } from '#domain/completeness.ts'
import { AppFault } from '#domain/fault.ts'
import type { Session } from '#domain/session.ts'
import type { SessionDetail, SessionView, SessionsPart } from '#api/index.ts'
import type { Logger } from '#telemetry/index.ts'
import { sessionName, type Records } from '../records.ts'
import { sessionIds } from '../resolve.ts'
import { valueOf, type WriterClient } from '../threads/writer-client.ts'
import { completenessOf, type CompletenessOptions } from './completeness.ts'

export interface SessionsPartOptions {
  readonly records: Records
  readonly losses: CompletenessOptions['losses']
  readonly writer: WriterClient
  readonly clock: () => number
  readonly quietAfterMs: number
  readonly log: Logger
}

/** Sessions as the API shows them. What the writer has not yet written down is written before it is read. */
export function createSessionsPart({ records, losses, writer, clock, quietAfterMs, log }: SessionsPartOptions): SessionsPart {
  const { nodes, sessions, pins } = records
  const flush = () => writer.ask({ kind: 'flush' })

  const views = (found: readonly Session[]): SessionView[] => {
    const completeness = completenessOf(found, { sessions, losses })
    return found.map((session, index) => present(session, completeness[index]!))
  }
  const view = (session: Session): SessionView => views([session])[0]!

  function present(session: Session, completeness: Completeness): SessionView {
    const isQuiet = session.state === 'open' && clock() - session.lastMessageMs > quietAfterMs
    return {
      id: session.id,
      hash: sessionName(session.id, session.hashes),
      hashes: session.hashes,
      node: nodes.nameOf(session.nodeId) ?? `#${session.nodeId}`,
      kind: session.kind,
      origin: session.origin,
      state: isQuiet ? 'quiet' : session.state,
      end: session.end ?? null,
      opened: formatUtc(session.openedMs),
      ended: session.endedMs === undefined ? null : formatUtc(session.endedMs),
      boot_time: session.bootTimeMs === undefined ? null : formatUtc(session.bootTimeMs),
      stage: session.stage ?? null,
      messages: session.messages,
      replayed: session.replayed,
      first_seq: session.firstSeq,
      last_seq: session.lastSeq,
      last_message: session.lastMessageMs === 0 ? null : formatUtc(session.lastMessageMs),
      joined: sessions.joinedTo(session.id),
      completeness,
      pinned: pinOf(session.id),
    }
  }

  function detail(session: Session): SessionDetail {
    const seen = sessions.stagesOf(session.id)
    const beganMs = Math.min(session.openedMs, seen[0]?.atMs ?? session.openedMs)
    const stages = seen.map(({ stage, atMs, seq, by }) => ({ stage, at: formatUtc(atMs), seq: seq === 0 ? null : seq, by, since_boot_ms: atMs - beganMs }))
    return { ...view(session), stages }
  }

  function pinOf(sessionId: number): SessionView['pinned'] {
    const pin = pins.of(sessionId)
    return pin === undefined ? null : { note: pin.note, by: pin.by, at: formatUtc(pin.atMs) }
  }

  function only(name: string): Session {
    const found = sessionIds(name, sessions).map((id) => sessions.byId(id)!)
    if (found.length === 1) return found[0]!
    if (found.length === 0) throw new AppFault('not-found', `There is no session ${name}`)
    throw new AppFault('ambiguous', `${name} is the hash of ${found.length} sessions; ask for one by its number`, { detail: { choices: views(found) } })
  }

  return {
    async list({ node, pinned, limit, before }) {
      const nodeId = node === undefined ? undefined : nodes.byName(node)?.id
      if (node !== undefined && nodeId === undefined) throw new AppFault('not-found', `There is no node ${node}`)
      await flush()
      if (pinned === true) return views(pins.list().flatMap(({ sessionId }) => sessions.byId(sessionId) ?? []).filter((session) => nodeId === undefined || session.nodeId === nodeId).slice(0, limit))
      return views(sessions.list({ nodeId, limit, beforeId: before }))
    },
    async session(name) {
      await flush()
      return detail(only(name))
    },
    async pin(name, note, actor) {
      const { id } = only(name)
      pins.pin({ sessionId: id, note, by: actor, atMs: clock() })
      log.info({ session: name, note, by: actor }, 'Session pinned')
      await flush()
      return view(only(`#${id}`))
    },
    async unpin(name, actor) {
      const { id } = only(name)
      if (!pins.unpin(id)) throw new AppFault('not-found', `The session ${name} is not pinned`)
      log.info({ session: name, by: actor }, 'Session is not pinned any more')
      await flush()
      return view(only(`#${id}`))
    },
    async join(from, into, actor) {
      const [source, target] = [only(from), only(into)]
      valueOf(await writer.ask({ kind: 'join', sessionId: source.id, into: target.id, reason: `joined by ${actor}` }))
      log.info({ from, into, by: actor }, 'Sessions joined')
      await flush()
      return view(only(`#${target.id}`))
    },
  }
}
