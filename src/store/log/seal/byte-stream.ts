/** Appends numbers and bytes to a buffer that grows; little-endian. */
export class ByteWriter {
  #buffer: Buffer
  #length = 0

  constructor(firstBytes = 64 * 1024) {
    this.#buffer = Buffer.allocUnsafe(firstBytes)
  }

  /** Room for `count` bytes at the end; the caller fills it. */
  reserve(count: number): Buffer {
    const needed = this.#length + count
    if (needed > this.#buffer.length) {
      const grown = Buffer.allocUnsafe(Math.max(needed, this.#buffer.length * 2))
      this.#buffer.copy(grown, 0, 0, this.#length)
      this.#buffer = grown
    }
    this.#length = needed
    return this.#buffer.subarray(needed - count, needed)
  }

  /** Room for `count` bytes at the end, without a view of its own: they begin at the returned offset of `buffer`. */
  claim(count: number): number {
    const from = this.#length
    if (from + count > this.#buffer.length) this.reserve(count)
    else this.#length = from + count
    return from
  }

  /** What is written to, as a whole; another one after the next `claim`, `reserve` or number. */
  get buffer(): Buffer {
    return this.#buffer
  }

  get length(): number {
    return this.#length
  }

  u8(value: number): void {
    const at = this.claim(1)
    this.#buffer[at] = value
  }

  /** LEB128 of a whole number from 0 to 2^53: seven bits a byte, the lowest first. */
  varint(value: number): void {
    let rest = value
    while (rest > 127) {
      this.u8((rest % 128) | 128)
      rest = Math.floor(rest / 128)
    }
    this.u8(rest)
  }

  u32(value: number): void {
    this.reserve(4).writeUInt32LE(value)
  }

  f64(value: number): void {
    this.reserve(8).writeDoubleLE(value)
  }

  /** What was written; valid until `clear`. */
  bytes(): Buffer {
    return this.#buffer.subarray(0, this.#length)
  }

  clear(): void {
    this.#length = 0
  }
}

/** Reads what `ByteWriter` wrote; throws RangeError when the bytes end too early. */
export class ByteReader {
  readonly #bytes: Buffer
  #view: DataView | undefined
  /** Where the next value is read. */
  position = 0

  constructor(bytes: Buffer) {
    this.#bytes = bytes
  }

  /** All bytes, read or not. */
  get bytes(): Buffer {
    return this.#bytes
  }

  /** `bytes` for numbers of several bytes; one object for all who read. */
  get view(): DataView {
    return (this.#view ??= new DataView(this.#bytes.buffer, this.#bytes.byteOffset, this.#bytes.length))
  }

  /** Steps over `count` bytes and says where they begin in `bytes`. */
  skip(count: number): number {
    const from = this.position
    if (from + count > this.#bytes.length) throw new RangeError(`${count} bytes wanted at ${from} of ${this.#bytes.length}`)
    this.position = from + count
    return from
  }

  /** A number written by `ByteWriter.varint`. */
  varint(): number {
    let value = 0
    for (let scale = 1; scale <= 2 ** 49; scale *= 128) {
      const byte = this.#bytes[this.skip(1)]
      value += (byte & 127) * scale
      if (byte < 128) return value
    }
    throw new RangeError(`a number of more than eight bytes ends at ${this.position}`)
  }

  take(count: number): Buffer {
    if (this.position + count > this.#bytes.length) throw new RangeError(`${count} bytes wanted at ${this.position} of ${this.#bytes.length}`)
    this.position += count
    return this.#bytes.subarray(this.position - count, this.position)
  }

  u8(): number {
    return this.#bytes[this.skip(1)]
  }

  u32(): number {
    return this.take(4).readUInt32LE()
  }

  f64(): number {
    return this.take(8).readDoubleLE()
  }
}
