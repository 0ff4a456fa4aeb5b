import { HINT, type Batch } from '#domain/batch.ts'
import { createFrameHash, type FrameHash } from '../frame-hash.ts'
import type { Sources } from '../sources.ts'
import type { SourceState } from '../state.ts'
import { DOUBLED, type DoubledMarks } from './doubled-marks.ts'
import { SentAgain } from './sent-again.ts'
import { StoredTail, TAIL } from './stored-tail.ts'

/** Senders whose last frames are remembered: 2 KiB each. The one heard longest ago goes first. */
const MAX_TAILS = 2048
/** What comes again comes at once. */
const AT_ONCE_MS = 60_000

/** Marks what RELP senders send again after a connection broke, or the hub was killed, before they had their answers. */
export interface RelpRows {
  /** Marks rows of a batch that is tagged, and takes `HINT.opening` out of them. `hints` are those of all rows. */
  mark(batch: Batch, hints: number): void
  /** The batch is on disk; `senders` are those of its rows, with their number in `batchRows`. */
  settle(batch: Batch, senders: readonly SourceState[]): void
  /** The disk refused it: what begins a connection comes again. */
  forget(): void
  /** Rows that were stored before this writer began, oldest first. */
  remember(batch: Batch, fromRow: number): void
}

export function createRelpRows({ marks, sources }: { readonly marks: DoubledMarks; readonly sources: Pick<Sources, 'byId'> }): RelpRows {
  const frameHash = createFrameHash()
  const tails = new Map<number, StoredTail>()
  /** Senders that may be sending again. */
  let following = new Map<number, SentAgain>()
  let before = following
  /** Senders whose next row begins a connection. */
  const opening = new Set<number>()
  const opened = new Set<number>()

  const tailOf = (sourceId: number): StoredTail => {
    const tail = tails.get(sourceId) ?? new StoredTail()
    tails.delete(sourceId)
    tails.set(sourceId, tail)
    if (tails.size > MAX_TAILS) for (const [oldest] of tails) {
      tails.delete(oldest)
      break
    }
    return tail
  }
  /** @param frameOf the hash of a row of the batch */
  const open = (batch: Batch, row: number, frameOf: (row: number) => number): void => {
    const sourceId = batch.source[row]!
    const newer: number[] = []
    for (let at = row - 1; at >= 0 && newer.length < TAIL; at--) if (batch.source[at] === sourceId && !isDoubled(batch, at)) newer.push(frameOf(at))
    const head: number[] = []
    for (let at = row; at < batch.rows && head.length < TAIL; at++) {
      if (batch.source[at] !== sourceId) continue
      if (at > row && (batch.hints[at]! & HINT.opening) !== 0) break
      head.push(frameOf(at))
    }
    const stored = (tails.get(sourceId) ?? new StoredTail()).frames(newer.reverse())
    const again = SentAgain.at({ stored, head: Uint32Array.from(head), isStamped: isStamped(batch, row), untilMs: batch.receivedMs[row]! + AT_ONCE_MS })
    opened.add(sourceId)
    // one that begins with something new may be beside another that still sends again
    if (again !== undefined) following.set(sourceId, again)
  }
  return {
    mark(batch, hints) {
      if ((hints & HINT.opening) === 0 && following.size === 0 && opening.size === 0) return
      const atMs = batch.receivedMs[0]!
      following = new Map([...before].filter(([, again]) => again.untilMs > atMs).map(([sourceId, again]) => [sourceId, again.copy()]))
      const hashes = new Uint32Array(batch.rows)
      const frameOf = (row: number): number => (hashes[row] ||= frameHash.whole(batch, row))
      for (let row = 0; row < batch.rows; row++) {
        const sourceId = batch.source[row]!
        if ((batch.hints[row]! & HINT.opening) !== 0 || opening.has(sourceId)) {
          open(batch, row, frameOf)
          opening.delete(sourceId)
          batch.hints[row]! &= ~HINT.opening
        }
        const again = following.get(sourceId)
        if (again === undefined) continue
        if (again.takes(frameOf(row), isStamped(batch, row))) marks.mark(batch, row, 'relp')
        if (again.isOver) following.delete(sourceId)
      }
    },
    settle(batch, senders) {
      before = following
      opened.clear()
      const left = new Map<number, number>()
      for (const { id, transport, batchRows } of senders) if (transport === 'relp') left.set(id, Math.min(TAIL, batchRows))
      if (left.size > 0) pushTails({ batch, left, tailOf, frameHash })
    },
    forget() {
      following = before
      for (const sourceId of opened) if (opening.size < MAX_TAILS) opening.add(sourceId)
    },
    remember(batch, fromRow) {
      for (let row = fromRow; row < batch.rows; row++) {
        const sourceId = batch.source[row]!
        if (sources.byId(sourceId)?.transport === 'relp' && !isDoubled(batch, row)) tailOf(sourceId).push(frameHash.whole(batch, row))
      }
    },
  }
}

/** It is in the tail already, in its place: a connection that breaks again begins there again. */
const isDoubled = (batch: Batch, row: number): boolean => (batch.faults[row]! & DOUBLED) !== 0
const isStamped = (batch: Batch, row: number): boolean => !Number.isNaN(batch.sentMs[row]!)

/** The last rows of each sender, of which so many are to be found. */
function pushTails({ batch, left, tailOf, frameHash }: { readonly batch: Batch; readonly left: Map<number, number>; readonly tailOf: (sourceId: number) => StoredTail; readonly frameHash: FrameHash }): void {
  const rows: number[] = []
  for (let row = batch.rows - 1; row >= 0 && left.size > 0; row--) {
    const count = left.get(batch.source[row]!)
    if (count === undefined) continue
    if (!isDoubled(batch, row)) rows.push(row)
    if (count === 1) left.delete(batch.source[row]!)
    else left.set(batch.source[row]!, count - 1)
  }
  let sourceId = -1
  let tail: StoredTail | undefined
  for (const row of rows.reverse()) {
    if (tail === undefined || batch.source[row] !== sourceId) tail = tailOf(batch.source[row]!)
    sourceId = batch.source[row]!
    tail.push(frameHash.whole(batch, row))
  }
}
