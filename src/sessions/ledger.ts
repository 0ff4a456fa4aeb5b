import type { Clock } from '#base/time.ts'
import { HINT, type Batch } from '#domain/batch.ts'
import { decayedRate, RATE_FADES_MS } from '#domain/source.ts'
import { countForm } from './form-state.ts'
import { DOUBLED } from './doubled/doubled-marks.ts'
import { isDamaged } from './forms.ts'
import { saveNode, saveSession, saveSource } from './journal.ts'
import { addMark, kernelMark } from './kernel-evidence.ts'
import { nameSession, type Parts } from './lifecycle.ts'
import type { Sources } from './sources.ts'
import { noteListener, type SessionState, type SourceState } from './state.ts'
import type { Touched } from './tagger.ts'

/** A kernel's first messages come in a burst, and the last of them tell its start best. */
const KERNEL_SETTLES_MS = 5000

/** Counters and last-seen times of sources, nodes and sessions: raised by what is on disk, written down from time to time. */
export interface Ledger {
  /** The batch is on disk. */
  count(touched: Touched, batch: Batch): void
  /** The disk refused it. */
  forget(touched: Touched): void
  /** Counts once more what was committed after the last flush of a hub that was killed. */
  recount(batch: Batch, fromRow: number): void
  /** Gives sessions the hash that their kernel's start implies, once that has settled. */
  nameKernels(nowMs: number): void
  flush(lastSeq: number): void
}

interface LedgerOptions {
  readonly parts: Parts
  readonly sources: Sources
  readonly clock: Clock
  /** What is written in the same transaction. */
  readonly also: readonly { write(): void; written(): void }[]
}

export function createLedger({ parts, sources, clock, also }: LedgerOptions): Ledger {
  const { book, directory, counters, journal } = parts
  /** Sessions whose kernel has shown itself, with the time from which its start may be believed. */
  const unnamed = new Map<SessionState, number>()

  const raise = (session: SessionState, { batch, rows, replayed, acknowledged, streamed, firstRow, lastRow }: Raise): void => {
    const { firstSeq, receivedMs } = batch
    session.messages += rows
    session.replayed += replayed
    session.acknowledged += acknowledged
    session.streamed += streamed
    if (session.firstSeq === 0) session.firstSeq = firstSeq + firstRow
    session.lastSeq = Math.max(session.lastSeq, firstSeq + lastRow)
    session.lastMessageMs = Math.max(session.lastMessageMs, receivedMs[lastRow]!)
    session.node.lastSeenMs = Math.max(session.node.lastSeenMs ?? 0, receivedMs[lastRow]!)
    directory.touch(session.node)
    if (!session.isDirty) book.touch(session)
  }
  return {
    count({ sessions, sources: senders, forms }, batch) {
      const nowMs = clock()
      for (const session of sessions) {
        const { batchRows: rows, batchReplayed: replayed, batchAcknowledged: acknowledged, batchStreamed: streamed, batchFirstRow: firstRow, batchLastRow: lastRow } = session
        clearSession(session)
        raise(session, { batch, rows, replayed, acknowledged, streamed, firstRow, lastRow })
        const into = session.joinedTo
        if (into !== undefined) raise(into, { batch, rows, replayed: 0, acknowledged, streamed, firstRow, lastRow })
        if (replayed > 0) parts.emit((firstSeq) => ({ kind: 'replay', seq: firstSeq + firstRow, nodeId: session.node.id, sessionId: session.id, rows: replayed }))
        if (session.kernel !== undefined && session.hashes.length === 0 && !unnamed.has(session)) unnamed.set(session, nowMs + KERNEL_SETTLES_MS)
      }
      for (const source of senders) {
        source.messages += source.batchRows
        source.faulty += source.batchFaulty
        source.conflicts += source.batchConflicts
        if (source.batchConflicts > 0) counters.add('conflict:name', source.batchConflicts)
        addToRate(source, source.batchRows, nowMs)
        source.lastSeenMs = Math.max(source.lastSeenMs, nowMs)
        clearSource(source)
        sources.dirty.add(source)
      }
      for (const form of forms) {
        countForm(form, { rows: form.batchRows, lastMs: batch.receivedMs[form.batchLastRow]!, lastSeq: batch.firstSeq + form.batchLastRow })
        form.batchRows = 0
        sources.forms.dirty.add(form)
      }
    },
    forget({ sessions, sources: senders, forms, voices, heard }) {
      for (const voice of voices) Object.assign(voice, { rows: 0, formRows: 0, faulty: 0 })
      for (const voice of heard) voice.sampleRow = -1
      for (const form of forms) form.batchRows = 0
      for (const session of sessions) clearSession(session)
      for (const source of senders) clearSource(source)
    },
    recount(batch, fromRow) {
      for (let row = fromRow; row < batch.rows; row++) {
        const source = sources.byId(batch.source[row]!)
        if (source !== undefined) {
          const receivedMs = batch.receivedMs[row]!
          source.messages++
          if (isDamaged(batch.faults[row]!)) source.faulty++
          addToRate(source, 1, receivedMs)
          source.lastSeenMs = Math.max(source.lastSeenMs, receivedMs)
          sources.dirty.add(source)
          const form = sources.forms.of(source, batch.format[row]!, batch.faults[row]! & ~DOUBLED)
          countForm(form, { rows: 1, lastMs: receivedMs, lastSeq: batch.firstSeq + row })
          sources.forms.dirty.add(form)
        }
        const session = book.byId(batch.session[row]!, directory.byId)
        if (session === undefined) continue
        const isNumbered = (batch.hints[row]! & HINT.sequence) !== 0
        const acknowledged = source?.delivery === 'acknowledged' && !isNumbered ? 1 : 0
        const streamed = source?.delivery === 'stream' && !isNumbered ? 1 : 0
        for (const to of session.joinedTo === undefined ? [session] : [session, session.joinedTo]) {
          raise(to, { batch, rows: 1, replayed: 0, acknowledged, streamed, firstRow: row, lastRow: row })
          if (source?.delivery === 'datagram') noteListener(to, source.listener)
        }
        if (session.kernel !== undefined) recoverMark(session, batch, row)
      }
    },
    nameKernels(nowMs) {
      for (const [session, dueMs] of unnamed) {
        if (nowMs < dueMs || session.phase === 'suspect') continue
        unnamed.delete(session)
        if (session.joinedTo === undefined) nameSession(parts, session)
      }
    },
    flush(lastSeq) {
      journal.commit(() => {
        for (const source of sources.dirty) saveSource(journal.records.sources, source)
        for (const form of sources.forms.dirty) journal.records.sources.saveForm(form)
        for (const zone of sources.zones.dirty) journal.records.sources.saveZone(zone)
        for (const node of directory.dirty) saveNode(journal.records.nodes, node)
        for (const session of book.dirty) saveSession(journal.records.sessions, session)
        for (const other of also) other.write()
        journal.records.sessions.saveCursor(lastSeq, clock())
      })
      for (const other of also) other.written()
      for (const session of book.dirty) session.isDirty = false
      sources.dirty.clear()
      sources.forms.dirty.clear()
      sources.zones.dirty.clear()
      directory.dirty.clear()
      book.dirty.clear()
      book.trim()
    },
  }
}

interface Raise { readonly batch: Batch; readonly rows: number; readonly replayed: number; readonly acknowledged: number; readonly streamed: number; readonly firstRow: number; readonly lastRow: number }

function clearSession(session: SessionState): void {
  session.batchRows = 0
  session.batchReplayed = 0
  session.batchAcknowledged = 0
  session.batchStreamed = 0
}

/** Messages per second: each counts less with time. */
function addToRate(source: SourceState, rows: number, nowMs: number): void {
  source.rate = decayedRate(source.rate, nowMs - source.lastSeenMs) + (rows * 1000) / RATE_FADES_MS
}

function clearSource(source: SourceState): void {
  source.batchRows = 0
  source.batchFaulty = 0
  source.batchConflicts = 0
}

const CLOCK = /^\[\s*(\d{1,10})\.(\d{6})\]/

/** The printk clock is not stored as a column; the text has it. */
function recoverMark(session: SessionState, batch: Batch, row: number): void {
  if ((batch.hints[row]! & (HINT.kernel | HINT.printkClock)) !== (HINT.kernel | HINT.printkClock)) return
  const start = batch.frameStart[row]! + batch.textOff[row]!
  const end = start + batch.textLen[row]!
  const match = CLOCK.exec(Buffer.from(batch.bytes.subarray(start, Math.min(end, start + 24))).toString('latin1'))
  if (match === null) return
  const clockUs = Number(match[1]) * 1_000_000 + Number(match[2])
  addMark(session.kernel!, clockUs, kernelMark(clockUs, batch.bytes, start, end))
  session.kernel!.lastUs = Math.max(session.kernel!.lastUs, clockUs)
}
