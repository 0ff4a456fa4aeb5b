import type { ByteReader, ByteWriter } from './byte-stream.ts'

/**
 * How a column of numbers becomes bytes that zstd packs well. The tag is part of the block format.
 *   constant    one value
 *   planes      value − smallest in 1 to 6 bytes, all low bytes first, then all second bytes …
 *   dictionary  the different values, then an index of 1 or 2 bytes (planes) a row
 *   raw         IEEE 754 doubles
 */
const TAG = { constant: 0, planes: 1, dictionary: 2, raw: 3 } as const
const MAX_PLANES = 6
/** A dictionary pays when plain numbers would take more than its index. */
const DICTIONARY_FROM_WIDTH = 3

export type Numbers = Float64Array | Uint32Array | Uint16Array | Uint8Array

export function writeNumbers(out: ByteWriter, values: Numbers, count: number): void {
  let min = Infinity
  let max = -Infinity
  let isWhole = true
  for (let i = 0; i < count; i++) {
    const value = values[i]
    if (value < min) min = value
    if (value > max) max = value
    if (!Number.isSafeInteger(value)) isWhole = false
  }
  if (isConstant(values, count)) return writeConstant(out, values[0])
  const width = isWhole ? bytesFor(max - min) : Infinity
  if (width > MAX_PLANES) return writeRaw(out, values, count)
  if (width >= DICTIONARY_FROM_WIDTH && writeDictionary(out, values, count)) return
  out.u8(TAG.planes)
  writePlanes(out, { values, count, base: min, width })
}

/** Reads `count` numbers; throws RangeError on bytes that are not ours. */
export function readNumbers(from: ByteReader, count: number): Float64Array {
  const values = new Float64Array(count)
  const tag = from.u8()
  if (tag === TAG.constant) return values.fill(from.f64())
  if (tag === TAG.planes) return readPlanes(from, values)
  if (tag === TAG.dictionary) {
    const dictionary = readNumbers(from, from.u32())
    const index = readNumbers(from, count)
    for (let i = 0; i < count; i++) values[i] = dictionary[index[i]]
    return values
  }
  if (tag !== TAG.raw) throw new RangeError(`unknown column tag ${tag}`)
  const bytes = from.take(count * 8)
  for (let i = 0; i < count; i++) values[i] = bytes.readDoubleLE(i * 8)
  return values
}

function isConstant(values: Numbers, count: number): boolean {
  for (let i = 1; i < count; i++) if (!Object.is(values[i], values[0])) return false
  return true
}

function writeConstant(out: ByteWriter, value: number): void {
  out.u8(TAG.constant)
  out.f64(value)
}

function writeRaw(out: ByteWriter, values: Numbers, count: number): void {
  out.u8(TAG.raw)
  const bytes = out.reserve(count * 8)
  for (let i = 0; i < count; i++) bytes.writeDoubleLE(values[i], i * 8)
}

function writeDictionary(out: ByteWriter, values: Numbers, count: number): boolean {
  const places = new Map<number, number>()
  const index = new Uint16Array(count)
  for (let i = 0; i < count; i++) {
    let place = places.get(values[i])
    if (place === undefined) {
      if (places.size === count >> 2) return false
      places.set(values[i], (place = places.size))
    }
    index[i] = place
  }
  out.u8(TAG.dictionary)
  out.u32(places.size)
  writeRaw(out, Float64Array.from(places.keys()), places.size)
  writeNumbers(out, index, count)
  return true
}

function bytesFor(range: number): number {
  let width = 1
  for (let limit = 256; range >= limit; limit *= 256) width++
  return width
}

function writePlanes(out: ByteWriter, { values, count, base, width }: { readonly values: Numbers; readonly count: number; readonly base: number; readonly width: number }): void {
  out.f64(base)
  out.u8(width)
  const bytes = out.reserve(count * width)
  for (let i = 0; i < count; i++) {
    const value = values[i] - base
    bytes[i] = value & 255 // ToInt32 keeps the low 32 bits of any whole number below 2^53
    if (width === 1) continue
    bytes[count + i] = (value >>> 8) & 255
    for (let plane = 2, rest = Math.floor(value / 65_536); plane < width; plane++, rest = Math.floor(rest / 256)) bytes[plane * count + i] = rest & 255
  }
}

function readPlanes(from: ByteReader, values: Float64Array): Float64Array {
  const base = from.f64()
  const width = from.u8()
  const count = values.length
  if (width < 1 || width > MAX_PLANES) throw new RangeError(`unknown column width ${width}`)
  const bytes = from.take(count * width)
  let scale = 1
  for (let plane = 0; plane < width; plane++, scale *= 256) {
    const start = plane * count
    for (let i = 0; i < count; i++) values[i] += bytes[start + i] * scale
  }
  for (let i = 0; i < count; i++) values[i] += base
  return values
}
