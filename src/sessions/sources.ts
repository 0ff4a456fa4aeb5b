import type { TimeZone } from '#base/time-zone.ts'
import { DELIVERY, type SourceRole } from '#domain/source.ts'
import type { SourceDefinition } from '#domain/stream.ts'
import { ClockState, restoredClock } from './clock-offset.ts'
import type { SourcesConfig } from './config.ts'
import type { WriterCounters } from './counters.ts'
import { FormState } from './form-state.ts'
import { createForms, type Forms } from './forms.ts'
import type { Journal } from './journal.ts'
import { restoredZone, SenderZone } from './sender-zone.ts'
import { createSourceSettings } from './source-settings.ts'
import type { SessionState, SourceState } from './state.ts'
import type { Voice } from './voice.ts'
import { createZones, type Zones } from './zones.ts'

export type { Binding } from './voice.ts'

/** Address of the source that all senders beyond `max_sources` share. */
const OTHER_SOURCE = 'other'
/** Not 0: the engine gives an object another shape when a small integer becomes a fraction, and compiles the tagger anew, again and again. */
const NO_RATE = Number.MIN_VALUE

/** A sender within one epoch of ingest: what its `ref` stands for, and what was found out last. */
export interface Speaker {
  readonly source: SourceState
  /** The name in its certificate; `` for none. */
  readonly certificate: string
  readonly isDhcp: boolean
  /** Access lines of its web server are believed. */
  readonly isFileServer: boolean
  readonly isRelay: boolean
  readonly isHub: boolean
  readonly isInternal: boolean
  /** The one heard last. */
  voice: Voice | undefined
  readonly voices: Map<number, Voice>
  label: string
  labelled: readonly SessionState[]
}

export interface Sources {
  /** Another epoch: refs mean other senders. */
  begin(epoch: number, definitions: readonly SourceDefinition[], atMs: number): void
  speaker(ref: number): Speaker
  readonly dirty: Set<SourceState>
  readonly forms: Forms
  readonly zones: Zones
  byId(id: number): SourceState | undefined
}

interface Options {
  readonly journal: Journal
  readonly config: SourcesConfig
  readonly maxSources: number
  readonly counters: WriterCounters
  readonly clock: () => number
}

export function createSources({ journal, config, maxSources, counters, clock }: Options): Sources {
  const settings = createSourceSettings(config)
  const known = new Map<string, SourceState>()
  const byId = restore(journal, settings)
  for (const source of byId.values()) known.set(keyOf(source), source)
  const dirty = new Set<SourceState>()
  let nextId = Math.max(0, ...byId.keys()) + 1
  let epoch = Number.NaN
  let speakers: Speaker[] = []

  const sourceOf = (sender: Sender, atMs: number): SourceState => {
    const key = keyOf(sender)
    const found = known.get(key)
    if (found !== undefined) {
      found.certificate = sender.certificate ?? found.certificate // saved with the counters of its next batch
      return found
    }
    if (sender.address !== OTHER_SOURCE && known.size >= maxSources) {
      counters.add('refused:sources')
      return sourceOf({ ...sender, address: OTHER_SOURCE, listener: OTHER_SOURCE }, atMs)
    }
    const id = nextId++
    const source: SourceState = {
      id, address: sender.address, transport: sender.transport, delivery: DELIVERY[sender.transport], listener: sender.listener, certificate: sender.certificate ?? '', roles: settings.roles(sender.address, sender.transport),
      firstSeenMs: atMs, lastSeenMs: atMs, messages: 0, faulty: 0, conflicts: 0, rate: NO_RATE, clockState: new ClockState(),
      zone: new SenderZone({ sourceId: id, host: '', configured: settings.zone(sender.address) }), forms: [], batchRows: 0, batchFaulty: 0, batchConflicts: 0,
    }
    known.set(key, source)
    byId.set(source.id, source)
    journal.add({ kind: 'source', source })
    return source
  }
  return {
    dirty,
    forms: createForms({ counters, maxSources }, byId.values()),
    zones: createZones({ records: journal.records.sources, counters }),
    byId: (id) => byId.get(id),
    begin(next, definitions, atMs) {
      if (next !== epoch) {
        epoch = next
        speakers = []
      }
      for (const definition of definitions) speakers[definition.ref] = speakerOf(sourceOf(definition, atMs), definition.certificate)
    },
    speaker(ref) {
      // A ref that was never defined: its rows are kept under the shared source.
      return (speakers[ref] ??= speakerOf(sourceOf({ address: OTHER_SOURCE, transport: 'udp', listener: OTHER_SOURCE }, clock())))
    },
  }
}

type Sender = Omit<SourceDefinition, 'ref'>
const keyOf = ({ address, transport, listener }: Pick<SourceState, 'address' | 'transport' | 'listener'>): string => `${address} ${transport} ${listener}`

/** Everything that hub.db knows of who sends. */
function restore(journal: Journal, settings: { roles(address: string, transport: string): readonly SourceRole[]; zone(address: string): TimeZone | undefined }): Map<number, SourceState> {
  const { sources } = journal.records
  const forms = Map.groupBy(sources.forms(), ({ sourceId }) => sourceId)
  const zones = new Map(sources.zones().filter(({ host }) => host === '').map((zone) => [zone.sourceId, zone]))
  return new Map(sources.list().map(({ clock, ...record }): [number, SourceState] => [record.id, {
    ...record, delivery: DELIVERY[record.transport], rate: Math.max(NO_RATE, record.rate), roles: settings.roles(record.address, record.transport), clockState: restoredClock(clock),
    zone: restoredZone(new SenderZone({ sourceId: record.id, host: '', configured: settings.zone(record.address) }), zones.get(record.id)),
    forms: (forms.get(record.id) ?? []).map((form) => Object.assign(new FormState(form), form)),
    batchRows: 0, batchFaulty: 0, batchConflicts: 0,
  }]))
}

function speakerOf(source: SourceState, certificate = ''): Speaker {
  const has = (role: SourceRole) => source.roles.includes(role)
  return {
    source, certificate, isDhcp: has('dhcp'), isFileServer: has('dhcp') || (has('hub') && source.transport !== 'internal'), isRelay: has('relay'), isHub: has('hub'), isInternal: source.transport === 'internal',
    voice: undefined, voices: new Map(), label: '', labelled: [],
  }
}
