/** Bytes of a number in states that are numbers. */
export const WORD = 8

/** Writes small binary states into one buffer that is used again and again. */
export class ByteWriter {
  bytes = Buffer.alloc(1024)
  length = 0

  clear(): this {
    this.length = 0
    return this
  }
  byte(value: number): this {
    this.#room(1)
    this.bytes[this.length++] = value
    return this
  }
  /** A whole number from 0 to 2^53 - 1, seven bits a byte. */
  varint(value: number): this {
    this.#room(8)
    let rest = value
    while (rest > 0x7f) {
      this.bytes[this.length++] = (rest % 128) | 0x80
      rest = Math.floor(rest / 128)
    }
    this.bytes[this.length++] = rest
    return this
  }
  f64(value: number): this {
    this.#room(8)
    this.length = this.bytes.writeDoubleLE(value, this.length)
    return this
  }
  text(value: string): this {
    this.#room(value.length * 3 + 8)
    const bytes = isAscii(value) ? value.length : Buffer.byteLength(value)
    this.varint(bytes)
    if (bytes === value.length) for (let i = 0; i < bytes; i++) this.bytes[this.length++] = value.charCodeAt(i)
    else this.length += this.bytes.write(value, this.length, 'utf8')
    return this
  }
  /** A view, good until the next write. */
  get written(): Uint8Array {
    return this.bytes.subarray(0, this.length)
  }

  #room(bytes: number): void {
    if (this.length + bytes <= this.bytes.length) return
    const larger = Buffer.alloc(Math.max(this.bytes.length * 2, this.length + bytes))
    larger.set(this.bytes)
    this.bytes = larger
  }
}

function isAscii(text: string): boolean {
  for (let i = 0; i < text.length; i++) if (text.charCodeAt(i) > 0x7f) return false
  return true
}

/** Reads what `ByteWriter` wrote; throws a `RangeError` where the bytes end too early. */
export class ByteReader {
  readonly #bytes: Buffer
  at: number

  constructor(bytes: Uint8Array, at = 0) {
    this.#bytes = bytes instanceof Buffer ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    this.at = at
  }
  get isAtEnd(): boolean {
    return this.at >= this.#bytes.length
  }
  byte(): number {
    if (this.at >= this.#bytes.length) throw new RangeError('the bytes end too early')
    return this.#bytes[this.at++]!
  }
  varint(): number {
    let value = 0
    let factor = 1
    for (;;) {
      const byte = this.byte()
      value += (byte & 0x7f) * factor
      if (byte < 0x80) return value
      factor *= 128
    }
  }
  f64(): number {
    const at = this.at
    this.at += 8
    return this.#bytes.readDoubleLE(at)
  }
  text(): string {
    const length = this.varint()
    const from = this.at
    this.at += length
    if (this.at > this.#bytes.length) throw new RangeError('the bytes end too early')
    return this.#bytes.toString('utf8', from, this.at)
  }
}
