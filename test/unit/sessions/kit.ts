import { readFileSync } from 'node:fs'
import { createBatch, HINT, packBatch, span, type Batch } from '#domain/batch.ts'
import { IDENTITY_METHODS } from '#domain/message.ts'
import type { IngestLoss, SourceDefinition } from '#domain/stream.ts'
import type { Session } from '#domain/session.ts'
import type { Transport } from '#domain/source.ts'
import { createInterner } from '#ingest/interner.ts'
import { createParser, type FrameRow } from '#ingest/parse/parser.ts'
import { createWriter, WRITER_COUNTERS, type SessionsConfig, type SourcesConfig, type StreamEvent, type Writer, type WriterCommand, type WriterEvent } from '#sessions/index.ts'
import { createNodeRecords, createSessionRecords, createSourceRecords, openHubDatabase, type HubDatabase, type LogAppender } from '#store/index.ts'
import { createWorkerCounters } from '#telemetry/index.ts'

/** Sunday, 22 November 2026, 14:00:00 UTC. */
export const START_MS = Date.UTC(2026, 10, 22, 14, 0, 0)

export const fixture = (name: string): string[] =>
  readFileSync(new URL(`fixtures/${name}`, import.meta.url), 'utf8').split('\n').filter((line) => line !== '')

export interface SentRow {
  readonly seq: number
  readonly text: string
  readonly nodeId: number
  /** `-` for none. */
  readonly node: string
  /** As tagged; `session` follows joins. */
  readonly tagged: number
  readonly session: number
  readonly sourceId: number
  readonly method: string
  readonly confidence: number
}

/** `isOpening`: the first message of a RELP connection. `faults`: what the framer found. */
export interface SentFrame { readonly sender: Sender | string; readonly frame: string; readonly isOpening?: boolean; readonly faults?: number }
/** A loss that ingest tells; without a sender: the kernel does not say whose. */
export type ToldLoss = Omit<IngestLoss, 'ref'> & { readonly sender?: Sender | string }

export interface Sender { readonly from: string; readonly transport?: Transport; readonly listener?: string; readonly certificate?: string; readonly form?: FrameRow['form']; readonly framing?: number }

/** A log in memory that can be told to fail. */
export function createAppender(firstSeq = 1): LogAppender & { failWith: string | undefined; readonly batches: Batch[] } {
  let nextSeq = firstSeq
  const batches: Batch[] = []
  const appender = {
    failWith: undefined as string | undefined,
    batches,
    get nextSeq() {
      return nextSeq
    },
    append(batch: Batch) {
      if (appender.failWith !== undefined) throw new Error(appender.failWith)
      batch.firstSeq = nextSeq
      nextSeq += batch.rows
      batches.push(batch)
    },
    sync() {},
    close() {},
  }
  return appender
}

const DEFAULT_SOURCES: SourcesConfig = [
  { address: '127.0.0.1', roles: ['hub', 'dhcp'] },
  { address: '10.0.0.1', roles: ['dhcp'] },
  { address: '10.9.0.0/16', roles: ['relay'] },
]

export interface Hub {
  nowMs: number
  readonly db: HubDatabase
  readonly writer: Writer
  readonly appender: ReturnType<typeof createAppender>
  readonly published: WriterEvent[]
  readonly events: StreamEvent[]
  /** Sends frames in one batch at `nowMs`. */
  send(sender: Sender | string, frames: readonly string[]): SentRow[]
  /** Several senders in one batch. */
  sendAll(items: readonly SentFrame[], told?: readonly ToldLoss[]): SentRow[]
  command(command: Parameters<typeof withId>[0]): ReturnType<Writer['command']>
  wait(ms: number): void
  sessions(node?: string): Session[]
  session(id: number): Session
  counter(name: keyof typeof WRITER_COUNTERS): number
  readonly nodes: ReturnType<typeof createNodeRecords>
  readonly records: ReturnType<typeof createSessionRecords>
  readonly sources: ReturnType<typeof createSourceRecords>
  /** A new writer over the same database, as after a stop (`clean`) or a kill. */
  restart(how: 'clean' | 'killed'): Hub
}

type Unnumbered<T> = T extends { id: number } ? Omit<T, 'id'> : never
const withId = (command: Unnumbered<WriterCommand>, id: number): WriterCommand => ({ ...command, id }) as WriterCommand

export interface HubOptions { readonly db?: HubDatabase; readonly appender?: ReturnType<typeof createAppender>; readonly nowMs?: number; readonly sources?: SourcesConfig; readonly sessions?: Partial<SessionsConfig>; readonly epoch?: number }

export function createHub(options: HubOptions = {}): Hub {
  const db = options.db ?? openHubDatabase(':memory:')
  const appender = options.appender ?? createAppender()
  const published: WriterEvent[] = []
  const events: StreamEvent[] = []
  const counters = createWorkerCounters(WRITER_COUNTERS)
  const epoch = options.epoch ?? 1
  const hub = { nowMs: options.nowMs ?? START_MS } as { -readonly [K in keyof Hub]: Hub[K] }
  const writer = createWriter({
    db, appender, counters, clock: () => hub.nowMs,
    sources: options.sources ?? DEFAULT_SOURCES,
    sessions: { max_seen_nodes: 1000, max_sources: 1000, quiet_after: '10m', silence: { enabled: true, min: '2m', learn: '1d', boot: '15m', notify: 'ops' }, ...options.sessions },
    publish(event) {
      published.push(event)
      if (event.kind === 'committed') events.push(...event.events)
    },
  })
  const parser = createParser(createInterner({ capacity: 4096, maxKeyBytes: 253, arenaBytes: 1 << 18 }))
  const refs = new Map<string, number>()
  const nodes = createNodeRecords(db)
  const records = createSessionRecords(db)
  let commandId = 0
  const refOf = (given: Sender | string, fresh: SourceDefinition[]): number => {
    const { from, transport = 'udp', listener = 'udp', certificate }: Sender = typeof given === 'string' ? { from: given } : given
    const key = `${from} ${transport} ${listener} ${certificate ?? ''}`
    if (!refs.has(key)) {
      refs.set(key, refs.size + 1)
      fresh.push({ ref: refs.get(key)!, address: from, transport, listener, certificate })
    }
    return refs.get(key)!
  }
  const fill = (items: readonly SentFrame[]) => {
    const frames = items.map(({ frame }) => Buffer.from(frame))
    const size = frames.reduce((sum, frame) => sum + frame.length, 0)
    const batch = createBatch(Math.ceil((items.length + 1) / 8) * 8, size + 8)
    const sources: SourceDefinition[] = []
    for (const [row, { sender, isOpening = false, faults = 0 }] of items.entries()) {
      const { form = 'syslog', framing = 0 }: Partial<Sender> = typeof sender === 'string' ? {} : sender
      const ref = refOf(sender, sources)
      batch.bytes.set(frames[row]!, batch.byteCount)
      parser.parse(batch, { row, start: batch.byteCount, length: frames[row]!.length, receivedMs: hub.nowMs, faults, form })
      if (isOpening) batch.hints[row]! |= HINT.opening
      batch.source[row] = ref
      batch.framing[row] = framing
      batch.byteCount += frames[row]!.length
      batch.rows++
    }
    return { batch, sources }
  }
  const rowsOf = (batch: Batch): SentRow[] => Array.from({ length: batch.rows }, (_, row) => ({
    seq: batch.firstSeq + row,
    text: Buffer.from(span(batch, row, batch.textOff[row]!, batch.textLen[row]!)).toString(),
    nodeId: batch.node[row]!,
    node: nodes.nameOf(batch.node[row]!) ?? '-',
    tagged: batch.session[row]!,
    session: records.rootOf(batch.session[row]!),
    sourceId: batch.source[row]!,
    method: IDENTITY_METHODS[batch.method[row]!]!,
    confidence: batch.confidence[row]!,
  }))
  const sendAll: Hub['sendAll'] = (items, told = []) => {
    const { batch, sources } = fill(items)
    const losses = told.map(({ sender, ...loss }): IngestLoss => ({ ...loss, ref: sender === undefined ? 0 : refOf(sender, sources) }))
    writer.accept({ kind: 'batch', header: packBatch(batch), sources, epoch, receipts: [], losses })
    const kept = appender.batches.at(-1)
    return kept === undefined ? [] : rowsOf(kept)
  }
  return Object.assign(hub, {
    db, writer, appender, published, events, nodes, records,
    sources: createSourceRecords(db),
    sendAll,
    send: (sender: Sender | string, frames: readonly string[]) => sendAll(frames.map((frame) => ({ sender, frame }))),
    command: (command: Unnumbered<WriterCommand>) => writer.command(withId(command, ++commandId)),
    wait(ms: number) {
      for (let left = ms; left > 0; left -= 1000) {
        hub.nowMs += Math.min(1000, left)
        writer.tick()
        if (left > 20_000) {
          hub.nowMs += left - 20_000
          left = 20_000
        }
      }
    },
    sessions(node?: string) {
      writer.command(withId({ kind: 'flush' }, ++commandId))
      return records.list({ nodeId: node === undefined ? undefined : nodes.byName(node)?.id, limit: 1000 })
    },
    session(id: number) {
      writer.command(withId({ kind: 'flush' }, ++commandId))
      return records.byId(records.rootOf(id))!
    },
    counter: (name: keyof typeof WRITER_COUNTERS) => counters.get(name),
    restart(how: 'clean' | 'killed') {
      if (how === 'clean') writer.close()
      const next = createHub({ ...options, db, appender, nowMs: hub.nowMs, epoch: epoch + 1 })
      for (const batch of appender.batches) if (batch.firstSeq + batch.rows - 1 > next.writer.lookBackTo()) next.writer.recount(batch, 0)
      return next
    },
  }) as Hub
}
