import type { Batcher } from './batcher.ts'
import type { IngestCounters } from './counters.ts'
import { lineForm, nextLine, type BodyLine } from './http-lines.ts'
import { renderJsonLine } from './ndjson.ts'
import { createSender, type Sender } from './sender.ts'

/** Many messages in one piece, handed in by the main thread: taken in whole, however long it has to wait for room. */
interface Body {
  readonly bytes: Uint8Array
  readonly form: 'lines' | 'ndjson' | 'frames'
  readonly sender: Sender
  /** Somebody waits for the receipt with this id. */
  readonly receiptId: number | undefined
}

export interface Bodies {
  /** How many are not wholly taken in; the caller's own limit on open requests bounds it. */
  readonly waiting: number
  add(body: Body): void
  /** Goes on where room was missing. @returns false when room ran out again */
  resume(): boolean
}

interface Progress { readonly body: Body; at: number; messages: number; cut: number }

/** Takes bodies in, in the order in which they came. */
export function createBodies(options: { readonly batcher: Batcher; readonly maxFrameBytes: number; readonly counters: IngestCounters }): Bodies {
  const { batcher, maxFrameBytes, counters } = options
  const queue: Progress[] = []

  const takeIn = (progress: Progress): boolean => {
    const { body } = progress
    for (;;) {
      const line = nextMessage(body, progress.at)
      if (line === undefined) break
      if (!batcher.take(line, body.sender)) return false
      progress.at = line.next
      progress.messages++
      if (line.bytes.length > maxFrameBytes) progress.cut++
    }
    return body.receiptId === undefined || batcher.addReceipt({ id: body.receiptId, messages: progress.messages, cut: progress.cut })
  }
  const resume = (): boolean => {
    while (queue.length > 0) {
      if (!takeIn(queue[0]!)) return false
      queue.shift()
      counters.set('bodies-waiting', queue.length)
    }
    return true
  }
  return {
    get waiting() {
      return queue.length
    },
    add(body) {
      queue.push({ body, at: 0, messages: 0, cut: 0 })
      counters.set('bodies-waiting', queue.length)
      if (queue.length === 1) resume()
    },
    resume,
  }
}

function nextMessage(body: Body, at: number): BodyLine | undefined {
  const line = nextLine(body.bytes, at)
  if (line === undefined) return undefined
  if (body.form === 'frames') return { ...line, form: 'syslog' }
  if (body.form === 'lines') return { ...line, form: lineForm(line.bytes) }
  const frame = renderJsonLine(line.bytes)
  return frame === undefined ? { ...line, form: 'broken-json' } : { bytes: frame, next: line.next, form: 'ndjson' }
}

/** The sender of the hub's own messages. */
export const hubSender = (): Sender => createSender({ address: 'hub', transport: 'internal', listener: 'hub' })
