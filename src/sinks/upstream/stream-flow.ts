import { put, putBytes } from '../lines/line-buffer.ts'
import type { Flow, Place } from './flow.ts'

/** After a connection broke, or the hub was killed, at least this much is sent again: what lay in the buffers of both machines is lost. */
export const REWIND_MS = 10_000
export const REWIND_BYTES = 1024 * 1024
/** A kernel gives a connection up when this old data was not taken by the other one: where it is still there, it was. */
const SURELY_MS = 30 * 60_000
/** Waiting in this process. */
const MAX_WAITING_BYTES = 512 * 1024
/** Places remembered; of more every second is forgotten, which sends more again and never less. */
const MAX_MARKS = 4096
/** A connection that takes nothing for this long does not work. */
const MOVES_WITHIN_MS = 30_000

export interface StreamFlowOptions {
  readonly from: Place
  readonly elapsedMs: () => number
  /** Bytes that the kernel has not taken from this process yet. */
  readonly waitingBytes: () => number
}

interface Mark { readonly place: Place; readonly atMs: number; readonly atBytes: number }

/** TCP, in octet counting (RFC 6587 section 3.4.1, RFC 5425 section 4.3): nobody says what has arrived, so the place stays behind. */
export function createStreamFlow({ from, elapsedMs, waitingBytes }: StreamFlowOptions): Flow {
  let marks: Mark[] = []
  let arrived = from
  let upto = from
  let bytes = 0
  let framedBytes = 0
  let lastTaken = 0
  let movedMs = elapsedMs()

  /** Takes note of what the kernel took. */
  function look(): number {
    const taken = bytes - waitingBytes()
    if (taken !== lastTaken || waitingBytes() === 0) movedMs = elapsedMs()
    lastTaken = taken
    return taken
  }

  function hasArrived({ atBytes, atMs }: Mark, taken: number): boolean {
    const ageMs = elapsedMs() - atMs
    return ageMs >= SURELY_MS ? atBytes <= taken : ageMs >= REWIND_MS && atBytes <= taken - REWIND_BYTES
  }

  function prune(): void {
    const taken = look()
    let done = 0
    while (done < marks.length && hasArrived(marks[done]!, taken)) arrived = marks[done++]!.place
    if (done > 0) marks = marks.slice(done)
    if (marks.length > MAX_MARKS) marks = marks.filter((_, index) => index % 2 === 1)
  }

  return {
    greeting: undefined,
    isOpen: true,
    get inFlight() {
      return upto.count - arrived.count
    },
    hasRoom: () => waitingBytes() < MAX_WAITING_BYTES,
    frame(out, message) {
      const before = out.length
      put(out, `${message.length} `)
      putBytes(out, message)
      framedBytes += out.length - before
    },
    passed(place) {
      bytes += framedBytes
      if (framedBytes > 0) marks.push({ place, atMs: elapsedMs(), atBytes: bytes })
      framedBytes = 0
      upto = place
      prune()
    },
    take: () => undefined, // nothing is expected, and nothing that comes means anything
    arrived() {
      prune()
      return marks.length === 0 ? upto : arrived
    },
    overdue() {
      look()
      return elapsedMs() - movedMs < MOVES_WITHIN_MS ? undefined : { fault: 'timeout', reason: `the server takes nothing for ${MOVES_WITHIN_MS / 1000} seconds` }
    },
    farewell: undefined,
    ended() {
      arrived = upto
      marks = []
    },
  }
}
