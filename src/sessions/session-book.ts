import { sessionHash, type SessionEnd, type SessionKind, type SessionOrigin } from '#domain/session.ts'
import { stageOrder, type StageSighting } from '#domain/stages.ts'
import type { SessionRecord } from '#store/index.ts'
import type { WriterCounters } from './counters.ts'
import { decodeEvidence } from './kernel-evidence.ts'
import type { Journal } from './journal.ts'
import { stageSeen } from './hub-events.ts'
import { hasSeen, mergeSighting, noteSighting } from './stage-sightings.ts'
import { refreshPlain, type NodeState, type SessionState } from './state.ts'

/** Sessions kept in memory: every node's current one, and this many that late or labelled messages named. */
const MAX_OTHERS = 4096
/** Hashes of one session: announced, inferred, given with the decision, after a rename. */
const MAX_HASHES = 16
/** Hash look-ups remembered, found or not. */
const MAX_LOOKUPS = 8192

/** All sessions the writer has to do with: opens, ends, names and joins them. Every change is in the journal before a message refers to it. */
export interface SessionBook {
  open(request: OpenRequest): SessionState
  end(session: SessionState, reason: SessionEnd, atMs: number): void
  /** A suspect that is a new boot after all becomes an open session. */
  confirm(suspect: SessionState): void
  alias(from: SessionState, into: SessionState, request: { readonly reason: string; readonly atMs: number }): void
  /** Adds the hash of a host name and boot time; at most once. */
  addHash(session: SessionState, hostName: string, bootTimeMs: number): void
  /** The furthest stage is the session's; of each, the first time it was seen is kept. */
  advance(session: SessionState, sighting: StageSighting): void
  /** The messages from this number on were not stored: stages that they showed since the last `stored` name none. */
  unstored(firstSeq: number): void
  /** The messages of the batch are on disk. */
  stored(): void
  /** All sessions that a hash may mean, newest first, joined ones as what they were joined to. */
  byHash(hash: string): readonly SessionState[]
  byId(id: number, nodeOf: (id: number) => NodeState | undefined): SessionState | undefined
  /** The sessions of a node that proved to be another are that one's. */
  rehome(from: NodeState, into: NodeState): void
  touch(session: SessionState): void
  readonly dirty: Set<SessionState>
  /** Forgets sessions that are written down and that nobody uses. */
  trim(): void
}

interface OpenRequest {
  readonly node: NodeState
  readonly origin: SessionOrigin
  readonly atMs: number
  readonly kind?: SessionKind
  readonly phase?: 'open' | 'suspect'
  readonly bootTimeMs?: number | undefined
}

export function createSessionBook(options: { readonly journal: Journal; readonly nodeOf: (id: number) => NodeState | undefined; readonly counters: Pick<WriterCounters, 'add'>; readonly clock: () => number }): SessionBook {
  const { journal, nodeOf, counters, clock } = options
  const { records } = journal
  const sessions = new Map<number, SessionState>()
  const lookups = new Map<string, readonly SessionState[]>()
  // the hashes of `sessions`: a label that nobody knows must not cost a look at each of them
  const hashed = new Map<string, Set<SessionState>>()
  const dirty = new Set<SessionState>()
  // sightings by messages that are not on disk yet
  let fresh: { readonly sessionId: number; readonly sighting: StageSighting }[] = []
  let nextId = records.sessions.nextId()
  let lastHashMs = 0
  const touch = (session: SessionState): void => {
    session.isDirty = true
    dirty.add(session)
  }
  const write = (session: SessionState): void => journal.add({ kind: 'session', session })
  const index = (session: SessionState, hash: string): void => {
    const found = hashed.get(hash)
    if (found === undefined) hashed.set(hash, new Set([session]))
    else found.add(session)
  }
  const forget = (session: SessionState): void => {
    sessions.delete(session.id)
    for (const hash of session.hashes) {
      const found = hashed.get(hash)
      found?.delete(session)
      if (found?.size === 0) hashed.delete(hash)
    }
  }
  const reach = (session: SessionState, stage: string): void => {
    if (session.stage !== undefined && stageOrder(stage) <= stageOrder(session.stage)) return
    session.stage = stage
    touch(session)
  }
  const saw = (session: SessionState, noted: StageSighting | undefined): void => {
    if (noted === undefined) return
    journal.add({ kind: 'stage', sessionId: session.id, sighting: noted })
    if (noted.seq > 0) fresh.push({ sessionId: session.id, sighting: noted })
  }
  const byId: SessionBook['byId'] = (id, find) => {
    const known = sessions.get(id)
    if (known !== undefined) return known
    const record = records.sessions.byId(id)
    const node = record === undefined ? undefined : find(record.nodeId)
    if (record === undefined || node === undefined) return undefined
    const session = stateOf(record, { node, sightings: records.sessions.stagesOf(id) })
    sessions.set(id, session)
    for (const hash of session.hashes) index(session, hash)
    const root = records.sessions.rootOf(id)
    if (root !== id) session.joinedTo = byId(root, find)
    return session
  }
  return {
    dirty,
    touch,
    byId,
    open({ node, origin, atMs, kind = 'unknown', phase = 'open', bootTimeMs }) {
      const session = newSession({ id: nextId++, node, kind, origin, phase, openedMs: atMs, bootTimeMs })
      sessions.set(session.id, session)
      write(session)
      return session
    },
    end(session, reason, atMs) {
      if (session.phase === 'ended') return
      Object.assign(session, { phase: 'ended', end: reason, endedMs: atMs, isPlain: false })
      write(session)
    },
    confirm(suspect) {
      suspect.phase = 'open'
      write(suspect)
    },
    alias(from, into, { reason, atMs }) {
      journal.add({ kind: 'alias', sessionId: from.id, joinedTo: into.id, reason, atMs })
      if (from.stage !== undefined) reach(into, from.stage)
      for (const sighting of from.sightings) {
        // of a session that was open its stages were told already
        if (from.phase === 'suspect' && !hasSeen(into, sighting.stage)) journal.add({ kind: 'event', event: stageSeen(into, sighting) })
        saw(into, mergeSighting(into, sighting))
      }
      write(into)
      from.joinedTo = into
      forget(from)
      lookups.clear()
    },
    addHash(session, hostName, bootTimeMs) {
      const hash = sessionHash(hostName, Math.round(bootTimeMs / 1000))
      if (session.hashes.includes(hash)) return
      if (session.hashes.length >= MAX_HASHES) return counters.add('refused:hashes')
      session.hashes.unshift(hash)
      if (sessions.has(session.id)) index(session, hash)
      lookups.delete(hash)
      lastHashMs = Math.max(lastHashMs + 1, Math.round(clock()))
      journal.add({ kind: 'hash', sessionId: session.id, hash, sinceMs: lastHashMs })
    },
    advance(session, sighting) {
      reach(session, sighting.stage)
      const noted = noteSighting(session, sighting)
      saw(session, noted)
      if (noted !== undefined && session.phase !== 'suspect') journal.add({ kind: 'event', event: stageSeen(session, noted) })
    },
    unstored(firstSeq) {
      for (const { sessionId, sighting } of fresh) {
        if (sighting.seq < firstSeq) continue
        sighting.seq = 0
        journal.add({ kind: 'stage', sessionId, sighting })
      }
      fresh = []
    },
    stored() {
      if (fresh.length > 0) fresh = []
    },
    rehome(from, into) {
      for (const session of sessions.values()) if (session.node === from) session.node = into
      lookups.clear()
    },
    byHash(hash) {
      const known = lookups.get(hash)
      if (known !== undefined) return known
      // What the journal has not written yet is only in memory.
      const fresh = [...(hashed.get(hash) ?? [])].map((session) => session.id)
      const ids = new Set([...fresh, ...records.sessions.byHash(hash).map((session) => session.id)].map((id) => records.sessions.rootOf(id)))
      const found = [...ids].flatMap((id) => byId(id, nodeOf) ?? []).sort((a, b) => b.id - a.id)
      if (lookups.size >= MAX_LOOKUPS) lookups.clear()
      lookups.set(hash, found)
      return found
    },
    trim() {
      if (sessions.size <= MAX_OTHERS) return
      let others = 0
      for (const session of sessions.values()) {
        const isUsed = session.node.current === session || session.node.suspect?.session === session || session.isDirty
        if (!isUsed && ++others > MAX_OTHERS) forget(session)
      }
      if (others > MAX_OTHERS) lookups.clear()
    },
  }
}

type NewSession = Pick<SessionState, 'id' | 'node' | 'kind' | 'origin' | 'phase' | 'openedMs' | 'bootTimeMs'>

function newSession(fields: NewSession): SessionState {
  return {
    ...fields, end: undefined, endedMs: undefined, bootId: undefined, stage: undefined, sightings: [], firstSeq: 0, lastSeq: 0, lastMessageMs: 0, messages: 0, replayed: 0, numbered: 0, acknowledged: 0, streamed: 0, datagramListeners: [],
    hashes: [], isAnnounced: false, kernel: undefined, bootActivityMs: fields.openedMs, isPlain: false, joinedTo: undefined, isDirty: false,
    batchRows: 0, batchReplayed: 0, batchAcknowledged: 0, batchStreamed: 0, batchFirstRow: 0, batchLastRow: 0,
  }
}

function stateOf(record: SessionRecord, { node, sightings }: { readonly node: NodeState; readonly sightings: StageSighting[] }): SessionState {
  const { kernel, isAnnounced } = decodeEvidence(record.kernelMarks)
  const { kind, origin, end, endedMs, bootId, firstSeq, lastSeq, lastMessageMs, messages, replayed, numbered, acknowledged, streamed, datagramListeners } = record
  // The record is written every few seconds, a sighting at once.
  const stage = sightings.reduce((furthest, seen) => (stageOrder(seen.stage) > stageOrder(furthest ?? '') ? seen.stage : furthest), record.stage)
  const session: SessionState = {
    ...newSession({ id: record.id, node, kind, origin, phase: record.state, openedMs: record.openedMs, bootTimeMs: record.bootTimeMs }),
    end, endedMs, bootId, stage, sightings, firstSeq, lastSeq, lastMessageMs, messages, replayed, numbered, acknowledged, streamed, datagramListeners: [...datagramListeners], hashes: [...record.hashes], isAnnounced, kernel,
    bootActivityMs: isBeforeKernel({ kernel, stage }) ? Math.max(record.openedMs, lastMessageMs) : record.openedMs,
  }
  refreshPlain(session, stageOrder(stage ?? '') >= stageOrder('os.syslog'))
  return session
}

/** The machine is still in its firmware, PXE or iPXE, as far as was seen. */
export const isBeforeKernel = (session: Pick<SessionState, 'kernel' | 'stage'>): boolean =>
  session.kernel === undefined && (session.stage === undefined || stageOrder(session.stage) < stageOrder('kernel.up'))
