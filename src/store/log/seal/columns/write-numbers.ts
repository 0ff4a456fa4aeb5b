/** Writes a column of numbers in the codec that makes it smallest. */
import { bitsFor, LOW_BITS, MAX_NARROW_BITS, packNarrow, splitValues } from './bit-packing.ts'
import type { ColumnSink } from './column-streams.ts'
import { compressedBits, MAX_SAMPLES } from './entropy.ts'
import { MAX_WIDTH, NEGATIVE_BASE, NUMBER_CODEC } from './number-codecs.ts'
import { NESTING, planeBits, planNumbers } from './number-plan.ts'

export type NumberArray = Float64Array | Int32Array | Uint32Array | Uint16Array | Uint8Array
/** Shorter columns are copied by a loop: a call into the engine costs more. */
const SHORT_ROWS = 32

/** Writes `values[0 … count)`; doubles that are no whole numbers within ±2^53 come back bit for bit, too. A column of no rows has no bytes. */
export function writeNumberColumn(sink: ColumnSink, values: NumberArray, count: number): void {
  if (count === 0) return
  const level = sink.scratch.level(0, count)
  if (values instanceof Float64Array || count >= SHORT_ROWS) level.set(values.length === count ? values : values.subarray(0, count))
  else for (let i = 0; i < count; i++) level[i] = values[i]
  if (values instanceof Float64Array && !isWhole(level, count)) writeFractions(sink, level, count)
  else writeLevel(sink, { count, depth: 0, used: 0 })
}

/** Are all values whole numbers (of any size), and none −0? */
function isWhole(values: Float64Array, count: number): boolean {
  for (let i = 0; i < count; i++) {
    const value = values[i]
    if (value === 0 ? Object.is(value, -0) : (value | 0) !== value && Math.trunc(value) !== value) return false
  }
  return true
}

export interface Level {
  readonly count: number
  /** The values are those of `scratch.level(depth)`. */
  readonly depth: number
  /** Bits of NESTING that lie around it. */
  readonly used: number
}

/** Writes the column of whole numbers that lies in the scratch of its depth. */
export function writeLevel(sink: ColumnSink, { count, depth, used }: Level): void {
  const { scratch } = sink
  const values = scratch.level(depth, count)
  let min = Infinity
  let max = -Infinity
  for (let i = 0; i < count; i++) {
    const value = values[i]
    if (value < min) min = value
    if (value > max) max = value
  }
  if (max - min >= 2 ** MAX_WIDTH || max > 2 ** 53 || min < -(2 ** 53)) return writeRaw(sink, values, count)
  const width = bitsFor(max - min)
  if (width === 0) return writeTag(sink, 0, min)
  // The same width without a base: a shorter header, and like numbers look alike in every block.
  const base = min > 0 && bitsFor(max) === width ? 0 : min
  const plan = planNumbers(scratch, { values, count, base, width, used })
  switch (plan.codec) {
    case 'packed':
      return writePacked(sink, { values, count, base, width })
    case 'planes':
      return writePlanes(sink, { values, count, base, width })
    case 'delta':
      return writeDelta(sink, { count, depth, used })
    case 'runs':
      return writeRuns(sink, { count, depth, used }, plan.runs)
    case 'dictionary':
      return writeDictionary(sink, { count, depth, used }, plan.entries)
  }
}

function writeTag({ soft }: ColumnSink, codec: number, base: number): void {
  soft.u8(base < 0 ? codec | NEGATIVE_BASE : codec)
  soft.varint(Math.abs(base))
}

interface Whole {
  readonly values: Float64Array
  readonly count: number
  readonly base: number
  readonly width: number
}

function writePacked(sink: ColumnSink, { values, count, base, width }: Whole): void {
  const { scratch, dense } = sink
  writeTag(sink, width, base)
  scratch.grow(count)
  const { low, high } = scratch
  splitValues(values, { base, width, count, low, high })
  packNarrow(dense, { values: low, width: width <= MAX_NARROW_BITS ? width : LOW_BITS, count })
  if (width > MAX_NARROW_BITS) packNarrow(dense, { values: high, width: width - LOW_BITS, count })
}

function writePlanes(sink: ColumnSink, { values, count, base, width }: Whole): void {
  const { scratch, soft, dense } = sink
  planeBits(scratch, { values, count, base, width, step: 0 })
  const planes = Math.ceil(width / 8)
  writeTag(sink, NUMBER_CODEC.planes, base)
  soft.u8((1 << planes) | scratch.denseMask)
  scratch.grow(count)
  const { low, high, denseMask } = scratch
  splitValues(values, { base, width, count, low, high })
  const lowPlanes = width <= MAX_NARROW_BITS ? planes : LOW_BITS / 8
  for (let plane = 0; plane < planes; plane++) {
    const out = (denseMask >>> plane) & 1 ? dense : soft
    const from = plane < lowPlanes ? low : high
    const shift = 8 * (plane < lowPlanes ? plane : plane - lowPlanes)
    const at = out.claim(count)
    const bytes = out.buffer
    for (let i = 0; i < count; i++) bytes[at + i] = from[i] >>> shift
  }
}

function writeDelta(sink: ColumnSink, { count, depth, used }: Level): void {
  const values = sink.scratch.level(depth, count)
  const steps = sink.scratch.level(depth + 1, count - 1)
  for (let i = 1; i < count; i++) steps[i - 1] = values[i] - values[i - 1]
  writeTag(sink, NUMBER_CODEC.delta, values[0])
  writeLevel(sink, { count: count - 1, depth: depth + 1, used: used | NESTING.delta })
}

function writeRuns(sink: ColumnSink, { count, depth, used }: Level, runs: number): void {
  const values = sink.scratch.level(depth, count)
  const inner = sink.scratch.level(depth + 1, runs)
  sink.soft.u8(NUMBER_CODEC.runs)
  sink.soft.varint(runs)
  let run = 0
  for (let i = 0; i < count; i++) if (i === 0 || values[i] !== values[i - 1]) inner[run++] = values[i]
  writeLevel(sink, { count: runs, depth: depth + 1, used: used | NESTING.runs })
  run = 0
  let start = 0
  for (let i = 1; i <= count; i++) {
    if (i < count && values[i] === values[i - 1]) continue
    inner[run++] = i - start
    start = i
  }
  writeLevel(sink, { count: runs, depth: depth + 1, used: used | NESTING.runs | NESTING.dictionary | NESTING.delta })
}

function writeDictionary(sink: ColumnSink, { count, depth, used }: Level, entries: number): void {
  const { scratch, soft } = sink
  const sorted = scratch.entries.slice(0, entries).sort()
  soft.u8(NUMBER_CODEC.dictionary)
  soft.varint(entries)
  scratch.level(depth + 1, count).set(sorted)
  writeLevel(sink, { count: entries, depth: depth + 1, used: used | NESTING.dictionary | NESTING.runs })
  const places = new Map(Array.from(sorted, (value, place) => [value, place]))
  const ranks = Int32Array.from({ length: entries }, (_, entry) => places.get(scratch.entries[entry])!)
  const { index } = scratch
  const inner = scratch.level(depth + 1, count)
  for (let i = 0; i < count; i++) inner[i] = ranks[index[i]]
  writeLevel(sink, { count, depth: depth + 1, used: used | NESTING.dictionary | NESTING.delta })
}

/** Milliseconds with microseconds in them are whole thousandths; everything else is raw. */
function writeFractions(sink: ColumnSink, values: Float64Array, count: number): void {
  const inner = sink.scratch.level(1, count)
  for (let i = 0; i < count; i++) {
    const thousandths = Math.round(values[i] * 1000)
    if (thousandths / 1000 !== values[i] || Object.is(values[i], -0) || Math.abs(thousandths) > 2 ** 52) return writeRaw(sink, values, count)
    inner[i] = thousandths + 0
  }
  sink.soft.u8(NUMBER_CODEC.thousandths)
  writeLevel(sink, { count, depth: 1, used: 0 })
}

function writeRaw({ soft, dense, scratch: { bins } }: ColumnSink, values: Float64Array, count: number): void {
  const bytes = new Uint8Array(values.buffer, values.byteOffset, 8 * count)
  const stride = Math.ceil(count / MAX_SAMPLES)
  let denseMask = 0
  for (let plane = 0; plane < 8; plane++) {
    let samples = 0
    for (let i = 0; i < count; i += stride, samples++) bins[bytes[8 * i + plane]]++
    if (compressedBits(bins, 0, samples) >= 8) denseMask |= 1 << plane
  }
  soft.u8(NUMBER_CODEC.raw)
  soft.u8(denseMask)
  for (let plane = 0; plane < 8; plane++) {
    const out = (denseMask >>> plane) & 1 ? dense : soft
    const at = out.claim(count)
    const to = out.buffer
    for (let i = 0; i < count; i++) to[at + i] = bytes[8 * i + plane]
  }
}
