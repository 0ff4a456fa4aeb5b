import type { ByteReader, ByteWriter } from './byte-stream.ts'
import { readNumbers, writeNumbers } from './number-codec.ts'

/** Times as differences of whole milliseconds, else of whole microseconds, else as they are. NaN means "none" and is kept beside them. */
const SCALE = { milliseconds: 1, microseconds: 1000, raw: 0 } as const
/** Beyond this a difference might not be exact. */
const MAX_EXACT = 2 ** 52

export function writeTimes(out: ByteWriter, values: Float64Array, count: number): void {
  const missing = new Uint8Array(count)
  const filled = new Float64Array(count)
  let last = 0
  for (let i = 0; i < count; i++) {
    if (Number.isNaN(values[i])) missing[i] = 1
    else last = values[i]
    filled[i] = last
  }
  const scale = scaleOf(filled)
  writeNumbers(out, missing, count)
  out.u32(scale)
  if (scale !== SCALE.raw) out.f64(toDifferences(filled, scale))
  writeNumbers(out, filled, count)
}

export function readTimes(from: ByteReader, count: number): Float64Array {
  const missing = readNumbers(from, count)
  const scale = from.u32()
  let sum = scale === SCALE.raw ? 0 : from.f64()
  const values = readNumbers(from, count)
  if (scale !== SCALE.raw) {
    for (let i = 0; i < count; i++) {
      sum += values[i]
      values[i] = scale === 1 ? sum : sum / scale
    }
  }
  for (let i = 0; i < count; i++) if (missing[i] === 1) values[i] = Number.NaN
  return values
}

function scaleOf(values: Float64Array): number {
  for (const scale of [SCALE.milliseconds, SCALE.microseconds]) {
    if (values.every((value) => Math.abs(value * scale) < MAX_EXACT && Math.round(value * scale) / scale === value)) return scale
  }
  return SCALE.raw
}

/** In place; the first becomes 0. @returns the first, scaled */
function toDifferences(values: Float64Array, scale: number): number {
  const first = Math.round(values[0] * scale)
  let previous = first
  for (let i = 0; i < values.length; i++) {
    const value = Math.round(values[i] * scale)
    values[i] = value - previous
    previous = value
  }
  return first
}

/** Whole numbers that stay the same for long (ids of a sorted block): as differences. */
export function writeDifferences(out: ByteWriter, values: Uint32Array, count: number): void {
  const differences = new Float64Array(count)
  for (let i = 1; i < count; i++) differences[i] = values[i] - values[i - 1]
  out.f64(values[0])
  writeNumbers(out, differences, count)
}

export function readDifferences(from: ByteReader, count: number): Float64Array {
  const first = from.f64()
  const values = readNumbers(from, count)
  values[0] = first
  for (let i = 1; i < count; i++) values[i] += values[i - 1]
  return values
}
