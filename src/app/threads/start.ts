import { join, resolve } from 'node:path'
import { MessageChannel } from 'node:worker_threads'
import packageJson from '../../../package.json' with { type: 'json' }
import { parseBytes } from '#base/bytes.ts'
import { parseDurationMs } from '#base/duration.ts'
import { INGEST_BOUNDS, type IngestCommand, type IngestEvent } from '#ingest/index.ts'
import type { SinksCommand, SinksEvent } from '#sinks/index.ts'
import { createWatermark } from '#store/index.ts'
import type { Metrics } from '#telemetry/index.ts'
import { BATCHES_AHEAD, type RulesCommand, type RulesEvent } from '#triggers/index.ts'
import type { HubConfig } from '../config.ts'
import { SHARED_COUNTERS, shareCounters } from '../metric-tables.ts'
import type { HubPaths } from '../paths.ts'
import type { IngestData } from './ingest.ts'
import type { RulesData } from './rules.ts'
import type { SinksData } from './sinks.ts'
import type { SealerCommand, SealerData, SealerEvent } from './sealer.ts'
import { keepRules, type RulesDeath } from './rules-keeper.ts'
import { spawnThread, type Thread } from './spawn.ts'
import type { WriterData, WriterThreadCommand, WriterThreadEvent } from './writer.ts'

/** The loss ledger knows the hours of what was lost for a week longer than messages are kept. */
const LOSSES_OUTLIVE_MS = 7 * 24 * 3_600_000
/** Each thread is asked what it holds this often. */
const MEMORY_EVERY_MS = 5000

export interface ThreadEvents {
  ingest(event: IngestEvent): void
  writer(event: WriterThreadEvent): void
  /** @param reply to the thread that said it */
  rules(event: RulesEvent, reply: (command: RulesCommand) => void): void
  /** The rules thread ended unasked and is started again. */
  rulesDeath(death: RulesDeath): void
  sealer(event: SealerEvent): void
  sinks(event: SinksEvent): void
  /** A thread died unasked, of those without which there is no hub. */
  death(name: string, cause: Error): void
}

export interface Threads {
  readonly toIngest: (command: IngestCommand, transfer?: readonly ArrayBuffer[]) => void
  readonly toWriter: (command: WriterThreadCommand) => void
  readonly toRules: (command: RulesCommand) => void
  readonly toSealer: (command: SealerCommand) => void
  readonly toSinks: (command: SinksCommand) => void
  readonly watermark: SharedArrayBuffer
  terminate(): Promise<void>
}

export interface StartThreadsOptions {
  readonly config: HubConfig
  readonly paths: Pick<HubPaths, 'data' | 'database' | 'log' | 'rules' | 'sinks'>
  /** How far main has given findings their effects. */
  readonly startCursor: () => number
  readonly metrics: Metrics
  readonly on: ThreadEvents
}

/** Starts ingest, log writer, sealer, rules and, where there are any, sinks, and lays the ports between them: ingest ↔ writer → rules. Readers are the store's own. */
export function startThreads({ config, paths, startCursor, metrics, on }: StartThreadsOptions): Threads {
  const received = new MessageChannel()
  const watermark = createWatermark()
  const { ingest: ofIngest, sessions: ofSessions, log: ofLog, sealer: ofSealer, rules: ofRules, feeds: ofFeeds } = SHARED_COUNTERS
  const counters = {
    ingest: shareCounters(metrics, ofIngest), sessions: shareCounters(metrics, ofSessions), log: shareCounters(metrics, ofLog),
    sealer: shareCounters(metrics, ofSealer), rules: shareCounters(metrics, ofRules), feeds: shareCounters(metrics, ofFeeds),
  }
  counters.ingest.set('batches-free', INGEST_BOUNDS.batches) // until the thread has begun: none is taken
  const onDeath = on.death

  const writer = spawnThread({
    entry: 'writer.ts',
    data: {
      databasePath: paths.database, logDirectory: paths.log, segmentBytes: parseBytes(config.store.segment_size)!, sealAfterMs: parseDurationMs(config.store.seal_after)!,
      lossesKeptMs: parseDurationMs(config.store.retention)! + LOSSES_OUTLIVE_MS,
      sources: config.sources, sessions: config.sessions, counters: counters.sessions.shared, storeCounters: counters.log.shared, feedCounters: counters.feeds.shared, watermark,
      ingestPort: received.port2, rulesAhead: BATCHES_AHEAD,
    } satisfies WriterData,
    transfer: [received.port2],
    onMessage: (event) => on.writer(event as WriterThreadEvent),
    onDeath,
  })
  const ingest = spawnThread({
    entry: 'ingest.ts',
    data: { config: config.syslog, counters: counters.ingest.shared, writerPort: received.port1 } satisfies IngestData,
    transfer: [received.port1],
    onMessage: (event) => on.ingest(event as IngestEvent),
    onDeath,
  })
  const rules = keepRules({
    spawn: ({ isAgain, feedPort, leftOut, onMessage, onDeath: onRulesDeath }) => spawnThread({
      entry: 'rules.ts',
      data: {
        directories: paths.rules, routes: { configured: config.rules.routes, data: paths.data, directories: paths.rules }, databasePath: paths.database, statePath: join(paths.data, 'rules.db'),
        logDirectory: paths.log, counters: counters.rules.shared, startCursor: startCursor(), watermark, feedPort, leftOut, isAgain,
      } satisfies RulesData,
      transfer: [feedPort],
      onMessage: (event) => onMessage(event as RulesEvent),
      onDeath: (_name, cause) => onRulesDeath(cause),
    }),
    connect: (port) => writer.post({ kind: 'rules', port } satisfies WriterThreadCommand, port === undefined ? [] : [port]),
    onEvent: (event, reply) => on.rules(event, reply),
    onDeath: (death) => on.rulesDeath(death),
    clock: Date.now,
    after,
  })
  const sealer = spawnThread({
    entry: 'sealer.ts',
    data: {
      dataDirectory: paths.data, databasePath: paths.database, logDirectory: paths.log, watermark, retentionMs: parseDurationMs(config.store.retention)!,
      space: { maxSize: config.store.max_size, minFree: config.store.min_free }, program: packageJson.version, counters: counters.sealer.shared,
    } satisfies SealerData,
    onMessage: (event) => on.sealer(event as SealerEvent),
    onDeath,
  })
  const sinks = config.sinks.length === 0 ? undefined : spawnThread({
    entry: 'sinks.ts',
    data: {
      configs: config.sinks.map((sink) => (sink.path === undefined ? sink : { ...sink, path: resolve(paths.data, sink.path) })), directory: paths.sinks, databasePath: paths.database, logDirectory: paths.log, watermark,
    } satisfies SinksData,
    onMessage: (event) => on.sinks(event as SinksEvent),
    onDeath,
  })
  const lasting: readonly Thread[] = [ingest, writer, sealer, ...(sinks === undefined ? [] : [sinks])]
  const sampler = setInterval(() => void sampleMemory(rules.thread === undefined ? lasting : [...lasting, rules.thread], metrics), MEMORY_EVERY_MS)
  return {
    toIngest: (command, transfer = []) => ingest.post(command, transfer),
    toWriter: (command) => writer.post(command),
    toRules: (command) => rules.post(command),
    toSealer: (command) => sealer.post(command),
    toSinks: (command) => sinks?.post(command),
    watermark,
    async terminate() {
      clearInterval(sampler)
      await Promise.all([rules, ...lasting].map((thread) => thread.terminate()))
    },
  }
}

function after(ms: number, work: () => void): () => void {
  const timer = setTimeout(work, ms)
  return () => clearTimeout(timer)
}

/** Gauges of what each thread holds; a thread that is ending has nothing to tell. */
async function sampleMemory(threads: readonly Thread[], metrics: Metrics): Promise<void> {
  for (const thread of threads) {
    const memory = await thread.memory().catch(() => undefined)
    if (memory === undefined) continue
    const label = thread.name.replace('.ts', '')
    metrics.set('hps_thread_memory_bytes', memory.heapBytes, { thread: label, kind: 'heap-used' })
    metrics.set('hps_thread_memory_bytes', memory.heapTotalBytes, { thread: label, kind: 'heap-total' })
    metrics.set('hps_thread_memory_bytes', memory.externalBytes, { thread: label, kind: 'external' })
  }
}

