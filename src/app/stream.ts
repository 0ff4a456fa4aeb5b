import type { BatchHeader } from '#domain/batch.ts'
import type { BoundListener, IngestEvent } from '#ingest/index.ts'
import type { StreamEvent } from '#sessions/index.ts'
import type { SinksEvent } from '#sinks/index.ts'
import { readCursor, type HubDatabase } from '#store/index.ts'
import type { Health, Logger, Metrics } from '#telemetry/index.ts'
import type { RulesCommand, RulesEvent } from '#triggers/index.ts'
import { createCertificateWatch } from './certificate-watch.ts'
import { createDiskWatch } from './disk-watch.ts'
import type { HubWrites } from './hub-writes.ts'
import type { Receipts } from './receipts.ts'
import type { SealerEvent } from './threads/sealer.ts'
import { createListenerMetrics } from './listener-metrics.ts'
import { createKeeperWatch } from './keeper-watch.ts'
import type { RulesDeath } from './threads/rules-keeper.ts'
import type { ThreadEvents, Threads } from './threads/start.ts'
import { createWriterClient, type WriterClient } from './threads/writer-client.ts'
import type { WriterThreadEvent } from './threads/writer.ts'

interface Followers {
  onCommitted(lastSeq: number, events: readonly StreamEvent[]): void
  onLive(header: BatchHeader): void
  /** @returns the cursor to acknowledge */
  onRules(event: RulesEvent): number | undefined
  onRulesDeath(death: RulesDeath): void
  onKeeper(event: SealerEvent): void
  onSinks(event: SinksEvent): void
}

/** While the disk refuses messages, the keeper is asked to make room this often at most. */
const MAKE_ROOM_EVERY_MS = 1000
const DISK_TICK_MS = 1000
const CERTIFICATE_TICK_MS = 60_000

/** Main's end of the threads: what they say reaches receipts, health, log and the followers. */
export interface Stream {
  readonly events: ThreadEvents
  /** Highest seq that is on disk. */
  readonly committedSeq: number
  /** Resolves when every listener is bound and what an unclean end left is recovered, so that searches see it; rejects when one cannot be bound, or a thread dies before. */
  readonly listening: Promise<readonly BoundListener[]>
  /** Resolves when the ingest thread has handed over everything it read. */
  readonly ingestStopped: Promise<void>
  /** Resolves when the rules thread does nothing more. While it still reads and tests its first rules, that is at once: it can be ended where it is. */
  stopRules(): Promise<void>
  /** Resolves with the cause when a thread dies unasked. */
  readonly death: Promise<Error>
  startCursor(db: HubDatabase): number
  connect(threads: Threads): WriterClient
  follow(followers: Followers): void
  /** How many live tails there are; with none, nothing is copied to main. */
  setLive(size: number): void
}

export function createStream({ log, metrics, health, receipts, writes }: { readonly log: Logger; readonly metrics: Metrics; readonly health: Health; readonly receipts: Receipts; readonly writes: HubWrites }): Stream {
  const listening = Promise.withResolvers<readonly BoundListener[]>()
  const recovered = Promise.withResolvers<void>()
  const ingestStopped = Promise.withResolvers<void>()
  let rulesStopped = Promise.withResolvers<void>()
  const death = Promise.withResolvers<Error>()
  const started = Promise.all([listening.promise, recovered.promise]).then(([listeners]) => listeners)
  started.catch(() => undefined) // whoever starts the hub awaits it; until then its failure is not unhandled
  let committedSeq = 0
  let threads: Threads | undefined
  let followers: Followers | undefined
  const disk = createDiskWatch({ log, elapsedMs: () => performance.now() })
  let askedRoomMs = -Infinity
  let isBound = false
  let haveRulesStarted = false
  const writer = createWriterClient((command) => threads?.toWriter(command))
  health.register('syslog', () => (isBound ? { status: 'pass' } : { status: 'fail', reason: 'listeners are not bound yet' }))
  health.register('store', () => (disk.fault === undefined ? { status: 'pass' } : { status: 'fail', reason: disk.fault }))
  const onListeners = createListenerMetrics(metrics)
  const certificates = createCertificateWatch({ log, health, metrics, clock: Date.now })
  setInterval(() => certificates.tick(), CERTIFICATE_TICK_MS).unref()
  const keeper = createKeeperWatch({ log, health })
  setInterval(() => disk.tick(), DISK_TICK_MS).unref()
  metrics.onCollect(() => metrics.set('hps_committed_seq', committedSeq))

  function onWriter(event: WriterThreadEvent): void {
    switch (event.kind) {
      case 'reply':
        return writer.onReply(event)
      case 'ready':
        committedSeq = event.lastSeq
        return recovered.resolve()
      case 'committed':
        committedSeq = event.lastSeq
        if (event.rows > 0) disk.committed()
        receipts.settle(event.receipts)
        return followers?.onCommitted(event.lastSeq, event.events)
      case 'commit-failed':
        disk.failed(event.reason, event.rows)
        if (performance.now() - askedRoomMs >= MAKE_ROOM_EVERY_MS) {
          askedRoomMs = performance.now()
          threads?.toSealer({ kind: 'maintain' })
        }
        return receipts.fail(event.receipts, event.reason)
      case 'live':
        threads?.toWriter({ kind: 'live-taken' })
        return followers?.onLive(event.header)
      case 'segment-closed':
        return threads?.toSealer({ kind: 'maintain' })
      case 'log':
        return log[event.level](event.fields, event.message)
    }
  }

  function onIngest(event: IngestEvent): void {
    switch (event.kind) {
      case 'listening':
        isBound = true
        return listening.resolve(event.listeners)
      case 'listeners':
        return onListeners(event.listeners)
      case 'certificate':
        return certificates.on(event)
      case 'bind-failed':
        return listening.reject(new Error(`listener ${event.listener}: ${event.reason}`))
      case 'log':
        return log[event.level](event.fields, event.message)
      case 'stopped':
        return ingestStopped.resolve()
    }
  }

  function apply(event: RulesEvent, reply: (command: RulesCommand) => void): void {
    const cursor = followers?.onRules(event)
    if (cursor !== undefined) reply({ kind: 'applied', cursor })
  }

  function onSealer(event: SealerEvent): void {
    keeper.on(event)
    followers?.onKeeper(event)
  }

  return {
    events: {
      ingest: onIngest,
      writer: onWriter,
      sealer: onSealer,
      sinks: (event) => followers?.onSinks(event),
      rules(event, reply) {
        if (event.kind === 'stopped') return rulesStopped.resolve()
        if (event.kind === 'loaded' || event.kind === 'refused') haveRulesStarted = true
        // bound: the rules thread waits for `applied` before it sends more than a few
        if (event.kind === 'findings' || event.kind === 'loaded') return writes.run(() => apply(event, reply))
        apply(event, reply)
      },
      rulesDeath(death) {
        haveRulesStarted = false
        rulesStopped.resolve() // whoever waits for its end has it
        rulesStopped = Promise.withResolvers()
        followers?.onRulesDeath(death)
      },
      death(name, cause) {
        const fault = new Error(`thread ${name} ended: ${cause.message}`, { cause })
        listening.reject(fault)
        recovered.reject(fault)
        death.resolve(fault)
      },
    },
    get committedSeq() {
      return committedSeq
    },
    listening: started,
    ingestStopped: ingestStopped.promise,
    stopRules() {
      threads?.toRules({ kind: 'stop' })
      return haveRulesStarted ? rulesStopped.promise : Promise.resolve()
    },
    death: death.promise,
    startCursor: (db) => readCursor(db, 'rules'),
    connect(connected) {
      threads = connected
      return writer
    },
    follow(these) {
      followers = these
    },
    setLive(size) {
      metrics.set('hps_live_tails', size)
      threads?.toWriter({ kind: 'live', isOn: size > 0 })
    },
  }
}
