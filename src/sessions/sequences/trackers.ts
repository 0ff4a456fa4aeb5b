import type { Batch } from '#domain/batch.ts'
import { SEQUENCE_KINDS } from '#domain/sequence.ts'
import type { SequenceRecords } from '#store/index.ts'
import { KIND } from './row-number.ts'
import { SequenceTracker } from './tracker.ts'

/** Sequences followed at once, of all senders: the one heard longest ago goes first. About 1 KiB each. */
const MAX_TRACKERS = 32_768
/** A sequence not heard for this long is forgotten at the next start. */
const KEPT_MS = 30 * 86_400_000
/** Refs are below this. */
const REFS = 2 ** 20
const KINDS = SEQUENCE_KINDS.length

interface Numbered {
  readonly batch: Batch
  readonly row: number
  readonly kind: number
  /** Of the refs of the batch; undefined: it has none any more. */
  readonly epoch: number | undefined
}

/** The trackers of all sequences, by who speaks. */
export interface Trackers {
  of(numbered: Numbered): SequenceTracker
  /** It was heard: it is the last to go, and is written with the next `write`. */
  touch(tracker: SequenceTracker): void
  /** Looks whether the tracker waits for numbers. */
  watch(tracker: SequenceTracker): void
  /** Those that wait for numbers. */
  readonly watched: ReadonlySet<SequenceTracker>
  write(): void
  written(): void
}

interface Options {
  readonly records: SequenceRecords
  readonly nowMs: number
  readonly onForgotten: (tracker: SequenceTracker) => void
}

export function createTrackers({ records, nowMs, onForgotten }: Options): Trackers {
  const all = restore(records, nowMs)
  /** By source, host ref and kind, within one epoch. */
  const near = new Map<number, SequenceTracker>()
  let nearEpoch = Number.NaN
  const dirty = new Set<SequenceTracker>()
  const watched = new Set<SequenceTracker>([...all.values()].filter(({ isWaiting }) => isWaiting))
  /** Forgotten since the last `write`; never more than were written. */
  const forgotten = new Set<SequenceTracker>()
  const inRecords = new Set(all.values())

  const forget = (tracker: SequenceTracker): void => {
    onForgotten(tracker)
    all.delete(keyOf(tracker))
    near.clear()
    dirty.delete(tracker)
    watched.delete(tracker)
    if (inRecords.delete(tracker)) forgotten.add(tracker)
  }
  const find = (identity: Identity): SequenceTracker => {
    const key = keyOf(identity)
    const known = all.get(key)
    if (known !== undefined) return known
    if (all.size >= MAX_TRACKERS) for (const oldest of all.values()) {
      forget(oldest)
      break
    }
    const tracker = new SequenceTracker(identity)
    all.set(key, tracker)
    return tracker
  }
  const dirtied = (tracker: SequenceTracker): void => void dirty.add(tracker)
  return {
    watched,
    of({ batch, row, kind, epoch }) {
      const sourceId = batch.source[row]!
      if (kind === KIND.label && batch.session[row] !== 0) return find({ sourceId: 0, host: `#${String(batch.session[row])}`, kind })
      // a host name that ingest had no number for has ref 0, as none has
      if (epoch === undefined || batch.hostRef[row] === 0) return find({ sourceId, host: hostOf(batch, row), kind })
      if (epoch !== nearEpoch) near.clear()
      nearEpoch = epoch
      const key = (sourceId * REFS + batch.hostRef[row]!) * KINDS + kind
      let tracker = near.get(key)
      if (tracker === undefined) {
        tracker = find({ sourceId, host: hostOf(batch, row), kind })
        near.set(key, tracker)
      }
      return tracker
    },
    touch(tracker) {
      const key = keyOf(tracker)
      all.delete(key)
      all.set(key, tracker)
      dirtied(tracker)
    },
    watch(tracker) {
      if (tracker.isWaiting) watched.add(tracker)
      else watched.delete(tracker)
      dirtied(tracker)
    },
    write() {
      for (const tracker of forgotten) records.remove({ sourceId: tracker.sourceId, host: tracker.host, kind: tracker.kindName })
      for (const tracker of dirty) records.save({ sourceId: tracker.sourceId, host: tracker.host, kind: tracker.kindName, state: tracker.state.encode(), lastMs: tracker.lastMs })
    },
    written() {
      for (const tracker of dirty) inRecords.add(tracker)
      dirty.clear()
      forgotten.clear()
    },
  }
}

type Identity = Pick<SequenceTracker, 'sourceId' | 'host' | 'kind'>
const keyOf = ({ sourceId, host, kind }: Identity): string => `${String(sourceId)} ${String(kind)} ${host}`

function hostOf(batch: Batch, row: number): string {
  const start = batch.frameStart[row]! + batch.hostOff[row]!
  return Buffer.from(batch.bytes.buffer, batch.bytes.byteOffset + start, batch.hostLen[row]!).toString('latin1')
}

function restore(records: SequenceRecords, nowMs: number): Map<string, SequenceTracker> {
  records.forgetBefore(nowMs - KEPT_MS)
  const all = new Map<string, SequenceTracker>()
  for (const { sourceId, host, kind, state, lastMs } of records.list(MAX_TRACKERS)) {
    const tracker = new SequenceTracker({ sourceId, host, kind: SEQUENCE_KINDS.indexOf(kind) })
    if (!tracker.state.decode(state)) continue
    tracker.lastMs = lastMs
    all.set(keyOf(tracker), tracker)
  }
  return all
}
