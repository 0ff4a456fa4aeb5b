import type { Batch } from '#domain/batch.ts'

/** Odd factors of the two lanes, and of what joins them (xxHash's primes). */
const FACTOR_A = 0x9e3779b1
const FACTOR_B = 0x85ebca6b
const JOIN = 0xc2b2ae35
const LENGTH = 0x27d4eb2f
const START_A = 0x811c9dc5
const START_B = 0x165667b1
/** Two words. */
const STEP_BYTES = 8

/** Of a longer text, as much of its beginning and of its end is read. */
const PART_BYTES = 32

export interface FrameHash {
  /** 32 bits of the received bytes of a row and their number, never 0: equal frames have equal ones, and few others do. */
  whole(batch: Batch, row: number): number
  /** The same of a message that has a number: of its text (the middle of a long one is left out), its time and its length. With equal numbers that is the message. */
  numbered(batch: Batch, row: number): number
}

/**
 * Reads by words where it can: a frame begins anywhere, so that each word of it is made of two of the buffer. On the path of every numbered message, where byte
 * by byte costs three times as much. Hashes are of one run of the hub: they depend on the byte order of the machine.
 */
export function createFrameHash(): FrameHash {
  let buffer: ArrayBufferLike | undefined
  let words: Uint32Array = new Uint32Array(0)
  const read = (bytes: Uint8Array, start: number, length: number, seed: number): number => {
    // the third word of a step ends before the span does
    const steps = length < 4 ? 0 : ((length - 4) / STEP_BYTES) | 0
    const first = bytes.byteOffset + start
    const shift = (first & 3) << 3
    let at = first >>> 2
    let a = START_A ^ seed
    let b = START_B
    let word = words[at]! >>> shift
    for (let step = 0; step < steps; step++, at += 2) {
      const middle = words[at + 1]!
      const last = words[at + 2]!
      // in two shifts: by 32 bits at once would be by none
      a = Math.imul(a ^ (word | ((middle << (31 - shift)) << 1)), FACTOR_A)
      a ^= a >>> 15
      b = Math.imul(b ^ ((middle >>> shift) | ((last << (31 - shift)) << 1)), FACTOR_B)
      b ^= b >>> 13
      word = last >>> shift
    }
    for (let rest = start + steps * STEP_BYTES; rest < start + length; rest++) {
      a = Math.imul(a ^ bytes[rest]!, FACTOR_A)
      a ^= a >>> 15
    }
    return (a ^ Math.imul(b, JOIN) ^ Math.imul(length, LENGTH)) >>> 0 || 1
  }
  const open = (batch: Batch): void => {
    if (batch.buffer === buffer) return
    buffer = batch.buffer
    words = new Uint32Array(buffer, 0, buffer.byteLength >>> 2)
  }
  return {
    whole(batch, row) {
      open(batch)
      return read(batch.bytes, batch.frameStart[row]!, batch.frameLen[row]!, 0)
    },
    numbered(batch, row) {
      open(batch)
      const start = batch.frameStart[row]! + batch.textOff[row]!
      const length = batch.textLen[row]!
      const seed = Math.imul(batch.sentMs[row]!, JOIN) ^ Math.imul(batch.frameLen[row]!, LENGTH)
      if (length <= 2 * PART_BYTES) return read(batch.bytes, start, length, seed)
      return read(batch.bytes, start + length - PART_BYTES, PART_BYTES, seed ^ read(batch.bytes, start, PART_BYTES, length))
    },
  }
}
