/** Cells are multiples of this; addresses count in it, so that 32 bits reach far, and numbers lie where `Float64Array` wants them. */
const WORD_BYTES = 8
/** An address is the number of a chunk and the word in it. */
const CHUNK_BITS = 17
const WORD_MASK = 2 ** CHUNK_BITS - 1
/** 64 KiB of small cells, a megabyte of large ones: a memory that knows little costs little. */
const SMALL_CHUNK_WORDS = 2 ** 13
const LARGE_CHUNK_WORDS = 2 ** CHUNK_BITS
const MAX_SMALL_CELL_WORDS = 2 ** 9
/** Largest cell; larger states do not exist (their own bounds are below). */
export const MAX_CELL_BYTES = 256 * 1024

/** Sizes of cells in words: each multiple up to 128 bytes, then a quarter more each time. */
const CLASS_WORDS: readonly number[] = [...classes()]

function* classes(): Generator<number> {
  for (let words = 2; words <= 16; words++) yield words
  for (let words = 20; ; words = Math.ceil(words * 1.25)) {
    yield Math.min(words, MAX_CELL_BYTES / WORD_BYTES)
    if (words >= MAX_CELL_BYTES / WORD_BYTES) return
  }
}

/** Cells of one size. Free ones are chained through their first word. */
class Chunk {
  readonly f64: Float64Array<ArrayBuffer>
  readonly u32: Uint32Array
  /** A buffer, so that parts of it can be read as numbers and texts. */
  readonly u8: Buffer
  sizeClass = 0
  /** Word of the first free cell; -1: none was given back. */
  freeHead = -1
  /** Words that were never given out begin here. */
  fresh = 0
  used = 0
  /** Whether it is in its class's list of chunks with room. */
  isListed = false

  constructor(words: number) {
    this.f64 = new Float64Array(words)
    this.u32 = new Uint32Array(this.f64.buffer)
    this.u8 = Buffer.from(this.f64.buffer)
  }
}

/**
 * Byte strings of changing length without an object each: a million small states cost their bytes and no work for the garbage
 * collector. An address is a number; a chunk that is empty serves any size again.
 */
export class Arena {
  readonly #chunks: Chunk[] = []
  readonly #withRoom: number[][] = CLASS_WORDS.map(() => [])
  /** Numbers of empty chunks, small and large. */
  readonly #empty: readonly [number[], number[]] = [[], []]
  /** Of cells that are given out. */
  usedBytes = 0
  /** Memory held, in use or not. */
  heldBytes = 0

  /** @returns the address of a cell of at least so many bytes; what is in it is undefined */
  allocate(bytes: number): number {
    const sizeClass = classOf(bytes)
    const words = CLASS_WORDS[sizeClass]!
    const list = this.#withRoom[sizeClass]!
    if (list.length === 0) list.push(this.#freshChunk(sizeClass))
    const number = list[list.length - 1]!
    const chunk = this.#chunks[number]!
    let word = chunk.freeHead
    if (word >= 0) chunk.freeHead = chunk.f64[word]!
    else {
      word = chunk.fresh
      chunk.fresh += words
    }
    chunk.used++
    if (chunk.freeHead < 0 && chunk.fresh + words > chunk.f64.length) {
      chunk.isListed = false
      list.pop()
    }
    this.usedBytes += words * WORD_BYTES
    return (number << CHUNK_BITS) | word
  }

  free(address: number): void {
    const number = address >>> CHUNK_BITS
    const chunk = this.#chunks[number]!
    const word = address & WORD_MASK
    chunk.f64[word] = chunk.freeHead
    chunk.freeHead = word
    this.usedBytes -= CLASS_WORDS[chunk.sizeClass]! * WORD_BYTES
    const list = this.#withRoom[chunk.sizeClass]!
    if (--chunk.used === 0) {
      if (chunk.isListed) list.splice(list.indexOf(number), 1)
      chunk.isListed = false
      this.#empty[chunk.f64.length === SMALL_CHUNK_WORDS ? 0 : 1].push(number)
    } else if (!chunk.isListed) {
      chunk.isListed = true
      list.push(number)
    }
  }

  /** Bytes of the cell at an address. */
  roomAt(address: number): number {
    return CLASS_WORDS[this.#chunks[address >>> CHUNK_BITS]!.sizeClass]! * WORD_BYTES
  }

  f64At(address: number): Float64Array {
    return this.#chunks[address >>> CHUNK_BITS]!.f64
  }
  u32At(address: number): Uint32Array {
    return this.#chunks[address >>> CHUNK_BITS]!.u32
  }
  u8At(address: number): Buffer {
    return this.#chunks[address >>> CHUNK_BITS]!.u8
  }
  /** Position of the cell in `f64At`; four bytes and bytes: times 2 and 8. */
  wordOf(address: number): number {
    return address & WORD_MASK
  }

  #freshChunk(sizeClass: number): number {
    const isSmall = CLASS_WORDS[sizeClass]! <= MAX_SMALL_CELL_WORDS
    const number = this.#empty[isSmall ? 0 : 1].pop() ?? this.#addChunk(isSmall ? SMALL_CHUNK_WORDS : LARGE_CHUNK_WORDS)
    const chunk = this.#chunks[number]!
    chunk.sizeClass = sizeClass
    chunk.freeHead = -1
    chunk.fresh = 0
    chunk.isListed = true
    return number
  }

  #addChunk(words: number): number {
    this.heldBytes += words * WORD_BYTES
    return this.#chunks.push(new Chunk(words)) - 1
  }
}

function classOf(bytes: number): number {
  const words = (bytes + WORD_BYTES - 1) >>> 3
  if (words <= 16) return words < 2 ? 0 : words - 2
  const found = CLASS_WORDS.findIndex((size) => size >= words)
  if (found < 0) throw new Error(`a state of ${bytes} bytes is larger than any may be`)
  return found
}
