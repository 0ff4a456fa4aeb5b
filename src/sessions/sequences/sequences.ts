import { HINT, type Batch } from '#domain/batch.ts'
import type { SequenceRecords } from '#store/index.ts'
import { DOUBLED, type DoubledMarks } from '../doubled/doubled-marks.ts'
import { createFrameHash } from '../frame-hash.ts'
import type { LossEntry, Losses } from '../losses.ts'
import type { Sources } from '../sources.ts'
import type { SessionState } from '../state.ts'
import { KIND, RowNumber } from './row-number.ts'
import { createTrackers } from './trackers.ts'
import type { SequenceTracker } from './tracker.ts'

/** The numbers that senders put on their messages: what is missing goes into the ledger, what came before is marked. */
export interface Sequences {
  /** Reads the numbers of a batch that is tagged; `hints` are those of all rows, `epoch` that of its refs. */
  observe(batch: Batch, about: { readonly hints: number; readonly epoch: number }): void
  /** The batch is on disk. */
  settle(): void
  /** The disk refused it. */
  forget(): void
  /** Reads the numbers of a batch that was committed before a crash. */
  recount(batch: Batch, fromRow: number): void
  /** Numbers that do not come any more are missing. */
  tick(nowMs: number): void
  /** Writes where all stand, into the transaction that writes the losses; call `written` once it is through. */
  write(): void
  written(): void
}

interface Options {
  readonly records: SequenceRecords
  readonly losses: Losses
  readonly marks: DoubledMarks
  readonly sources: Pick<Sources, 'byId'>
  readonly sessionOf: (id: number) => SessionState | undefined
  readonly touch: (session: SessionState) => void
  readonly nowMs: number
}

export function createSequences({ records, losses, marks, sources, sessionOf, touch, nowMs }: Options): Sequences {
  const number = new RowNumber()
  const frameHash = createFrameHash()
  const observed = { value: 0, frame: 0, atMs: 0 }
  /** Of the batch in hand. */
  let touched: SequenceTracker[] = []
  const numbered = new Map<number, number>()
  let found: LossEntry[] = []
  const take = (tracker: SequenceTracker, atMs: number): LossEntry[] => {
    const { state, lost, kind } = tracker
    if (lost === 0) return []
    tracker.lost = 0
    if (lost > 0) state.bookedMs = atMs
    const { sourceId, sessionId, bookedMs } = state
    return [{ reason: kind === KIND.kernel ? 'passed-over' : 'missing', sourceId, listener: sources.byId(sourceId)?.listener ?? '', sessionId, count: lost, firstMs: bookedMs, lastMs: bookedMs }]
  }
  const book = (entries: readonly LossEntry[]): void => entries.forEach(losses.add)
  const trackers = createTrackers({ records, nowMs, onForgotten: (tracker) => {
    tracker.giveUp()
    book(take(tracker, tracker.lastMs))
  } })
  const countRows = (sessionId: number, rows: number): void => {
    if (rows > 0) numbered.set(sessionId, (numbered.get(sessionId) ?? 0) + rows)
  }
  const observeRow = (batch: Batch, row: number, epoch: number | undefined): void => {
    if (!number.read(batch, row)) return
    const sessionId = batch.session[row]!
    // what a broken connection brings again was observed before
    if ((batch.faults[row]! & DOUBLED) !== 0) return countRows(sessionId, 1)
    const tracker = trackers.of({ batch, row, kind: number.kind, epoch })
    if (!tracker.isSaved) {
      tracker.save()
      touched.push(tracker)
      trackers.touch(tracker)
    }
    observed.value = number.value
    observed.atMs = batch.receivedMs[row]!
    observed.frame = frameHash.numbered(batch, row)
    const { state } = tracker
    if (tracker.kind === KIND.kernel && sessionId !== state.sessionId) tracker.giveUp() // another boot
    else if (tracker.kind === KIND.label && state.highest < 0 && state.tangledUntilMs === 0 && isFromItsBeginning(sessionOf(sessionId))) tracker.beginsAt1(observed)
    if (sessionId !== state.sessionId) {
      found.push(...take(tracker, observed.atMs))
      countRows(state.sessionId, tracker.rows)
      tracker.rows = 0
    }
    tracker.rows++
    state.sessionId = sessionId
    state.sourceId = batch.source[row]!
    tracker.lastMs = observed.atMs
    if (tracker.observe(observed) === 'doubled' && epoch !== undefined && tracker.kind !== KIND.kernel) marks.mark(batch, row, 'number')
  }
  const settle = (): void => {
    for (const tracker of touched) {
      tracker.keep()
      countRows(tracker.state.sessionId, tracker.rows)
      tracker.rows = 0
      book(take(tracker, tracker.lastMs))
      trackers.watch(tracker)
    }
    book(found)
    found = []
    touched = []
    for (const [id, rows] of numbered) raise(sessionOf(id), rows, touch)
    numbered.clear()
  }
  return {
    observe(batch, { hints, epoch }) {
      if ((hints & HINT.sequence) !== 0) for (let row = 0; row < batch.rows; row++) if ((batch.hints[row]! & HINT.sequence) !== 0) observeRow(batch, row, epoch)
    },
    settle,
    forget() {
      for (const tracker of touched) {
        tracker.restore()
        tracker.rows = 0
      }
      found = []
      touched = []
      numbered.clear()
    },
    recount(batch, fromRow) {
      for (let row = fromRow; row < batch.rows; row++) if ((batch.hints[row]! & HINT.sequence) !== 0) observeRow(batch, row, undefined)
      settle()
    },
    tick(atMs) {
      for (const tracker of trackers.watched) {
        tracker.tick(atMs)
        book(take(tracker, atMs))
        trackers.watch(tracker)
      }
    },
    write: trackers.write,
    written: trackers.written,
  }
}

/** The session was announced, and none of its messages had a number yet. */
const isFromItsBeginning = (session: SessionState | undefined): boolean => session !== undefined && session.origin === 'announcement' && session.numbered === 0

function raise(session: SessionState | undefined, rows: number, touch: (session: SessionState) => void): void {
  for (let to = session; to !== undefined; to = to.joinedTo) {
    to.numbered += rows
    if (!to.isDirty) touch(to)
  }
}
