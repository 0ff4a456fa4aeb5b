import type { StageSighting } from '#domain/stages.ts'
import { createHubEventRecords, createNodeRecords, createSessionRecords, createSourceRecords } from '#store/index.ts'
import type { HubDatabase, HubEventRecords, NewHubEvent, NodeAddress, NodeRecords, SessionRecords, SourceRecords } from '#store/index.ts'
import { knownOffset } from './clock-offset.ts'
import { encodeEvidence } from './kernel-evidence.ts'
import type { NodeState, SessionState, SourceState } from './state.ts'

/** A change that hub.db must have before a message may refer to it. States are written as they are at the commit. */
type RecordWrite =
  | { readonly kind: 'source'; readonly source: SourceState }
  | { readonly kind: 'node'; readonly node: NodeState }
  | { readonly kind: 'remove-node'; readonly id: number }
  | { readonly kind: 'merge-node'; readonly id: number; readonly into: number; readonly atMs: number }
  | { readonly kind: 'name'; readonly name: string; readonly nodeId: number }
  | { readonly kind: 'remove-name'; readonly name: string }
  | { readonly kind: 'mac'; readonly mac: string; readonly nodeId: number }
  | { readonly kind: 'remove-mac'; readonly mac: string }
  | { readonly kind: 'address'; readonly nodeId: number; readonly address: NodeAddress }
  | { readonly kind: 'remove-address'; readonly address: string }
  | { readonly kind: 'session'; readonly session: SessionState }
  | { readonly kind: 'hash'; readonly sessionId: number; readonly hash: string; readonly sinceMs: number }
  | { readonly kind: 'stage'; readonly sessionId: number; readonly sighting: StageSighting }
  | { readonly kind: 'event'; readonly event: NewHubEvent }
  | { readonly kind: 'alias'; readonly sessionId: number; readonly joinedTo: number; readonly reason: string; readonly atMs: number }

/**
 * The changes of one batch or command, written in one transaction. What could not be written stays for the next attempt;
 * it grows no further then, since nothing is accepted until hub.db takes writes again.
 */
export interface Journal {
  /** Grows with every change added and every commit: what was read from hub.db under the same number still holds. */
  readonly version: number
  readonly records: { readonly sources: SourceRecords; readonly nodes: NodeRecords; readonly sessions: SessionRecords; readonly events: HubEventRecords }
  add(write: RecordWrite): void
  /** Writes everything added, and what `more` writes, in one transaction; throws when hub.db refuses. */
  commit(more?: () => void): void
}

export function createJournal(db: HubDatabase): Journal {
  const records = { sources: createSourceRecords(db), nodes: createNodeRecords(db), sessions: createSessionRecords(db), events: createHubEventRecords(db) }
  let pending: RecordWrite[] = []
  let version = 0
  const write = db.transaction((more: (() => void) | undefined) => {
    // A session that was written for a node before that one's row is there: they are looked at together, at the end.
    if (pending.some(({ kind }) => kind === 'merge-node')) db.exec('PRAGMA defer_foreign_keys = ON')
    for (const change of pending) apply(records, change)
    more?.()
  })
  return {
    records,
    get version() {
      return version
    },
    add(change) {
      pending.push(change)
      version++
    },
    commit(more) {
      if (pending.length === 0 && more === undefined) return
      write.immediate(more)
      version++
      pending = []
    },
  }
}

function apply({ sources, nodes, sessions, events }: Journal['records'], change: RecordWrite): void {
  switch (change.kind) {
    case 'source': return saveSource(sources, change.source)
    case 'node': return saveNode(nodes, change.node)
    case 'remove-node': return nodes.remove(change.id)
    case 'merge-node': return nodes.merge(change.id, change.into, change.atMs)
    case 'name': return nodes.saveName(change.name, change.nodeId)
    case 'remove-name': return nodes.removeName(change.name)
    case 'mac': return nodes.saveMac(change.mac, change.nodeId)
    case 'remove-mac': return nodes.removeMac(change.mac)
    case 'address': return nodes.saveAddress(change.nodeId, change.address)
    case 'remove-address': return nodes.removeAddress(change.address)
    case 'session': return saveSession(sessions, change.session)
    case 'hash': return sessions.addHash(change.sessionId, change.hash, change.sinceMs)
    case 'stage': return sessions.saveStage(change.sessionId, change.sighting)
    case 'event': return events.add(change.event)
    case 'alias': return sessions.saveAlias(change)
  }
}

export const saveSource = (sources: SourceRecords, source: SourceState): void => sources.save({ ...source, clock: knownOffset(source.clockState) })

export const saveNode = (nodes: NodeRecords, node: NodeState): void => nodes.save({ ...node, currentSession: node.current?.id, clock: knownOffset(node.clockState) })

export function saveSession(sessions: SessionRecords, session: SessionState): void {
  const { node, phase, kernel, isAnnounced } = session
  sessions.save({ ...session, nodeId: node.id, state: phase, kernelMarks: encodeEvidence(kernel, isAnnounced) })
}
