import { FRAMING } from '#domain/framing.ts'
import { FAULT } from '../parse/fault-bits.ts'
import { CountChain } from './count-chain.ts'
import { FrameOutlet, type FramerLimits, type FrameSink } from './frame-outlet.ts'
import { LineEnds } from './line-ends.ts'
import { findOctetCount, isDigit, MAX_COUNT_BYTES, readOctetCount, type CountOutcome, type FoundCount } from './octet-count.ts'
import { readStreamStart } from './tls-hello.ts'

export type { FramerLimits, FrameSink }

const NUL = 0
const NEWLINE = 10
const RETURN = 13
const SPACE = 32
const LESS = 60
/** How much is looked through at a time where a cut line is skipped. */
const SKIP_BYTES = 256

/** Where the framer stands between two bytes of the stream: before a message, in one, or behind the part of one that is kept. */
type State = 'start' | 'line' | 'doubtful' | 'chain' | 'counted' | 'skip-line' | 'skip-doubtful' | 'skip-counted'

/**
 * Framing of syslog over a byte stream (RFC 6587), decided for each message: octet counting, else up to a newline (a CR
 * before it is stripped) or NUL. Any split of a stream gives the same frames, and no frame waits for what comes after it.
 * Content never ends a connection. What a wrong count leaves behind is *doubtful*: it goes up to the next line end or the
 * next count with a priority, where the framer is back in step, and is marked. (docs/decisions/0009-octet-counts.md)
 *
 * `push` takes bytes in and hands out the frames that they complete. Where the sink refuses a frame, the framer keeps it,
 * stops, and offers it first at the next push.
 */
export class StreamFramer {
  readonly #out: FrameOutlet
  readonly #lineEnds = new LineEnds()
  readonly #chain = new CountChain()
  #state: State = 'start'
  /** Bytes of the counted frame that have not come yet. */
  #missing = 0
  /** The frame before was counted, … */
  #wasCounted = false
  /** … and a line end behind it has shown that it ended where it should. */
  #isInStep = false
  /** Nothing has come yet. */
  #isFresh = true

  constructor(limits: FramerLimits) {
    this.#out = new FrameOutlet(limits)
  }

  /** A whole frame was refused and waits for the next push. */
  get isOwed(): boolean {
    return this.#out.owedBytes > 0
  }

  /** @returns how many bytes of the chunk were taken; fewer than all only after a refusal */
  push(chunk: Uint8Array, sink: FrameSink): number {
    if (this.isOwed && !this.#out.settle(sink)) return 0
    this.#lineEnds.reset()
    let at = 0
    while (at < chunk.length && !this.isOwed) at = this.#step(chunk, at, sink)
    while (this.#state === 'chain' && !this.isOwed) this.#giveChain(at, sink)
    return at
  }

  /** The stream has ended: hands out what is left, marked as unterminated. @returns false when the sink refused; call it again then. */
  end(sink: FrameSink): boolean {
    if (this.isOwed && !this.#out.settle(sink)) return false
    const held = this.#out.held
    if (this.#state === 'start' && held.length > 0) this.#enterLine(held.bytes[0]!, 0)
    if (this.#state === 'doubtful' && held.length > 0) {
      if (this.#chain.isPossible) this.#chain.follow(held, this.#out.maxBytes + 2)
      if (this.#chain.endsAt(held.length, 0)) this.#enterChain(held.length)
    }
    while (this.#state === 'chain' && !this.isOwed) this.#giveChain(0, sink)
    if (this.isOwed) return false
    if (this.#state === 'skip-doubtful') this.#out.drop(held.length, sink)
    else if (held.length > 0) {
      this.#out.faults |= FAULT.unterminatedFrame
      this.#out.giveHeld(held.length, sink)
    }
    this.#state = 'start'
    return !this.isOwed
  }

  /** Gives the memory back; nothing may be pushed afterwards. */
  close(): void {
    this.#out.held.clear()
  }

  #step(chunk: Uint8Array, at: number, sink: FrameSink): number {
    switch (this.#state) {
      case 'start': return this.#begin(chunk, at)
      case 'line': return this.#line(chunk, at, sink)
      case 'counted': return this.#counted(chunk, at, sink)
      case 'doubtful': case 'skip-doubtful': return this.#doubtful(chunk, at, sink)
      case 'chain': return this.#giveChain(at, sink)
      case 'skip-line': return this.#skipLine(chunk, at, sink)
      case 'skip-counted': return this.#skipCounted(chunk, at, sink)
    }
  }

  /** Skips what may stand between messages and decides how the next one ends; the bytes of a possible count are held until it is known. */
  #begin(chunk: Uint8Array, from: number): number {
    let at = from
    const held = this.#out.held
    const readStart = this.#isFresh ? readStreamStart : readOctetCount
    if (held.length === 0) {
      while (at < chunk.length && this.#isFiller(chunk[at]!)) at++
      if (at === chunk.length) return at
      if (chunk[at] === LESS) return this.#enterPlainLine(at)
      const start = readStart(chunk, at, chunk.length)
      if (start.kind === 'count') return this.#enterCounted(start.length, start.at)
      if (start.kind !== 'open') return this.#enterLine(chunk[at]!, at, start)
    }
    const before = held.length
    const taken = Math.min(chunk.length - at, MAX_COUNT_BYTES - before)
    if (!held.append(chunk, at, at + taken)) return this.#enterLine(chunk[at]!, at)
    const start = readStart(held.bytes, 0, held.length)
    if (start.kind === 'open') return at + taken
    // Of a counted frame, what came with chunks before stays held.
    if (start.kind === 'count') return this.#enterCounted(start.length - held.keep(start.at, before), at + Math.max(0, start.at - before))
    // What was held before this chunk stays as the beginning of the line; the rest is read from the chunk.
    const first = held.bytes[0]!
    held.remove(before, held.length)
    return this.#enterLine(first, at, start)
  }

  #isFiller(byte: number): boolean {
    if (byte === SPACE) return this.#wasCounted
    if (byte !== NEWLINE && byte !== RETURN && byte !== NUL) return false
    this.#isInStep = true
    return true
  }

  #enterCounted(length: number, at: number): number {
    this.#isFresh = false
    this.#state = 'counted'
    this.#missing = length
    return at
  }

  #enterLine(first: number, at: number, start?: CountOutcome): number {
    const isMiscounted = start?.kind === 'wrong' || (this.#wasCounted && !this.#isInStep && first !== LESS)
    if (!isMiscounted && !(this.#chain.isPossible && isDigit(first))) return this.#enterPlainLine(at)
    if (isMiscounted) this.#out.faults |= FAULT.badFrameCount
    this.#chain.begin({ mayEndWithLine: this.#wasCounted })
    this.#isFresh = false
    this.#state = 'doubtful'
    this.#wasCounted = false
    return at
  }

  #enterPlainLine(at: number): number {
    this.#isFresh = false
    this.#state = 'line'
    this.#chain.isPossible = false
    this.#wasCounted = false
    return at
  }

  #line(chunk: Uint8Array, at: number, sink: FrameSink): number {
    const stop = this.#lineEnds.next(chunk, at)
    const held = this.#out.held
    if (held.length === 0 && stop < chunk.length) {
      const hasReturn = chunk[stop] === NEWLINE && stop > at && chunk[stop - 1] === RETURN
      // In a line that is cut the CR counts as cut off, as it does where the line came in pieces.
      this.#state = 'start'
      this.#out.give(chunk, at, hasReturn && stop - 1 - at <= this.#out.maxBytes ? stop - 1 : stop, sink)
      return stop + 1
    }
    // One byte over the limit may still be the CR of a line end; two are too many.
    const taken = Math.min(stop - at, this.#out.maxBytes + 2 - held.length)
    const isKept = held.append(chunk, at, at + taken)
    if (!isKept || held.length > this.#out.maxBytes + 1) return this.#cutLine(chunk, isKept ? at + taken : at, sink)
    if (stop === chunk.length) return stop
    held.dropReturn(chunk[stop]!)
    this.#state = 'start'
    this.#out.giveHeld(held.length, sink)
    return stop + 1
  }

  /** The line is too long for the limit, or for the budget: what is held of it goes out now, the rest from `at` on is skipped, and looked through where it is doubtful. */
  #cutLine(chunk: Uint8Array, at: number, sink: FrameSink): number {
    const { held, maxBytes } = this.#out
    const isDoubtful = (this.#out.faults & FAULT.badFrameCount) !== 0 && held.length > maxBytes
    const from = held.length > 0 ? at : Math.min(this.#lineEnds.next(chunk, at), at + maxBytes)
    this.#out.faults |= FAULT.truncated
    this.#chain.isPossible = false
    if (held.length > 0) this.#out.giveHeld(isDoubtful ? maxBytes : held.length, sink)
    else this.#out.give(chunk, at, from, sink)
    this.#state = isDoubtful ? 'skip-doubtful' : 'skip-line'
    return from
  }

  /** A line that a wrong count may have left behind, or that may have a count without a priority before it. */
  #doubtful(chunk: Uint8Array, at: number, sink: FrameSink): number {
    const held = this.#out.held
    const before = held.length
    const isCut = this.#state === 'skip-doubtful'
    const stop = this.#lineEnds.next(chunk, at)
    const next = Math.min(stop, at + (isCut ? SKIP_BYTES : this.#out.maxBytes + 2 - before))
    if (!held.append(chunk, at, next)) return this.#cutLine(chunk, at, sink)
    const isMiscounted = isCut || (this.#out.faults & FAULT.badFrameCount) !== 0
    const found = isMiscounted ? findOctetCount(held.bytes, before - MAX_COUNT_BYTES, held.length) : undefined
    const proof = !isCut && this.#chain.isPossible ? this.#chain.follow(held, this.#out.maxBytes + 2) : undefined
    if (proof !== undefined && (found === undefined || proof.at <= found.at)) return this.#backInStep({ found: proof, before, at }, sink)
    if (found !== undefined) {
      this.#chain.isPossible = false
      return this.#backInStep({ found, before, at }, sink)
    }
    if (isCut) this.#out.drop(next === stop && stop < chunk.length ? held.length : held.length - MAX_COUNT_BYTES, sink)
    else if (held.length > this.#out.maxBytes + 1) return this.#cutLine(chunk, next, sink)
    else if (!isMiscounted && !this.#chain.isPossible) this.#state = 'line'
    if (next < stop || stop === chunk.length || this.#state === 'line') return next
    if (isCut) this.#state = 'start'
    else this.#endDoubtful(chunk[stop]!, sink)
    return stop + 1
  }

  #endDoubtful(lineEnd: number, sink: FrameSink): void {
    const held = this.#out.held
    const lineEndBytes = held.dropReturn(lineEnd) ? 2 : 1
    this.#state = 'start'
    if (this.#chain.endsAt(held.length, lineEndBytes)) {
      this.#missing = 0
      this.#enterChain(held.length)
    } else {
      this.#chain.isPossible = false
      this.#out.giveHeld(held.length, sink)
    }
    this.#isInStep = true
  }

  #enterChain(length: number): void {
    this.#state = 'chain'
    this.#chain.enter(length)
    this.#wasCounted = true
    this.#out.faults &= ~FAULT.badFrameCount
  }

  #giveChain(at: number, sink: FrameSink): number {
    if (this.#chain.isGivenOut) this.#state = this.#missing > 0 ? 'counted' : 'start'
    else this.#chain.give(this.#out, sink)
    return at
  }

  /** A count with a priority was found in a doubtful line: what is before it is one frame or several, and the stream is in step again. */
  #backInStep({ found, before, at }: { readonly found: FoundCount; readonly before: number; readonly at: number }, sink: FrameSink): number {
    const held = this.#out.held
    const kept = Math.max(0, before - found.at)
    held.remove(found.at + kept, held.length)
    held.remove(found.start, found.at)
    if (this.#state === 'skip-doubtful') this.#out.drop(found.start, sink)
    else if (!this.#chain.isPossible) this.#out.giveHeld(found.start, sink)
    this.#enterCounted(found.length - kept, at)
    if (this.#chain.isPossible) this.#enterChain(found.start)
    return at + Math.max(0, found.at - before)
  }

  #counted(chunk: Uint8Array, at: number, sink: FrameSink): number {
    const held = this.#out.held
    const end = Math.min(chunk.length, at + this.#missing)
    this.#out.framing = FRAMING.octetCount
    this.#wasCounted = true
    this.#isInStep = false
    if (held.length === 0 && end - at === this.#missing) {
      this.#state = 'start'
      this.#out.give(chunk, at, end, sink)
      return end
    }
    const to = Math.min(end, at + this.#out.maxBytes - held.length)
    const isKept = held.append(chunk, at, to)
    const isDirect = !isKept && held.length === 0
    const next = isKept || isDirect ? to : at
    this.#missing -= next - at
    if (isKept && this.#missing > 0 && held.length < this.#out.maxBytes) return next
    const isWhole = this.#missing === 0
    if (!isWhole) this.#out.faults |= FAULT.truncated
    this.#state = isWhole ? 'start' : 'skip-counted'
    if (isDirect) this.#out.give(chunk, at, to, sink)
    else this.#out.giveHeld(held.length, sink)
    return next
  }

  #skipLine(chunk: Uint8Array, at: number, sink: FrameSink): number {
    const stop = this.#lineEnds.next(chunk, at)
    sink.cut(stop - at)
    if (stop === chunk.length) return stop
    this.#state = 'start'
    return stop + 1
  }

  #skipCounted(chunk: Uint8Array, at: number, sink: FrameSink): number {
    const end = Math.min(chunk.length, at + this.#missing)
    sink.cut(end - at)
    this.#missing -= end - at
    if (this.#missing === 0) this.#state = 'start'
    return end
  }
}
