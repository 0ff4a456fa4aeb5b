/** A column of numbers as it lies in its bytes: single values without decoding the rest where the codec allows, or all at once. */
import type { ByteReader } from '../byte-stream.ts'
import { LOW_BITS, MAX_NARROW_BITS, narrowAt, packedBytes, unpackNarrow, type NarrowArray } from './bit-packing.ts'
import { MAX_DEPTH } from './column-scratch.ts'
import type { ColumnSource } from './column-streams.ts'
import { MAX_WIDTH, NEGATIVE_BASE, NUMBER_CODEC } from './number-codecs.ts'
import type { NumberArray } from './write-numbers.ts'

const LOW_SCALE = 2 ** LOW_BITS
/** How a column is read; packed ones by their width, `decoded` are those that need what is before a value. */
const KIND = { constant: 0, narrow: 1, wide: 2, planes: 3, dictionary: 4, scaled: 5, decoded: 6 } as const
type Kind = (typeof KIND)[keyof typeof KIND]
/** Shorter columns are copied value by value. */
const SHORT_ROWS = 32
const NO_NUMBERS: NarrowArray = { view: new DataView(new ArrayBuffer(0)), from: 0, width: 0, count: 0 }
const NO_VALUES = new Float64Array(0)

interface Parts {
  readonly kind: Kind
  readonly count: number
  readonly base?: number
  readonly low?: NarrowArray
  readonly high?: NarrowArray
  readonly planes?: readonly Buffer[]
  readonly inner?: NumberColumn
  readonly entries?: Float64Array
  readonly decode?: (to: Float64Array) => void
}

export class NumberColumn {
  readonly count: number
  readonly #kind: Kind
  /** How single values are read: `decoded` once all values are at hand. */
  #access: Kind
  readonly #base: number
  readonly #low: NarrowArray
  readonly #high: NarrowArray
  readonly #planes: readonly Buffer[]
  readonly #inner: NumberColumn | undefined
  readonly #decode: ((to: Float64Array) => void) | undefined
  readonly #entries: Float64Array
  /** All values, once they are unpacked. */
  #values: Float64Array = NO_VALUES

  constructor(parts: Parts) {
    this.count = parts.count
    this.#kind = parts.kind
    this.#access = parts.kind
    this.#base = parts.base ?? 0
    this.#low = parts.low ?? NO_NUMBERS
    this.#high = parts.high ?? NO_NUMBERS
    this.#planes = parts.planes ?? []
    this.#inner = parts.inner
    this.#decode = parts.decode
    this.#entries = parts.entries ?? NO_VALUES
  }

  /** Value of row `i`, which must be below `count`. */
  at(i: number): number {
    // Small, so that a caller's loop takes it in: the two commonest ways first.
    if (this.#access === KIND.narrow) return narrowAt(this.#low, i) + this.#base
    if (this.#values !== NO_VALUES) return this.#values[i]
    return this.#otherAt(i)
  }

  #otherAt(i: number): number {
    switch (this.#access) {
      case KIND.constant:
        return this.#base
      case KIND.narrow:
        return narrowAt(this.#low, i) + this.#base
      case KIND.wide:
        return narrowAt(this.#low, i) + narrowAt(this.#high, i) * LOW_SCALE + this.#base
      case KIND.planes: {
        let value = this.#base
        for (let plane = 0, scale = 1; plane < this.#planes.length; plane++, scale *= 256) value += this.#planes[plane][i] * scale
        return value
      }
      case KIND.dictionary:
        return this.#entries[this.#inner!.at(i)]
      case KIND.scaled:
        return this.#inner!.at(i) / 1000
      case KIND.decoded:
        return this.all()[i]
    }
  }

  /** Could a row have this value? False is certain. */
  mayHold(value: number): boolean {
    switch (this.#kind) {
      case KIND.constant:
        return value === this.#base
      case KIND.narrow:
      case KIND.wide:
        // the difference, since the sum may be rounded down beyond 2^53; it may itself be rounded up
        return value >= this.#base && value - this.#base <= 2 ** (this.#low.width + this.#high.width)
      case KIND.planes:
        return value >= this.#base
      case KIND.dictionary:
        return this.#entries.includes(value)
      case KIND.scaled:
      case KIND.decoded:
        return true
    }
  }

  /** Writes all values to `to[0 … count)`, converted as an assignment would. */
  into(to: NumberArray): void {
    if (this.count < SHORT_ROWS) {
      for (let i = 0; i < this.count; i++) to[i] = this.at(i)
      return
    }
    if (this.#access === KIND.constant) to.fill(this.#base, 0, this.count)
    else if (this.#values !== NO_VALUES) to.set(this.#values)
    else if (to instanceof Float64Array) this.#fill(to)
    else {
      const values = new Float64Array(this.count)
      this.#fill(values)
      to.set(values)
    }
  }

  /** All values; kept where the codec has no other way to a single one. */
  all(): Float64Array {
    if (this.#values !== NO_VALUES) return this.#values
    const values = new Float64Array(this.count)
    this.#fill(values)
    if (this.#access === KIND.decoded) this.#values = values
    return values
  }

  /** For a caller that will read most rows one by one: all values are unpacked at once, 8 bytes a row, and kept. */
  unpack(): void {
    if (this.#access === KIND.constant || this.count < SHORT_ROWS) return
    this.#access = KIND.decoded
    this.all()
  }

  #fill(to: Float64Array): void {
    const count = this.count
    switch (this.#kind) {
      case KIND.constant:
        return void to.fill(this.#base, 0, count)
      case KIND.narrow:
        return unpackNarrow(this.#low, this.#base, to)
      case KIND.wide: {
        unpackNarrow(this.#low, this.#base, to)
        const upper = new Float64Array(count)
        unpackNarrow(this.#high, 0, upper)
        for (let i = 0; i < count; i++) to[i] += upper[i] * LOW_SCALE
        return
      }
      case KIND.planes:
        return this.#fillPlanes(to)
      case KIND.dictionary: {
        this.#inner!.into(to)
        const entries = this.#entries
        for (let i = 0; i < count; i++) to[i] = entries[to[i]]
        return
      }
      case KIND.scaled:
        this.#inner!.into(to)
        for (let i = 0; i < count; i++) to[i] /= 1000
        return
      case KIND.decoded:
        return this.#decode!(to)
    }
  }

  #fillPlanes(to: Float64Array): void {
    const base = this.#base
    let scale = 1
    for (const [place, plane] of this.#planes.entries()) {
      if (place === 0) for (let i = 0; i < this.count; i++) to[i] = plane[i] + base
      else for (let i = 0; i < this.count; i++) to[i] += plane[i] * scale
      scale *= 256
    }
  }
}

/** Opens the column of `count` rows that was written next in `source`. @throws RangeError when the bytes are not those of a column */
export function openNumberColumn(source: ColumnSource, count: number): NumberColumn {
  return open(source, count, 0)
}

function open(source: ColumnSource, count: number, depth: number): NumberColumn {
  if (count === 0) return new NumberColumn({ kind: KIND.constant, count })
  if (depth === MAX_DEPTH) throw new RangeError(`columns more than ${MAX_DEPTH} deep`)
  const { soft, dense } = source
  const tag = soft.u8()
  const codec = tag & (NEGATIVE_BASE - 1)
  const sign = tag === codec ? 1 : -1
  switch (codec) {
    case NUMBER_CODEC.dictionary: {
      const entries = open(source, entryCount(soft, count), depth + 1).all()
      return new NumberColumn({ kind: KIND.dictionary, count, entries, inner: open(source, count, depth + 1) })
    }
    case NUMBER_CODEC.delta: {
      const first = sign * soft.varint()
      const steps = open(source, count - 1, depth + 1)
      return new NumberColumn({ kind: KIND.decoded, count, decode: (to) => sumSteps(to, first, steps) })
    }
    case NUMBER_CODEC.runs: {
      const runs = entryCount(soft, count)
      const values = open(source, runs, depth + 1)
      const lengths = open(source, runs, depth + 1)
      return new NumberColumn({ kind: KIND.decoded, count, decode: (to) => repeatRuns(to, values, lengths) })
    }
    case NUMBER_CODEC.planes: {
      const base = sign * soft.varint()
      const mask = soft.u8()
      return new NumberColumn({ kind: KIND.planes, count, base, planes: takePlanes(source, { count, mask, planes: 31 - Math.clz32(mask) }) })
    }
    case NUMBER_CODEC.raw: {
      const planes = takePlanes(source, { count, mask: soft.u8(), planes: 8 })
      return new NumberColumn({ kind: KIND.decoded, count, decode: (to) => joinDoubles(to, planes) })
    }
    case NUMBER_CODEC.thousandths:
      return new NumberColumn({ kind: KIND.scaled, count, inner: open(source, count, depth + 1) })
    default:
      if (codec > MAX_WIDTH) throw new RangeError(`no column codec ${codec}`)
      return openPacked(dense, { count, width: codec, base: sign * soft.varint() })
  }
}

function entryCount(soft: ByteReader, rows: number): number {
  const entries = soft.varint()
  if (entries > rows) throw new RangeError(`${entries} entries for ${rows} rows`)
  return entries
}

function openPacked(dense: ByteReader, { count, width, base }: { readonly count: number; readonly width: number; readonly base: number }): NumberColumn {
  if (width === 0) return new NumberColumn({ kind: KIND.constant, count, base })
  const from = dense.skip(packedBytes(width, count))
  const { view } = dense
  if (width <= MAX_NARROW_BITS) return new NumberColumn({ kind: KIND.narrow, count, base, low: { view, from, width, count } })
  return new NumberColumn({ kind: KIND.wide, count, base, low: { view, from, width: LOW_BITS, count }, high: { view, from: from + 3 * count, width: width - LOW_BITS, count } })
}

function takePlanes({ soft, dense }: ColumnSource, { count, mask, planes }: { readonly count: number; readonly mask: number; readonly planes: number }): Buffer[] {
  return Array.from({ length: planes }, (_, plane) => ((mask >>> plane) & 1 ? dense : soft).take(count))
}

function sumSteps(to: Float64Array, first: number, steps: NumberColumn): void {
  steps.into(to)
  let value = first
  for (let i = 0; i <= steps.count; i++) {
    const step = to[i]
    to[i] = value
    value += step
  }
}

function repeatRuns(to: Float64Array, values: NumberColumn, lengths: NumberColumn): void {
  let at = 0
  for (let run = 0; run < values.count; run++) {
    const end = at + lengths.at(run)
    to.fill(values.at(run), at, end)
    at = end
  }
}

function joinDoubles(to: Float64Array, planes: readonly Buffer[]): void {
  const bytes = new Uint8Array(to.buffer, to.byteOffset, to.byteLength)
  for (const [place, plane] of planes.entries()) for (let i = 0; i < plane.length; i++) bytes[8 * i + place] = plane[i]
}
