import { parentPort, workerData, type MessagePort } from 'node:worker_threads'
import { packBatch, type BatchHeader } from '#domain/batch.ts'
import type { BatchMessage, ReturnMessage } from '#domain/stream.ts'
import { createWriter, WRITER_COUNTERS, type SessionsConfig, type SourcesConfig, type WriterCommand, type WriterEvent } from '#sessions/threads.ts'
import { forEachBatchAfter, LOG_WRITER_COUNTERS, openHubDatabase, openLogAppender, readWatermark, type WatermarkShared } from '#store/index.ts'
import { createWorkerCounters } from '#telemetry/threads.ts'
import type { RulesCredit, RulesFeed } from '#triggers/threads.ts'
import { tellBegun } from './begun.ts'
import { FEED_COUNTERS } from './feed-counters.ts'
import { createFeed, LIVE_AHEAD } from './feed.ts'
import { createLender } from './lender.ts'

/** Thread entry: the one owner of order, identity and sessions. */
export interface WriterData {
  readonly databasePath: string
  readonly logDirectory: string
  readonly segmentBytes: number
  readonly sealAfterMs: number
  readonly lossesKeptMs: number
  readonly sources: SourcesConfig
  readonly sessions: SessionsConfig
  readonly counters: SharedArrayBuffer
  readonly storeCounters: SharedArrayBuffer
  readonly feedCounters: SharedArrayBuffer
  readonly watermark: WatermarkShared
  readonly ingestPort: MessagePort
  /** Batches that the rules may hold at once. */
  readonly rulesAhead: number
}

/** What main says to this thread beside the writer's own commands, and what it hears beside its events. */
export type WriterThreadCommand = WriterCommand | { readonly kind: 'live'; readonly isOn: boolean } | { readonly kind: 'live-taken' }
  /** The rules are read through this port from now on; undefined: there are none, and what they hold comes back. */
  | { readonly kind: 'rules'; readonly port: MessagePort | undefined }
export type WriterThreadEvent = WriterEvent | { readonly kind: 'live'; readonly header: BatchHeader } | { readonly kind: 'segment-closed' } | { readonly kind: 'ready'; readonly lastSeq: number }

const TICK_MS = 1000

const data = workerData as WriterData
const main = parentPort!
const toMain = (event: WriterThreadEvent, transfer: readonly ArrayBuffer[] = []): void => main.postMessage(event, [...transfer])

const db = openHubDatabase(data.databasePath)
tellBegun()
const appender = openLogAppender({
  directory: data.logDirectory, segmentBytes: data.segmentBytes, sealAfterMs: data.sealAfterMs, clock: Date.now, watermark: data.watermark,
  counters: createWorkerCounters(LOG_WRITER_COUNTERS, data.storeCounters),
})
const feeds = createWorkerCounters(FEED_COUNTERS, data.feedCounters)
const toIngest = (message: ReturnMessage): void => data.ingestPort.postMessage(message)
let rulesPort: MessagePort | undefined
const toRules = (message: RulesFeed): void => rulesPort?.postMessage(message)
const rulesLender = createLender({
  ahead: data.rulesAhead,
  lend: (header) => toRules({ kind: 'batch', header }),
  giveBack: (header) => toIngest({ kind: 'return', header }),
  onOut: (batches) => feeds.set('lent', batches),
})
const liveFeed = createFeed({
  ahead: LIVE_AHEAD,
  post: (header, buffer) => toMain({ kind: 'live', header }, [buffer]),
  onOut: (copies) => feeds.set('copies', copies),
  onWithheld: () => feeds.add('withheld'),
})
const writer = createWriter({
  db, appender, sources: data.sources, sessions: data.sessions, lossesKeptMs: data.lossesKeptMs, clock: Date.now, counters: createWorkerCounters(WRITER_COUNTERS, data.counters), publish: toMain,
  onCommitted(batch) {
    liveFeed.send(batch)
    if (rulesPort !== undefined) rulesLender.offer(packBatch(batch))
    toRules({ kind: 'committed', lastSeq: batch.firstSeq + batch.rows - 1 })
  },
})

data.ingestPort.on('message', (message: BatchMessage) => {
  const { header, isStored } = writer.accept(message)
  toIngest({ kind: 'settled', isStored })
  rulesLender.release(header)
})
main.on('message', (command: WriterThreadCommand) => {
  if (command.kind === 'live') liveFeed.isOn = command.isOn
  else if (command.kind === 'live-taken') liveFeed.credit()
  else if (command.kind === 'rules') connectRules(command.port)
  else toMain(writer.command(command))
  if (command.kind === 'stop') stop()
})

forEachBatchAfter(data.logDirectory, writer.lookBackTo(), (batch, fromRow) => writer.recount(batch, fromRow))
for (const reason of appender.recovered) toMain({ kind: 'log', level: 'warn', fields: { reason }, message: 'Log recovered after an unclean end' })
let openSegment = readWatermark(data.watermark).segment
const timer = setInterval(() => {
  writer.tick()
  try {
    appender.rotateIfDue()
  } catch (fault) {
    // what was synced is safe; the next batch begins the segment, or says that the disk refuses
    toMain({ kind: 'log', level: 'error', fields: { reason: fault instanceof Error ? fault.message : String(fault) }, message: 'A new segment could not be begun' })
  }
  // closed by age just now, or by size since the last tick
  const { segment } = readWatermark(data.watermark)
  if (segment !== openSegment) toMain({ kind: 'segment-closed' })
  openSegment = segment
}, TICK_MS)
toMain({ kind: 'ready', lastSeq: appender.nextSeq - 1 })

function connectRules(port: MessagePort | undefined): void {
  rulesPort?.close()
  rulesLender.recall()
  rulesPort = port
  port?.on('message', (message: RulesCredit) => rulesLender.taken(message.lastSeq))
  toRules({ kind: 'committed', lastSeq: appender.nextSeq - 1 })
}

function stop(): void {
  clearInterval(timer)
  try {
    writer.close()
  } catch (fault) {
    // a full disk: what is not written is found again from the messages at the next start
    toMain({ kind: 'log', level: 'error', fields: { reason: fault instanceof Error ? fault.message : String(fault) }, message: 'hub.db could not be written at the end' })
  }
  appender.close()
  db.close()
  data.ingestPort.close()
  rulesPort?.close()
  main.close()
}
