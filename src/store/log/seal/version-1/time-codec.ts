import type { ByteReader } from '../byte-stream.ts'
import { readNumbers } from './number-codec.ts'

/** Times as differences of whole milliseconds, else of whole microseconds, else as they are. NaN means "none" and is kept beside them. */
const SCALE = { milliseconds: 1, microseconds: 1000, raw: 0 } as const

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

/** Whole numbers that stay the same for long (ids of a sorted block): as differences. */
export function readDifferences(from: ByteReader, count: number): Float64Array {
  const first = from.f64()
  const values = readNumbers(from, count)
  values[0] = first
  for (let i = 1; i < count; i++) values[i] += values[i - 1]
  return values
}
