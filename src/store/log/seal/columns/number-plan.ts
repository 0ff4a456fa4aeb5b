/** Looks at a column of whole numbers and says which codec makes it smallest. */
import { bitsFor, MAX_NARROW_BITS } from './bit-packing.ts'
import { MAX_DICTIONARY, type ColumnScratch } from './column-scratch.ts'
import { compressedBits, MAX_SAMPLES, softBits } from './entropy.ts'

/** Codecs that hold columns of their own: each at most once on the way down. */
export const NESTING = { dictionary: 1, delta: 2, runs: 4 } as const
export interface NumberPlan {
  readonly codec: 'packed' | 'planes' | keyof typeof NESTING
  /** Distinct values, for a dictionary. */
  readonly entries: number
  readonly runs: number
}
/** Below this a column is packed, or its runs or differences are. */
const MIN_ROWS_FOR_STATISTICS = 48
/** A codec's own bytes: tags and bases of the columns inside. */
const HEADER_BITS = 24
/** Reading planes and what is nested costs more than reading packed numbers: it has to save this share. */
const WORTH_IT = 0.93
/** Wide values are counted in two parts of whole bytes, whose halves fit in 32 bits. */
const LOW_SCALE = 2 ** 24
const PACKED: NumberPlan = { codec: 'packed', entries: 0, runs: 0 }

export interface PlanInput {
  readonly values: Float64Array
  readonly count: number
  readonly base: number
  readonly width: number
  /** Bits of NESTING that may not be used. */
  readonly used: number
}

export function planNumbers(scratch: ColumnScratch, { values, count, base, width, used }: PlanInput): NumberPlan {
  const { runs, smallestStep, largestStep } = stepsOf(values, count)
  const packedBits = width * count
  let best = packedBits * WORTH_IT
  let plan = PACKED
  const consider = (codec: NumberPlan['codec'], bits: number, entries = 0): void => {
    if (bits >= best) return
    best = bits
    plan = { codec, entries, runs }
  }
  const hasStatistics = count >= MIN_ROWS_FOR_STATISTICS
  if ((used & NESTING.runs) === 0) consider('runs', runs * (width + bitsFor(Math.ceil(count / runs)) + 1) + 2 * HEADER_BITS)
  const stepSpan = largestStep - smallestStep
  if ((used & NESTING.delta) === 0 && stepSpan < 2 ** 53) {
    const stepWidth = bitsFor(stepSpan)
    consider('delta', stepWidth * (count - 1) + HEADER_BITS)
    if (hasStatistics && stepWidth > 1 && hasSmallSteps(values, count, 2 ** width / 16)) consider('delta', (planeBits(scratch, { values, count, base: smallestStep, width: stepWidth, step: 1 }) + 0.3) * count + 2 * HEADER_BITS)
  }
  if (!hasStatistics || best < count / 2) return plan
  // Where differences are much narrower the bytes of the values themselves have little to say.
  if (best > packedBits * 0.6) consider('planes', planeBits(scratch, { values, count, base, width, step: 0 }) * count + HEADER_BITS)
  if ((used & NESTING.dictionary) === 0 && width > 2) {
    const entries = indexValues(scratch, values, count)
    if (entries > 0) consider('dictionary', entries * Math.min(width, width - bitsFor(entries) + 3) + indexBits(scratch, entries, count) + 2 * HEADER_BITS, entries)
  }
  return plan
}

function stepsOf(values: Float64Array, count: number): { runs: number; smallestStep: number; largestStep: number } {
  let runs = 1
  let smallestStep = Infinity
  let largestStep = -Infinity
  let before = values[0]
  for (let i = 1; i < count; i++) {
    const value = values[i]
    const step = value - before
    if (step !== 0) runs++
    if (step < smallestStep) smallestStep = step
    if (step > largestStep) largestStep = step
    before = value
  }
  return { runs, smallestStep, largestStep }
}

/** Are a third of some steps small? Those of values at random are not, and counting their bytes is dear. */
function hasSmallSteps(values: Float64Array, count: number, small: number): boolean {
  const stride = Math.max(1, Math.floor(count / 64))
  let looked = 0
  let found = 0
  for (let i = 1; i < count; i += stride, looked++) if (Math.abs(values[i] - values[i - 1]) <= small) found++
  return found * 3 >= looked
}

interface PlaneInput {
  readonly values: Float64Array
  readonly count: number
  readonly base: number
  readonly width: number
  /** 1: of the differences, 0: of the values. */
  readonly step: 0 | 1
}

/** Bits a value as byte planes; `scratch.denseMask` says which planes no compressor makes smaller. */
export function planeBits(scratch: ColumnScratch, { values, count, base, width, step }: PlaneInput): number {
  const { bins } = scratch
  const planes = Math.ceil(width / 8)
  const stride = Math.ceil(count / MAX_SAMPLES)
  const isNarrow = width <= MAX_NARROW_BITS
  let samples = 0
  for (let i = step; i < count; i += stride) {
    const value = (step === 1 ? values[i] - values[i - 1] : values[i]) - base
    samples++
    if (isNarrow) {
      for (let plane = 0, rest = value | 0; plane < planes; plane++, rest >>>= 8) bins[plane * 256 + (rest & 255)]++
      continue
    }
    const upper = (value / LOW_SCALE) | 0
    const lower = value - upper * LOW_SCALE
    bins[lower & 255]++
    bins[256 + ((lower >>> 8) & 255)]++
    bins[512 + (lower >>> 16)]++
    for (let plane = 3, rest = upper; plane < planes; plane++, rest >>>= 8) bins[plane * 256 + (rest & 255)]++
  }
  let bits = 0
  scratch.denseMask = 0
  for (let plane = 0; plane < planes; plane++) {
    const soft = compressedBits(bins, plane * 256, samples)
    if (soft >= 8) scratch.denseMask |= 1 << plane
    bits += Math.min(soft, 8)
  }
  return bits
}

/** Fills `scratch.entries`, `entryCounts` and `index` with the distinct values; 0 when there are too many to be worth a dictionary. */
function indexValues(scratch: ColumnScratch, values: Float64Array, count: number): number {
  scratch.grow(count)
  const { entries, entryCounts, slots, index } = scratch
  const most = Math.min(MAX_DICTIONARY, count >>> 1)
  const mask = 2 ** Math.ceil(Math.log2(most * 2)) - 1
  slots.fill(0, 0, mask + 1)
  let known = 0
  for (let i = 0; i < count; i++) {
    const value = values[i]
    const hash = Math.imul((value | 0) ^ Math.imul((value / 0x1_0000_0000) | 0, 0x85eb_ca6b), 0x9e37_79b1)
    let slot = (hash ^ (hash >>> 15)) & mask
    let entry = slots[slot]
    while (entry !== 0 && entries[entry - 1] !== value) {
      slot = (slot + 1) & mask
      entry = slots[slot]
    }
    if (entry === 0) {
      // Mostly new values among the first, or more than half of all: no dictionary.
      if (known === most || (i >= 128 && known * 2 > i)) return 0
      entries[known] = value
      entryCounts[known] = 0
      entry = ++known
      slots[slot] = entry
    }
    entryCounts[entry - 1]++
    index[i] = entry - 1
  }
  return known
}

/** Bits of all indexes: packed, or compressed when the entries are used unevenly. */
function indexBits({ entryCounts }: ColumnScratch, entries: number, count: number): number {
  const packed = bitsFor(entries - 1) * count
  if (entries > 256) return packed
  let entropy = 0
  for (let entry = 0; entry < entries; entry++) entropy += entryCounts[entry] * Math.log2(count / entryCounts[entry])
  return Math.min(packed, softBits(entropy / count) * count)
}
