/** Appends numbers and bytes to a buffer that grows; little-endian. */
export class ByteWriter {
  #buffer = Buffer.allocUnsafe(64 * 1024)
  #length = 0

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

  u8(value: number): void {
    this.reserve(1)[0] = value
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
  /** Where the next value is read. */
  position = 0

  constructor(bytes: Buffer) {
    this.#bytes = bytes
  }

  take(count: number): Buffer {
    if (this.position + count > this.#bytes.length) throw new RangeError(`${count} bytes wanted at ${this.position} of ${this.#bytes.length}`)
    this.position += count
    return this.#bytes.subarray(this.position - count, this.position)
  }

  u8(): number {
    return this.take(1)[0]
  }

  u32(): number {
    return this.take(4).readUInt32LE()
  }

  f64(): number {
    return this.take(8).readDoubleLE()
  }
}
