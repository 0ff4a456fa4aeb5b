/** A column of byte strings as it lies in its bytes. */
import type { ColumnSource } from './column-streams.ts'
import { decimalDigits, hexByte, hexDigits, putDecimal, putHex } from './digits.ts'
import { openNumberColumn, type NumberColumn } from './number-column.ts'
import { CODEC_BITS, DIGIT_VALUE, MAX_DECIMAL_DIGITS, MAX_HEX_DIGITS, MAX_NIBBLES, TOKEN_CODEC, TOKEN_FLAG } from './token-codecs.ts'

// Read for every token: constants of this file, since the engine reads another module's again at every use.
const { shortest: SHORTEST, digits: DIGITS, nibbles: NIBBLES, dictionary: DICTIONARY, text: TEXT, random: RANDOM } = TOKEN_CODEC
const NO_BYTES = Buffer.alloc(0)
const NO_OFFSETS = new Uint32Array(0)
/** From the code behind `9` to that of the digit ten. */
const LETTER_GAP = { lower: 39, upper: 7 } as const

interface Parts {
  readonly tag: number
  readonly count: number
  readonly prefix: Buffer
  readonly suffix: Buffer
  readonly numbers?: NumberColumn
  readonly lengths?: NumberColumn
  readonly digits?: number
  /** Of a dictionary or of all tokens: where each begins in `bytes`, and where the last one ends. */
  readonly offsets?: Uint32Array
  readonly bytes?: Buffer
}

export class TokenColumn {
  readonly count: number
  readonly #codec: number
  readonly #radix: number
  readonly #gap: number
  readonly #prefix: Buffer
  readonly #suffix: Buffer
  readonly #numbers: NumberColumn | undefined
  readonly #lengths: NumberColumn | undefined
  readonly #digits: number
  readonly #offsets: Uint32Array
  readonly #bytes: Buffer

  constructor({ tag, count, prefix, suffix, numbers, lengths, digits = 0, offsets = NO_OFFSETS, bytes = NO_BYTES }: Parts) {
    this.count = count
    this.#codec = tag & CODEC_BITS
    this.#radix = (tag & TOKEN_FLAG.hexadecimal) === 0 ? 10 : 16
    this.#gap = (tag & TOKEN_FLAG.upperCase) === 0 ? LETTER_GAP.lower : LETTER_GAP.upper
    this.#prefix = prefix
    this.#suffix = suffix
    this.#numbers = numbers
    this.#lengths = lengths
    this.#digits = digits
    this.#offsets = offsets
    this.#bytes = bytes
  }

  /** Bytes of token `i`, which must be below `count`. */
  lengthAt(i: number): number {
    const affixes = this.#prefix.length + this.#suffix.length
    switch (this.#codec) {
      case SHORTEST:
        return affixes + this.#digitsIn(this.#numbers!.at(i))
      case DIGITS:
        return affixes + this.#lengths!.at(i)
      case NIBBLES:
        return affixes + this.#digits
      case DICTIONARY: {
        const entry = this.#numbers!.at(i)
        return this.#offsets[entry + 1] - this.#offsets[entry]
      }
      default:
        return this.#offsets[i + 1] - this.#offsets[i]
    }
  }

  /** Writes token `i` to `into` from `at` on and answers the position behind it. */
  write(i: number, into: Uint8Array, at: number): number {
    switch (this.#codec) {
      case DICTIONARY:
        return this.#copy(this.#numbers!.at(i), into, at)
      case TEXT:
      case RANDOM:
        return this.#copy(i, into, at)
    }
    const start = this.#prefix.length === 0 ? at : copyAll(this.#prefix, into, at)
    const end = this.#codec === NIBBLES ? this.#writeNibbles(i, into, start) : this.#writeDigits(i, into, start)
    return this.#suffix.length === 0 ? end : copyAll(this.#suffix, into, end)
  }

  /** For a caller that will read most tokens: numbers are unpacked at once, 8 bytes a row, and kept. */
  unpack(): void {
    this.#numbers?.unpack()
    this.#lengths?.unpack()
  }

  /** Could a row be this token, given in ASCII lower case (rows are compared without regard to ASCII case)? False is certain. */
  mayHold(token: Uint8Array): boolean {
    if (this.count === 0) return false
    if (this.#codec === DICTIONARY) return this.#isEntry(token)
    if (this.#codec >= TEXT) return true
    const end = token.length - this.#suffix.length
    const digits = end - this.#prefix.length
    if (digits < 0 || !isLike(this.#prefix, token, 0) || !isLike(this.#suffix, token, end)) return false
    let value = 0
    for (let at = this.#prefix.length; at < end; at++) {
      const digit = DIGIT_VALUE[token[at]]
      if (digit >= this.#radix) return false
      value = value * this.#radix + digit
    }
    if (this.#codec === NIBBLES) return digits === this.#digits
    // More than any number here has, and more than a double holds.
    if (digits > (this.#radix === 10 ? MAX_DECIMAL_DIGITS : MAX_HEX_DIGITS)) return false
    if (this.#codec === DIGITS) return this.#lengths!.mayHold(digits) && this.#numbers!.mayHold(value)
    return digits === this.#digitsIn(value) && this.#numbers!.mayHold(value)
  }

  /**
   * Could a row hold `part`, given in ASCII lower case, at its beginning unless `isOpenStart`, at its end unless `isOpenEnd`?
   * False is certain.
   */
  mayHoldPart(part: Uint8Array, open: { readonly isOpenStart: boolean; readonly isOpenEnd: boolean }): boolean {
    if (!open.isOpenStart && !open.isOpenEnd) return this.mayHold(part)
    if (this.count === 0) return false
    if (this.#codec === DICTIONARY) {
      for (let entry = 0; entry + 1 < this.#offsets.length; entry++) if (hasPart(this.#bytes, { from: this.#offsets[entry], to: this.#offsets[entry + 1], part, ...open })) return true
      return false
    }
    if (this.#codec >= TEXT) return hasPart(this.#bytes, { from: 0, to: this.#bytes.length, part, isOpenStart: true, isOpenEnd: true })
    if (this.#prefix.length + this.#suffix.length === 0) return part.every((byte) => DIGIT_VALUE[byte] < this.#radix)
    if (!open.isOpenStart && !isLike(this.#prefix.subarray(0, part.length), part, 0)) return false
    const isOfAffix = (byte: number): boolean => isIn(this.#prefix, byte) || isIn(this.#suffix, byte)
    return part.every((byte) => DIGIT_VALUE[byte] < this.#radix || isOfAffix(byte))
  }

  /** Tells columns apart that have nothing but digits of one kind; undefined for all others. */
  get digitKind(): number | undefined {
    return this.#codec < DICTIONARY && this.#prefix.length + this.#suffix.length === 0 ? this.#radix * 64 + this.#gap : undefined
  }

  /** Sets `into[byte]` to 1 for every byte that a token may have; bytes above ASCII are all 128. */
  addBytes(into: Uint8Array): void {
    if (this.#codec === DICTIONARY || this.#codec >= TEXT) return addAll(this.#bytes, into)
    addAll(this.#prefix, into)
    addAll(this.#suffix, into)
    into.fill(1, 48, 58)
    if (this.#radix === 16) into.fill(1, 58 + this.#gap, 64 + this.#gap)
  }

  #digitsIn(value: number): number {
    return this.#radix === 10 ? decimalDigits(value) : hexDigits(value)
  }

  #isEntry(token: Uint8Array): boolean {
    for (let entry = 0; entry + 1 < this.#offsets.length; entry++) {
      const from = this.#offsets[entry]
      if (this.#offsets[entry + 1] - from === token.length && isLike(this.#bytes.subarray(from, from + token.length), token, 0)) return true
    }
    return false
  }

  /** Bytes of an entry, or of a token of a column of text. */
  #copy(entry: number, into: Uint8Array, at: number): number {
    const bytes = this.#bytes
    const end = this.#offsets[entry + 1]
    let to = at
    for (let from = this.#offsets[entry]; from < end; from++) into[to++] = bytes[from]
    return to
  }

  #writeDigits(i: number, into: Uint8Array, at: number): number {
    const value = this.#numbers!.at(i)
    const end = at + (this.#codec === DIGITS ? this.#lengths!.at(i) : this.#digitsIn(value))
    if (this.#radix === 10) putDecimal(value, into, at, end)
    else putHex(value, into, { at, end, gap: this.#gap })
    return end
  }

  #writeNibbles(i: number, into: Uint8Array, at: number): number {
    const gap = this.#gap
    const end = at + this.#digits
    let nibble = i * this.#digits
    for (let place = at; place < end; place++, nibble++) {
      const byte = this.#bytes[nibble >>> 1]
      into[place] = hexByte((byte >>> ((~nibble & 1) << 2)) & 15, gap)
    }
    return end
  }
}

/** Opens the column of `count` tokens that was written next in `source`. @throws RangeError when the bytes are not those of a column */
export function openTokenColumn(source: ColumnSource, count: number): TokenColumn {
  const { soft, dense } = source
  if (count === 0) return new TokenColumn({ tag: 0, count, prefix: NO_BYTES, suffix: NO_BYTES })
  const tag = soft.u8()
  const isAffixed = (tag & TOKEN_FLAG.affixed) !== 0
  const prefix = isAffixed ? soft.take(soft.varint()) : NO_BYTES
  const suffix = isAffixed ? soft.take(soft.varint()) : NO_BYTES
  const parts = { tag, count, prefix, suffix }
  switch (tag & CODEC_BITS) {
    case SHORTEST:
      return new TokenColumn({ ...parts, numbers: openNumberColumn(source, count) })
    case DIGITS:
      return new TokenColumn({ ...parts, numbers: openNumberColumn(source, count), lengths: openNumberColumn(source, count) })
    case NIBBLES: {
      const digits = soft.u8()
      if (digits > MAX_NIBBLES) throw new RangeError(`${digits} digits`)
      return new TokenColumn({ ...parts, digits, bytes: dense.take((count * digits + 1) >>> 1) })
    }
    case DICTIONARY: {
      const entries = soft.varint()
      if (entries > count) throw new RangeError(`${entries} entries for ${count} tokens`)
      const offsets = offsetsOf(openNumberColumn(source, entries))
      return new TokenColumn({ ...parts, offsets, bytes: soft.take(offsets[entries]), numbers: openNumberColumn(source, count) })
    }
    case TEXT:
    case RANDOM: {
      const offsets = offsetsOf(openNumberColumn(source, count))
      return new TokenColumn({ ...parts, offsets, bytes: ((tag & CODEC_BITS) === TEXT ? soft : dense).take(offsets[count]) })
    }
    default:
      throw new RangeError(`no token codec ${tag & CODEC_BITS}`)
  }
}

function offsetsOf(lengths: NumberColumn): Uint32Array {
  const offsets = new Uint32Array(lengths.count + 1)
  lengths.into(offsets)
  let sum = 0
  for (let i = 0; i <= lengths.count; i++) {
    const length = offsets[i]
    offsets[i] = sum
    sum += length
  }
  return offsets
}

function copyAll(bytes: Uint8Array, into: Uint8Array, at: number): number {
  for (let i = 0; i < bytes.length; i++) into[at + i] = bytes[i]
  return at + bytes.length
}

/** Is `token` from `at` on equal to `bytes`, whose letters may be upper case? */
function isLike(bytes: Uint8Array, token: Uint8Array, at: number): boolean {
  for (let i = 0; i < bytes.length; i++) {
    const byte = bytes[i]
    if ((byte >= 65 && byte <= 90 ? byte + 32 : byte) !== token[at + i]) return false
  }
  return true
}

interface PartOf { readonly from: number; readonly to: number; readonly part: Uint8Array; readonly isOpenStart: boolean; readonly isOpenEnd: boolean }

function hasPart(bytes: Uint8Array, { from, to, part, isOpenStart, isOpenEnd }: PartOf): boolean {
  const last = isOpenStart ? to - part.length : Math.min(from, to - part.length)
  for (let at = isOpenEnd ? from : Math.max(from, to - part.length); at <= last; at++) {
    let same = 0
    while (same < part.length && lowerOf(bytes[at + same]) === part[same]) same++
    if (same === part.length) return true
  }
  return false
}

const lowerOf = (byte: number): number => (byte >= 65 && byte <= 90 ? byte + 32 : byte)

function isIn(bytes: Uint8Array, wanted: number): boolean {
  for (let i = 0; i < bytes.length; i++) if (lowerOf(bytes[i]) === wanted) return true
  return false
}

function addAll(bytes: Uint8Array, into: Uint8Array): void {
  for (let i = 0; i < bytes.length; i++) into[Math.min(bytes[i], 128)] = 1
}
