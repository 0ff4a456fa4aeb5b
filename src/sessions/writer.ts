import { createHash } from 'node:crypto'
import type { Clock } from '#base/time.ts'
import { openBatch, packBatch, type Batch, type BatchHeader } from '#domain/batch.ts'
import type { BatchMessage } from '#domain/stream.ts'
import { createLossRecords, type HubDatabase, type LogAppender } from '#store/index.ts'
import { createAccounts } from './accounts.ts'
import { createAckRows } from './ack-rows.ts'
import { createArrivals, LOOK_BACK_ROWS } from './arrivals.ts'
import { createBootBudget } from './boot-budget.ts'
import { createCommands } from './commands.ts'
import type { SessionsConfig, SourcesConfig } from './config.ts'
import type { WriterCounters } from './counters.ts'
import { createDhcp } from './dhcp.ts'
import { createDirectory } from './directory.ts'
import { createJournal } from './journal.ts'
import { nameSession, type EventMaker, type Parts } from './lifecycle.ts'
import type { StreamEvent, WriterCommand, WriterEvent, WriterReply } from './protocol.ts'
import { createLedger } from './ledger.ts'
import { restoreSessions } from './restore.ts'
import { createSessionBook } from './session-book.ts'
import { createSilence } from './silence/silence.ts'
import { createSources } from './sources.ts'
import { createSuspects } from './suspects.ts'
import { createTagger, nothingTouched, type Touched } from './tagger.ts'
import { findTokens } from './token-scan.ts'

/** Counters and last-seen times are written down this often. */
const FLUSH_EVERY_MS = 5000
const LOSSES_KEPT_MS = 90 * 24 * 3_600_000
/** Events kept of batches that the disk refused, until the next commit. */
export const MAX_CARRIED_EVENTS = 10_000

export interface WriterOptions {
  readonly db: HubDatabase
  readonly appender: LogAppender
  readonly sources: SourcesConfig
  readonly sessions: SessionsConfig
  /** Entries of the loss ledger keep their hour for so long; longer than messages are kept. */
  readonly lossesKeptMs?: number
  readonly clock: Clock
  readonly counters: WriterCounters
  readonly publish: (event: WriterEvent) => void
  /** The batch as committed, for live tails and rules; valid during the call. */
  readonly onCommitted?: (batch: Batch) => void
}

/** The log writer's core, the one owner of order, identity and sessions. Synchronous; the thread around it moves the messages. */
export interface Writer {
  /** Identifies, tags, numbers and commits; gives the batch's buffer back for reuse. What the disk refused is published, not thrown. */
  accept(message: BatchMessage): { readonly header: BatchHeader; readonly isStored: boolean }
  command(command: WriterCommand): WriterReply
  /** Decides what waits for time to pass, and flushes every `FLUSH_EVERY_MS`. Call it about once a second. */
  tick(): void
  /** Counters in hub.db include every message up to here; what was committed after it is handed to `recount` before the first `accept`. */
  replayAfter(): number
  /** `recount` looks at rows from behind here on, and counts those behind `replayAfter`. */
  lookBackTo(): number
  /** Counts the rows from `fromRow` on of a batch that was committed before a crash, as recovered: its ids are set, `firstSeq` is. */
  recount(batch: Batch, fromRow: number): void
  close(): void
}

export function createWriter(options: WriterOptions): Writer {
  const { db, appender, clock, counters, publish } = options
  const journal = createJournal(db)
  const directory = createDirectory({ journal, maxSeen: options.sessions.max_seen_nodes })
  const book = createSessionBook({ journal, nodeOf: directory.byId, counters, clock })
  const sources = createSources({ journal, config: options.sources, maxSources: options.sessions.max_sources, counters, clock })
  let makers: EventMaker[] = []
  const parts: Parts = { journal, directory, book, counters, budget: createBootBudget(), emit: (make) => void makers.push(make) }
  const suspects = createSuspects(parts)
  const tagger = createTagger(parts, { parts, suspects, dhcp: createDhcp(parts, suspects), acks: createAckRows({ parts, clock }) })
  const accounts = createAccounts({ parts, sources, records: createLossRecords(db), keepMs: options.lossesKeptMs ?? LOSSES_KEPT_MS })
  const arrivals = createArrivals({ db, parts, sources, losses: accounts.ofRows, nowMs: clock() })
  restoreSessions({ parts, suspects, nowMs: clock(), nextSeq: appender.nextSeq })
  const silence = createSilence({ db, parts, sources, config: options.sessions.silence, nowMs: clock() })
  const ledger = createLedger({ parts, sources, clock, also: [arrivals, accounts.ofRows, accounts.told, silence] })
  const countedSeq = journal.records.sessions.cursor()
  const commands = createCommands({ parts, suspects, silence, clock })
  let lastSeq = appender.nextSeq - 1
  let carried: StreamEvent[] = []
  let mustRetry = false
  /** The last tick could not write; said once. */
  let isRefused = false
  let flushedMs = clock()

  const takeEvents = (firstSeq: number): StreamEvent[] => {
    const events = [...carried, ...makers.map((make) => make(firstSeq, lastSeq))]
    makers = []
    carried = []
    counters.set('events-carried', 0)
    return events
  }
  const carry = (events: readonly StreamEvent[]): void => {
    carried = events.slice(-MAX_CARRIED_EVENTS)
    counters.set('events-carried', carried.length)
    counters.add('events-dropped', events.length - carried.length)
  }
  const nameRenamed = (): void => {
    for (const node of directory.takeRenamed()) if (node.current !== undefined) nameSession(parts, node.current)
  }
  /** Writes what changed outside a batch, and tells main what it meant. */
  const settleChanges = (): void => {
    nameRenamed()
    journal.commit(silence.hasNews ? silence.writeNews : undefined)
    silence.newsWritten()
    mustRetry = false
    const events = takeEvents(lastSeq)
    if (events.length > 0) publish({ kind: 'committed', lastSeq, rows: 0, receipts: [], events })
  }
  const flush = (): void => {
    ledger.flush(lastSeq)
    flushedMs = clock()
  }
  const commit = (batch: Batch, message: BatchMessage, touched: Touched): void => {
    // Who is who in this epoch and what was lost is told once: it counts whatever becomes of the batch.
    sources.begin(message.epoch, message.sources, clock())
    accounts.take(message.losses)
    // Nothing more is taken in while hub.db refuses what it was given before.
    if (mustRetry) journal.commit()
    mustRetry = true
    touched.isTagged = undefined
    // As the appender will number it; what is written down before may name its messages.
    batch.firstSeq = appender.nextSeq
    tagger.tag(batch, sources, touched)
    touched.isTagged = true
    nameRenamed()
    journal.commit(accounts.told.hasAny ? accounts.told.write : undefined)
    accounts.told.written()
    mustRetry = false
    if (batch.rows === 0) return
    arrivals.observe(batch, { touched, epoch: message.epoch })
    appender.append(batch)
    appender.sync()
  }
  const reportTokens = (batch: Batch): void => {
    const { found, isCut } = findTokens(batch)
    if (isCut) counters.add('tokens-cut')
    for (const { row, token } of found) {
      counters.add('tokens')
      const hash = new Uint8Array(createHash('sha256').update(token).digest())
      const sourceId = batch.source[row]!
      parts.emit((firstSeq) => ({ kind: 'token-seen', seq: firstSeq + row, hash, sourceId }))
    }
  }
  return {
    accept(message) {
      const batch = openBatch(message.header)
      const touched = nothingTouched(clock())
      counters.add('batches')
      try {
        commit(batch, message, touched)
        reportTokens(batch)
        if (batch.rows > 0) lastSeq = batch.firstSeq + batch.rows - 1
        book.stored()
        arrivals.settle(batch, touched)
        accounts.settle(batch, touched)
        if (batch.rows > 0) silence.observe(batch, touched)
        ledger.count(touched, batch)
        counters.add('commits')
        counters.add('rows', batch.rows)
      } catch (error) {
        arrivals.forget()
        silence.stalled()
        ledger.forget(touched)
        book.unstored(appender.nextSeq)
        accounts.refuse(batch, touched.isTagged)
        counters.add('commit-failures')
        counters.add('failed-rows', batch.rows)
        // Sessions did open and tokens were seen; acks and commands were not stored, so they did not happen.
        carry(takeEvents(lastSeq).filter(({ kind }) => kind !== 'ack' && kind !== 'ack-malformed' && kind !== 'trigger'))
        publish({ kind: 'commit-failed', rows: batch.rows, receipts: message.receipts, reason: reasonOf(error) })
        return { header: packBatch(batch), isStored: false }
      }
      // Copies go out first: who is told of a commit finds the batch there and need not read the store.
      if (batch.rows > 0) options.onCommitted?.(batch)
      publish({ kind: 'committed', lastSeq, rows: batch.rows, receipts: message.receipts, events: takeEvents(batch.firstSeq) })
      return { header: packBatch(batch), isStored: true }
    },
    command(command) {
      try {
        // as for a batch: what waits for hub.db grows no further while that refuses
        if (mustRetry) journal.commit()
        mustRetry = true
        const reply = commands.run(command)
        settleChanges()
        if (command.kind === 'flush' || command.kind === 'stop') flush()
        return reply
      } catch (error) {
        return { kind: 'reply', id: command.id, ok: false, code: 'store-failed', reason: `hub.db: ${reasonOf(error)}` }
      }
    },
    tick() {
      const nowMs = clock()
      try {
        suspects.tick(nowMs)
        ledger.nameKernels(nowMs)
        arrivals.tick(nowMs)
        silence.tick(nowMs)
        accounts.tidy(nowMs)
        settleChanges()
        if (nowMs - flushedMs >= FLUSH_EVERY_MS) flush()
        isRefused = false
      } catch (error) {
        if (isRefused) return
        isRefused = true
        publish({ kind: 'log', level: 'error', fields: { reason: reasonOf(error) }, message: 'hub.db could not be written; trying again' })
      }
    },
    replayAfter: () => journal.records.sessions.cursor(),
    lookBackTo: () => Math.max(0, countedSeq - LOOK_BACK_ROWS),
    recount(batch, fromRow) {
      ledger.recount(batch, Math.max(fromRow, countedSeq + 1 - batch.firstSeq))
      arrivals.recount(batch, { row: fromRow, countedSeq })
      accounts.recount(batch, Math.max(fromRow, countedSeq + 1 - batch.firstSeq))
      silence.recount(batch, Math.max(fromRow, countedSeq + 1 - batch.firstSeq))
      lastSeq = Math.max(lastSeq, batch.firstSeq + batch.rows - 1)
    },
    close() {
      silence.close()
      settleChanges()
      flush()
    },
  }
}

/** With its cause: that the disk is full is what people must know. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  return error.cause instanceof Error ? `${error.message}: ${error.cause.message}` : error.message
}
