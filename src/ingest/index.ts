import { MAX_FRAME_BYTES } from '#domain/batch.ts'
import type { BatchMessage, ReturnMessage } from '#domain/stream.ts'
import { parseBytes } from '#base/bytes.ts'
import { parseDurationMs } from '#base/duration.ts'
import type { Clock } from '#base/time.ts'
import { createBatchFlow } from './batch-flow.ts'
import { Batcher } from './batcher.ts'
import { createBodies, hubSender } from './bodies.ts'
import type { SyslogConfig } from './config.ts'
import type { IngestCounters } from './counters.ts'
import { createListenerTable } from './listener-counts.ts'
import { openListeners } from './open-listeners.ts'
import { MAX_HELD_BYTES } from './framing/held-frame.ts'
import type { Port } from './port.ts'
import type { IngestCommand, IngestEvent } from './protocol.ts'
import { MAX_INTERNED } from './row-writer.ts'
import { createSender, createSenderTable } from './sender.ts'

export type { SyslogConfig } from './config.ts'
export { INGEST_COUNTERS, type IngestCounters } from './counters.ts'
export { parseOne, type ParsedFrame } from './parse/parse-one.ts'
export { createFrameReader, splitStream, type GivenFrame, type ReadFrame } from './parse/frame-reader.ts'
export type { FieldSpan } from './parse/frame-spans.ts'
export { createJournalCutter, type JournalCutter } from './journal-cutter.ts'
export { warmUp } from './warm-up.ts'
export { INGEST_BOUNDS } from './bounds.ts'
export { MAX_TAG_RULES, tagFault, type TagSetting } from './tags/tag-rule.ts'
export type { ToldCounts } from './listener-counts.ts'
export type { BoundListener, IngestCommand, IngestEvent } from './protocol.ts'

export interface IngestOptions {
  readonly config: SyslogConfig
  readonly clock: Clock
  /** Batches go out, their buffers come back. */
  readonly writerPort: Port<BatchMessage, ReturnMessage>
  /** Commands come in, events go out. */
  readonly mainPort: Port<IngestEvent, IngestCommand>
  readonly counters: IngestCounters
}

/**
 * The ingest thread: sockets, framing and parsing, from received bytes to packed batches. All goes by the ports: `listening`
 * is posted when every listener is bound, `bind-failed` when one could not be (the others are closed then); `stop` is
 * answered by `stopped` once the writer has settled every batch. Throws when a size or duration of the configuration
 * cannot be read.
 */
export function createIngest(options: IngestOptions): void {
  const { config, clock, writerPort, mainPort, counters } = options
  const maxFrameBytes = Math.min(MAX_FRAME_BYTES, readBytes('max_frame', config.max_frame))
  const heldBudget = { freeBytes: MAX_HELD_BYTES }
  let isStopping = false

  const flow = createBatchFlow({ writerPort, counters, onReturn: () => onReturn(), onSettled: (batch, isStored) => {
    batcher.onSettled()
    listeners.connections.settle(batch, isStored)
  } })
  const senders = createSenderTable(MAX_INTERNED)
  const table = createListenerTable()
  const defer = (work: () => void, delayMs: number) => void (delayMs === 0 ? setImmediate(work) : setTimeout(work, delayMs))
  const batcher = new Batcher({ flow, senders, counters, clock, maxFrameBytes, tags: config.tags, defer })
  const bodies = createBodies({ batcher, maxFrameBytes, counters, defer, onFinished: () => finish() })
  const listeners = openListeners({
    batcher,
    clock,
    counters,
    table,
    limits: { maxFrameBytes, heldBudget },
    receiveBufferBytes: readBytes('udp_buffer', config.udp_buffer),
    maxConnections: config.max_connections,
    idleTimeoutMs: readDuration('idle_timeout', config.idle_timeout),
    onFinished: () => finish(),
    post: (event) => mainPort.postMessage(event, []),
  })
  const ownSender = hubSender(table.of('hub', 'internal'))

  const finish = () => {
    if (!isStopping || bodies.waiting > 0 || !listeners.connections.isDrained || !batcher.flushPieces()) return
    if (!batcher.close() || !flow.isQuiet) return
    isStopping = false
    mainPort.postMessage({ kind: 'listeners', listeners: table.tell() }, [])
    mainPort.postMessage({ kind: 'stopped' }, [])
  }
  /** Who goes on first takes what there is: the other is first the next time. */
  const waitingForRoom = [bodies, listeners.connections]
  const onReturn = () => {
    batcher.onReturn()
    for (const taker of waitingForRoom) if (!taker.resume()) break
    waitingForRoom.reverse()
    counters.set('held-bytes', MAX_HELD_BYTES - heldBudget.freeBytes)
    finish()
  }
  mainPort.on('message', (command) => {
    switch (command.kind) {
      case 'http': {
        const sender = createSender({ address: command.address, transport: 'http', listener: 'http' }, table.of('http', 'http'))
        bodies.add({ bytes: command.bytes, form: command.form, sender, receiptId: command.id })
        break
      }
      case 'hub':
        bodies.add({ bytes: command.bytes, form: 'frames', sender: ownSender, receiptId: undefined })
        break
      case 'tags':
        batcher.setTags(command.tags)
        break
      case 'certificates':
        listeners.connections.renewCertificates()
        break
      case 'stop':
        isStopping = true
        listeners.stop()
        finish()
    }
  })
  void listeners.open(config.listeners)
}

function readBytes(key: string, text: string): number {
  const bytes = parseBytes(text)
  if (bytes === undefined || bytes < 1) throw new RangeError(`syslog.${key}: ${JSON.stringify(text)} is not a size such as 64KiB`)
  return bytes
}

function readDuration(key: string, text: string): number {
  const ms = parseDurationMs(text)
  if (ms === undefined || ms < 1) throw new RangeError(`syslog.${key}: ${JSON.stringify(text)} is not a duration such as 24h`)
  return ms
}
