import { HeldFrame, type HeldBudget } from '../framing/held-frame.ts'
import { MAX_HEAD_BYTES, newHead, readHead, type RelpFault, type RelpHead } from './frame-head.ts'

const NEWLINE = 10

/** Where frames go: their data is `bytes[start … end)`, valid during the call. */
export interface RelpSink {
  /** @returns false to refuse the frame for now: it is offered again by the next `push` */
  frame(head: Readonly<RelpHead>, bytes: Uint8Array, start: number, end: number): boolean
}

/**
 * Reads RELP frames from a stream in any split, in place where a chunk holds them whole. Of data beyond the limit the
 * beginning is kept (`head.dataBytes` says how long it was). After a fault nothing more is read: RELP has no way back into step.
 */
export class RelpReader {
  readonly #maxBytes: number
  readonly #held: HeldFrame
  readonly #head = newHead()
  /** Bytes of the frame in hand that are still to come, its last newline among them; 0: its head is not known yet. */
  #missing = 0
  #fault: RelpFault | 'memory' | undefined

  constructor({ maxFrameBytes, heldBudget }: { readonly maxFrameBytes: number; readonly heldBudget: HeldBudget }) {
    this.#maxBytes = maxFrameBytes
    this.#held = new HeldFrame(heldBudget)
  }

  get fault(): RelpFault | 'memory' | undefined {
    return this.#fault
  }

  /** @returns how many bytes were taken; fewer than all after a refusal or a fault */
  push(chunk: Uint8Array, sink: RelpSink): number {
    let at = 0
    while (at < chunk.length && this.#fault === undefined) {
      const next = this.#missing > 0 ? this.#readRest(chunk, at, sink) : this.#held.length > 0 ? this.#readHead(chunk, at) : this.#readInPlace(chunk, at, sink)
      if (next < 0) return at
      at = next
    }
    return at
  }

  close(): void {
    this.#held.clear()
  }

  /** A frame begins at `at`. @returns the position behind what was taken, or -1 where the sink refused or after a fault */
  #readInPlace(chunk: Uint8Array, at: number, sink: RelpSink): number {
    const head = this.#head
    const outcome = readHead(head, chunk, { from: at, end: chunk.length })
    if (outcome === 'open') return this.#hold(chunk, at, chunk.length)
    if (outcome !== 'whole') return this.#fail(outcome)
    const start = at + head.dataOffset
    const end = start + head.dataBytes
    if (end >= chunk.length) return this.#begin(chunk, at, chunk.length)
    if (chunk[end] !== NEWLINE) return this.#fail('trailer')
    return sink.frame(head, chunk, start, Math.min(end, start + this.#maxBytes)) ? end + 1 : -1
  }

  /** The head came in pieces: a few bytes more of it. */
  #readHead(chunk: Uint8Array, at: number): number {
    const held = this.#held
    const before = held.length
    const taken = Math.min(chunk.length - at, MAX_HEAD_BYTES + 1 - before)
    if (!held.append(chunk, at, at + taken)) return this.#fail('memory')
    const outcome = readHead(this.#head, held.bytes, { from: 0, end: held.length })
    if (outcome === 'open') return at + taken
    if (outcome !== 'whole') return this.#fail(outcome)
    // A head is read as soon as it is whole, so all of the data lies in this chunk and those to come.
    held.clear()
    this.#missing = this.#head.dataBytes + 1
    return at + this.#head.dataOffset - before
  }

  /** The head is known; the data ends in a later chunk. */
  #begin(chunk: Uint8Array, at: number, end: number): number {
    const dataAt = at + this.#head.dataOffset
    this.#missing = this.#head.dataBytes + 1 - (end - dataAt)
    const kept = Math.min(end, dataAt + Math.min(this.#head.dataBytes, this.#maxBytes))
    return this.#held.append(chunk, dataAt, kept) ? end : this.#fail('memory')
  }

  #readRest(chunk: Uint8Array, at: number, sink: RelpSink): number {
    const held = this.#held
    if (this.#missing > 1) {
      const end = Math.min(chunk.length, at + this.#missing - 1)
      const kept = Math.min(end, at + Math.max(0, this.#maxBytes - held.length))
      if (!held.append(chunk, at, kept)) return this.#fail('memory')
      this.#missing -= end - at
      return end
    }
    if (chunk[at] !== NEWLINE) return this.#fail('trailer')
    if (!sink.frame(this.#head, held.bytes, 0, held.length)) return -1
    this.#missing = 0
    held.clear()
    return at + 1
  }

  #hold(chunk: Uint8Array, at: number, end: number): number {
    return this.#held.append(chunk, at, end) ? end : this.#fail('memory')
  }

  #fail(fault: RelpFault | 'memory'): -1 {
    this.#fault = fault
    return -1
  }
}
