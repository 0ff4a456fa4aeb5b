import type { Batcher } from './batcher.ts'
import type { IngestCounters } from './counters.ts'
import { lineForm, nextLine, type BodyLine } from './http-lines.ts'
import { renderJournalEntry } from './journal-entry.ts'
import { readEntry } from './journal-fields.ts'
import type { ListenerCounts } from './listener-counts.ts'
import { renderJsonLine } from './ndjson.ts'
import { createSender, type Sender } from './sender.ts'

/** Bytes of bodies taken in before the sockets get their turn; a line is never divided. */
const SLICE_BYTES = 64 * 1024
const NEXT_SLICE_MS = 1
/** A longer line is not read as JSON but kept as it is, cut: what fits no frame must not cost seconds of parsing. */
const MAX_JSON_FRAMES = 2

/** While as much waits, main takes no more: uploads are told to come again. What one request may hold is http.max_body. */
export const MAX_BODIES = 2048
export const MAX_BODIES_BYTES = 128 * 1024 * 1024

/** Many messages in one piece, handed in by the main thread: taken in whole, however long it has to wait for room. */
interface Body {
  readonly bytes: Uint8Array
  readonly form: 'lines' | 'ndjson' | 'journal' | 'frames'
  readonly sender: Sender
  /** Somebody waits for the receipt with this id. */
  readonly receiptId: number | undefined
}

export interface Bodies {
  /** How many are not wholly taken in; main looks at the counters and hands in no more beyond the bounds. */
  readonly waiting: number
  add(body: Body): void
  /** Goes on where room was missing. @returns false when room ran out again */
  resume(): boolean
}

interface Progress { readonly body: Body; at: number; messages: number; cut: number }

/** Takes bodies in, in the order in which they came. */
export function createBodies(options: { readonly batcher: Batcher; readonly maxFrameBytes: number; readonly counters: IngestCounters
  /** Runs `work` after so many milliseconds. */
  readonly defer: (work: () => void, delayMs: number) => void
  /** Called when a body that was taken in bit by bit has been taken in whole. */
  readonly onFinished: () => void
}): Bodies {
  const { batcher, maxFrameBytes, counters, defer, onFinished } = options
  const maxJsonBytes = maxFrameBytes * MAX_JSON_FRAMES
  const queue: Progress[] = []
  /** The hub's own messages, which need not wait for room: they go before. */
  const own: Progress[] = []

  let isDeferred = false
  let waitingBytes = 0

  const report = (changeBytes: number): void => {
    waitingBytes += changeBytes
    counters.set('bodies-waiting', queue.length + own.length)
    counters.set('bodies-waiting-bytes', waitingBytes)
  }
  const takeIn = (progress: Progress): 'done' | 'no-room' | 'more' => {
    const { body } = progress
    const sliceEnd = progress.at + SLICE_BYTES
    for (;;) {
      if (progress.at >= sliceEnd) return 'more'
      const line = nextMessage(body, progress.at, maxJsonBytes)
      if (line === undefined) break
      if (!batcher.take(line, body.sender)) return 'no-room'
      progress.at = line.next
      progress.messages++
      if (line.bytes.length > maxFrameBytes) progress.cut++
    }
    const isTold = body.receiptId === undefined || batcher.addReceipt({ id: body.receiptId, messages: progress.messages, cut: progress.cut })
    return isTold ? 'done' : 'no-room'
  }
  const resumeOwn = (): boolean => {
    while (own.length > 0) {
      const outcome = takeIn(own[0]!)
      if (outcome === 'no-room') return false
      if (outcome === 'done') report(-own.shift()!.body.bytes.length)
    }
    return true
  }
  const resume = (): boolean => {
    if (!resumeOwn()) return false
    while (queue.length > 0) {
      if (isDeferred) return true
      const outcome = takeIn(queue[0]!)
      if (outcome === 'no-room') return false
      if (outcome === 'more') {
        isDeferred = true
        defer(goOn, NEXT_SLICE_MS)
        return true
      }
      report(-queue.shift()!.body.bytes.length)
    }
    return true
  }
  const goOn = (): void => {
    isDeferred = false
    resume()
    if (queue.length === 0 && own.length === 0) onFinished()
  }
  return {
    get waiting() {
      return queue.length + own.length
    },
    add(body) {
      const isOwn = body.sender.transport === 'internal'
      const queued = isOwn ? own : queue
      queued.push({ body, at: 0, messages: 0, cut: 0 })
      report(body.bytes.length)
      if (isOwn) resumeOwn()
      else if (queue.length === 1) resume()
    },
    resume,
  }
}

function nextMessage(body: Body, at: number, maxJsonBytes: number): BodyLine | undefined {
  if (body.form === 'journal') {
    const entry = readEntry(body.bytes, at)
    return entry === undefined ? undefined : { bytes: renderJournalEntry(entry.fields), next: entry.next, form: 'journal' }
  }
  const line = nextLine(body.bytes, at)
  if (line === undefined) return undefined
  if (body.form === 'frames') return { ...line, form: 'syslog' }
  if (body.form === 'lines') return { ...line, form: lineForm(line.bytes) }
  const frame = line.bytes.length > maxJsonBytes ? undefined : renderJsonLine(line.bytes)
  return frame === undefined ? { ...line, form: 'broken-json' } : { bytes: frame, next: line.next, form: 'ndjson' }
}

/** The sender of the hub's own messages. */
export const hubSender = (counts: ListenerCounts): Sender => createSender({ address: 'hub', transport: 'internal', listener: 'hub' }, counts)
