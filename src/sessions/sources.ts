import { createIpSet } from '#base/ip.ts'
import type { SourceRole } from '#domain/source.ts'
import type { SourceDefinition } from '#domain/stream.ts'
import type { SourcesConfig } from './config.ts'
import type { WriterCounters } from './counters.ts'
import type { Journal } from './journal.ts'
import type { NodeState, SessionState, SourceState } from './state.ts'

/** Host names remembered of one sender in one epoch: a relay speaks for a fleet. */
export const MAX_VOICES = 16_384
/** Address of the source that all senders beyond `max_sources` share. */
const OTHER_SOURCE = 'other'

/** Whom a sender means with a host name: the answer of the identity rules, valid for one version of the directory. */
export interface Binding {
  readonly version: number
  readonly node: NodeState | undefined
  readonly method: number
  readonly confidence: number
  /** 1: the host name contradicts the address. */
  readonly conflict: number
}

/**
 * A sender under one host name, within one epoch: what its plain rows are tagged with while `version` is the directory's, and
 * its rows of the batch in hand.
 */
export interface Voice {
  readonly hostRef: number
  readonly source: SourceState
  readonly sourceId: number
  binding: Binding | undefined
  version: number
  session: SessionState | undefined
  nodeId: number
  sessionId: number
  method: number
  confidence: number
  rows: number
  firstRow: number
  lastRow: number
  faulty: number
}

export const newVoice = (source: SourceState, hostRef: number): Voice => ({
  hostRef, source, sourceId: source.id, binding: undefined, version: -1, session: undefined, nodeId: 0, sessionId: 0, method: 0, confidence: 0,
  rows: 0, firstRow: 0, lastRow: 0, faulty: 0,
})

/** A sender within one epoch of ingest: what its `ref` stands for, and what was found out last. */
export interface Speaker {
  readonly source: SourceState
  readonly isDhcp: boolean
  readonly isRelay: boolean
  readonly isHub: boolean
  readonly isInternal: boolean
  /** The one heard last. */
  voice: Voice | undefined
  readonly voices: Map<number, Voice>
  label: string
  labelled: readonly SessionState[]
  zoneMs: number | undefined
}

export interface Sources {
  /** Another epoch: refs mean other senders. */
  begin(epoch: number, definitions: readonly SourceDefinition[], atMs: number): void
  speaker(ref: number): Speaker
  readonly dirty: Set<SourceState>
  byId(id: number): SourceState | undefined
}

interface Options {
  readonly journal: Journal
  readonly roles: SourcesConfig
  readonly maxSources: number
  readonly counters: WriterCounters
  readonly clock: () => number
}

export function createSources({ journal, roles, maxSources, counters, clock }: Options): Sources {
  const rolesOf = createRoles(roles)
  const known = new Map<string, SourceState>()
  const byId = new Map<number, SourceState>()
  const dirty = new Set<SourceState>()
  let nextId = 1
  for (const record of journal.records.sources.list()) {
    const source: SourceState = { ...record, roles: rolesOf(record.address, record.transport), isDirty: false, batchRows: 0, batchFaulty: 0, batchConflicts: 0 }
    known.set(keyOf(record), source)
    byId.set(record.id, source)
    nextId = Math.max(nextId, record.id + 1)
  }
  let epoch = Number.NaN
  let speakers: Speaker[] = []

  const sourceOf = (sender: Sender, atMs: number): SourceState => {
    const key = keyOf(sender)
    const found = known.get(key)
    if (found !== undefined) return found
    if (sender.address !== OTHER_SOURCE && known.size >= maxSources) {
      counters.add('refused:sources')
      return sourceOf({ ...sender, address: OTHER_SOURCE, listener: OTHER_SOURCE }, atMs)
    }
    const source: SourceState = {
      id: nextId++, address: sender.address, transport: sender.transport, listener: sender.listener, roles: rolesOf(sender.address, sender.transport),
      firstSeenMs: atMs, lastSeenMs: atMs, messages: 0, faulty: 0, conflicts: 0, isDirty: false, batchRows: 0, batchFaulty: 0, batchConflicts: 0,
    }
    known.set(key, source)
    byId.set(source.id, source)
    journal.add({ kind: 'source', source })
    return source
  }
  return {
    dirty,
    byId: (id) => byId.get(id),
    begin(next, definitions, atMs) {
      if (next !== epoch) {
        epoch = next
        speakers = []
      }
      for (const definition of definitions) speakers[definition.ref] = speakerOf(sourceOf(definition, atMs))
    },
    speaker(ref) {
      // A ref that was never defined: its rows are kept under the shared source.
      return (speakers[ref] ??= speakerOf(sourceOf({ address: OTHER_SOURCE, transport: 'udp', listener: OTHER_SOURCE }, clock())))
    },
  }
}

type Sender = Pick<SourceState, 'address' | 'transport' | 'listener'>
const keyOf = ({ address, transport, listener }: Sender): string => `${address} ${transport} ${listener}`

function speakerOf(source: SourceState): Speaker {
  const has = (role: SourceRole) => source.roles.includes(role)
  return {
    source, isDhcp: has('dhcp'), isRelay: has('relay'), isHub: has('hub'), isInternal: source.transport === 'internal',
    voice: undefined, voices: new Map(), label: '', labelled: [], zoneMs: undefined,
  }
}

/** Roles by address as configured; a sender in several entries has the roles of all of them. */
function createRoles(config: SourcesConfig): (address: string, transport: string) => SourceRole[] {
  const entries = config.map(({ address, roles }) => {
    const set = createIpSet()
    set.add(address)
    return { set, roles }
  })
  return (address, transport) => {
    if (transport === 'internal') return ['hub']
    const found = entries.filter(({ set }) => set.has(address)).flatMap(({ roles }) => roles)
    return found.length === 0 ? ['node'] : [...new Set(found)]
  }
}
