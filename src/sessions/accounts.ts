import { HINT, type Batch } from '#domain/batch.ts'
import { FRAMING } from '#domain/framing.ts'
import { PARSE_FAULTS, type ParseFault } from '#domain/message.ts'
import type { IngestLoss } from '#domain/stream.ts'
import type { LossRecords } from '#store/index.ts'
import type { Parts } from './lifecycle.ts'
import { createLosses, type Losses } from './losses.ts'
import type { Sources } from './sources.ts'
import type { SessionState, SourceState } from './state.ts'
import type { Touched } from './tagger.ts'

/** What is lost, and of whom and about which session: what ingest tells, what the disk refuses, and what rows say of themselves. */
export interface Accounts {
  /** What rows say, and what others find in them: counted again from the rows after a crash, so it is written with the counters. */
  readonly ofRows: Losses
  /** What is in no row: written with the next transaction of all, and never counted again. */
  readonly told: Losses
  /** The losses that came with a batch; its senders are known. */
  take(losses: readonly IngestLoss[]): void
  /** The batch is on disk; `touched` is not counted yet. */
  settle(batch: Batch, touched: Touched): void
  /** The disk refused the batch. `isTagged`: its rows have their ids; false: they have refs; undefined: it was refused in between. */
  refuse(batch: Batch, isTagged: boolean | undefined): void
  /** Rows committed before a crash that are not in the counters. */
  recount(batch: Batch, fromRow: number): void
  /** Keeps the ledger within its bounds, every hour; throws when hub.db refuses. */
  tidy(nowMs: number): void
}

/** Entries of the ledger; beyond, those of the oldest sessions are added up. */
const MAX_LEDGER_ROWS = 200_000
const TIDY_EVERY_MS = 3_600_000

const faultBit = (fault: ParseFault): number => 1 << PARSE_FAULTS.indexOf(fault)
const NOT_WHOLE = [{ bit: faultBit('truncated'), reason: 'cut' }, { bit: faultBit('piece-missing'), reason: 'piece-missing' }] as const
const NOT_WHOLE_BITS = NOT_WHOLE.reduce((bits, { bit }) => bits | bit, 0)
/** Whoever sends in these framings is told that the disk refused, and sends again. */
const TOLD_FRAMINGS: ReadonlySet<number> = new Set([FRAMING.relp, FRAMING.httpLines, FRAMING.ndjson, FRAMING.journal])

interface Options {
  readonly parts: Parts
  readonly sources: Pick<Sources, 'speaker' | 'byId'>
  readonly records: LossRecords
  /** Entries keep their hour for so long. */
  readonly keepMs: number
}

export function createAccounts({ parts, sources, records, keepMs }: Options): Accounts {
  const { directory, counters } = parts
  const ofRows = createLosses(records, counters)
  const told = createLosses(records, counters)
  let nextTidyMs = 0

  const bookRows = (batch: Batch, fromRow: number): void => {
    for (const { bit, reason } of NOT_WHOLE) {
      const book = (run: Run): void => ofRows.add({ ...run, listener: sources.byId(run.sourceId)?.listener ?? '', reason })
      forEachRun(batch, { fromRow, isCounted: (row) => (batch.faults[row]! & bit) !== 0, sourceOf: (row) => batch.source[row]!, sessionOf: (row) => batch.session[row]! }, book)
    }
  }
  return {
    ofRows,
    told,
    take(losses) {
      for (const { ref, listener, reason, count, firstMs, lastMs, templates = [] } of losses) {
        const source = ref === 0 ? undefined : sources.speaker(ref).source
        const sourceId = source?.id ?? 0
        told.add({ sourceId, listener, reason, count, firstMs, lastMs, sessionId: ownSession(directory, source) })
        for (const template of templates) told.addShed({ ...template, sourceId })
      }
    },
    settle(batch, touched) {
      if ((touched.faults & NOT_WHOLE_BITS) !== 0) bookRows(batch, 0)
      if ((touched.hints & HINT.sequence) !== 0) leaveNumberedOut(batch, touched)
    },
    refuse(batch, isTagged) {
      const sourceOf = (row: number): SourceState | undefined => {
        if (isTagged === undefined) return undefined
        return isTagged ? sources.byId(batch.source[row]!) : sources.speaker(batch.source[row]!).source
      }
      forEachRun(batch, {
        fromRow: 0,
        isCounted: (row) => !isToldOfRefusal(sourceOf(row), batch.framing[row]!),
        sourceOf: (row) => sourceOf(row)?.id ?? 0,
        sessionOf: (row) => (isTagged === true ? batch.session[row]! : ownSession(directory, sourceOf(row))),
      }, (run) => told.add({ ...run, listener: sources.byId(run.sourceId)?.listener ?? '', reason: 'disk-refused' }))
    },
    recount(batch, fromRow) {
      bookRows(batch, fromRow)
    },
    tidy(nowMs) {
      if (nowMs < nextTidyMs) return
      parts.journal.commit(() => {
        records.removeShed(nowMs - keepMs)
        records.prune({ beforeMs: nowMs - keepMs, maxRows: MAX_LEDGER_ROWS })
      })
      nextTidyMs = nowMs + TIDY_EVERY_MS
    },
  }
}

/** The current session of whoever speaks only about itself; 0: it speaks about others, or is nobody. */
function ownSession({ owner }: Parts['directory'], source: SourceState | undefined): number {
  if (source === undefined || !source.roles.every((role) => role === 'node')) return 0
  const node = owner(source.address)?.node
  return (node?.suspect?.session ?? node?.current)?.id ?? 0
}

function isToldOfRefusal(source: SourceState | undefined, framing: number): boolean {
  if (source === undefined) return TOLD_FRAMINGS.has(framing)
  return source.transport === 'relp' || source.transport === 'http'
}

/** What is known by its number counts as numbered alone, whichever way it came. */
function leaveNumberedOut(batch: Batch, { sources, sessions }: Touched): void {
  const ways = new Map(sources.filter(({ delivery }) => delivery !== 'datagram').map((source) => [source.id, source.delivery]))
  if (ways.size === 0) return
  const byId = new Map<number, SessionState>(sessions.map((session) => [session.id, session]))
  for (let row = 0; row < batch.rows; row++) {
    if ((batch.hints[row]! & HINT.sequence) === 0) continue
    const way = ways.get(batch.source[row]!)
    const session = way === undefined ? undefined : byId.get(batch.session[row]!)
    if (session === undefined) continue
    if (way === 'acknowledged') session.batchAcknowledged--
    else session.batchStreamed--
  }
}

interface Run { readonly sourceId: number; readonly sessionId: number; readonly count: number; readonly firstMs: number; readonly lastMs: number }
interface Rows { readonly fromRow: number; isCounted(row: number): boolean; sourceOf(row: number): number; sessionOf(row: number): number }

/** Counted rows of one source and session that follow each other, together. */
function forEachRun(batch: Batch, { fromRow, isCounted, sourceOf, sessionOf }: Rows, take: (run: Run) => void): void {
  let run: { sourceId: number; sessionId: number; count: number; firstMs: number; lastMs: number } | undefined
  for (let row = fromRow; row < batch.rows; row++) {
    if (!isCounted(row)) continue
    const atMs = batch.receivedMs[row]!
    const [sourceId, sessionId] = [sourceOf(row), sessionOf(row)]
    if (run !== undefined && run.sourceId === sourceId && run.sessionId === sessionId) {
      run.count++
      run.lastMs = atMs
      continue
    }
    if (run !== undefined) take(run)
    run = { sourceId, sessionId, count: 1, firstMs: atMs, lastMs: atMs }
  }
  if (run !== undefined) take(run)
}
