import type { FastifyReply } from 'fastify'
import { SECURE_HEADERS } from './secure-headers.ts'

/** What may wait in memory for one reader; beyond it events are not taken. */
export const MAX_BUFFERED_BYTES = 256 * 1024
/** How long a browser waits before it connects again. */
const RETRY_MS = 3000
/** A reader that takes nothing for this many heartbeats is gone. */
const STALLED_HEARTBEATS = 4

export interface SentEvent {
  /** What a browser asks to resume after. */
  readonly id?: number
  readonly event: string
  readonly data: unknown
}

export interface EventStream {
  readonly begun: boolean
  /** What waits in memory for the reader. */
  readonly bufferedBytes: number
  /** Sends the head; `send` does it by itself. */
  begin(): void
  /** @returns whether the event was taken; false when the reader is too slow just now, or gone */
  send(event: SentEvent): boolean
  /** The same for an event that is encoded already, since many readers get it. */
  write(event: Uint8Array): boolean
  /** Runs once when the reader goes or the stream ends; at once when it has. */
  onEnd(run: () => void): void
  endWith(signal: AbortSignal): void
  end(): void
  /** Nothing was sent: leaves the answer to others. */
  abandon(): void
}

/** The bytes of one event; JSON has no raw line ends, so one data line always holds it. */
export const encodeEvent = ({ id, event, data }: SentEvent): Uint8Array =>
  Buffer.from(`${id === undefined ? '' : `id: ${id}\n`}event: ${event}\ndata: ${JSON.stringify(data)}\n\n`)

export interface EventStreamOptions {
  readonly heartbeatMs: number
  /** Asked at every heartbeat: a revoked token ends the stream. */
  readonly stillValid: () => boolean
  readonly onCut: (reason: 'stalled' | 'revoked') => void
}

/** Server-sent events over one reply (WHATWG HTML, section 9.2), with a bound on what a slow reader may hold in memory. */
export function createEventStream(reply: FastifyReply, { heartbeatMs, stillValid, onCut }: EventStreamOptions): EventStream {
  const { raw } = reply
  const endings: (() => void)[] = []
  let begun = false
  let ended = false
  let isCorked = false
  let stalledBeats = 0
  let heartbeat: NodeJS.Timeout | undefined

  function begin(): void {
    if (begun || ended) return
    begun = true
    reply.hijack()
    raw.writeHead(200, {
      ...SECURE_HEADERS, 'content-type': 'text/event-stream; charset=utf-8', 'cache-control': 'no-store', 'x-accel-buffering': 'no', connection: 'keep-alive',
    })
    raw.write(`retry: ${RETRY_MS}\n: open\n\n`)
    heartbeat = setInterval(beat, heartbeatMs)
    heartbeat.unref()
  }

  function beat(): void {
    if (!stillValid()) return cutOff('revoked')
    stalledBeats = raw.writableNeedDrain ? stalledBeats + 1 : 0
    if (stalledBeats >= STALLED_HEARTBEATS) return cutOff('stalled')
    if (!raw.writableNeedDrain) raw.write(': alive\n\n')
  }

  function write(event: Uint8Array): boolean {
    if (ended || raw.writableLength > MAX_BUFFERED_BYTES) return false
    begin()
    if (!isCorked) {
      // what is sent in one go leaves in one piece
      isCorked = true
      raw.cork()
      queueMicrotask(uncork)
    }
    raw.write(event)
    return true
  }

  function uncork(): void {
    isCorked = false
    raw.uncork()
  }

  function cutOff(reason: 'stalled' | 'revoked'): void {
    onCut(reason)
    if (reason === 'stalled') raw.destroy()
    end()
  }

  function finish(): void {
    if (ended) return
    ended = true
    clearInterval(heartbeat)
    for (const run of endings.splice(0)) run()
  }

  function end(): void {
    if (begun) raw.end()
    finish()
  }

  raw.once('close', finish)
  return {
    get begun() {
      return begun
    },
    get bufferedBytes() {
      return ended ? 0 : raw.writableLength
    },
    begin,
    send: (event) => write(encodeEvent(event)),
    write,
    onEnd(run) {
      if (ended) run()
      else endings.push(run)
    },
    endWith(signal) {
      if (signal.aborted) return end()
      signal.addEventListener('abort', end, { once: true })
      endings.push(() => signal.removeEventListener('abort', end))
    },
    end,
    abandon: finish,
  }
}
