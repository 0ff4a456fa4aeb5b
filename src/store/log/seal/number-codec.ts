import { rangeOf, type Numbers } from '../range.ts'
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

export function writeNumbers(out: ByteWriter, values: Numbers, count: number): void {
  if (isConstant(values, count)) return writeConstant(out, values[0])
  const [min, max] = rangeOf(values, count)
  const isWhole = !(values instanceof Float64Array) || areWhole(values, count)
  const width = isWhole ? bytesFor(max - min) : Infinity
  if (width > MAX_PLANES) return writeRaw(out, values, count)
  if (width >= DICTIONARY_FROM_WIDTH && values instanceof Uint32Array && writeDictionary(out, values, count)) return
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
    const size = from.u32()
    if (size > count) throw new RangeError(`a dictionary of ${size} for ${count} values`)
    const dictionary = readNumbers(from, size)
    const index = readNumbers(from, count)
    for (let i = 0; i < count; i++) values[i] = dictionary[index[i]]
    return values
  }
  if (tag !== TAG.raw) throw new RangeError(`unknown column tag ${tag}`)
  const bytes = from.take(count * 8)
  for (let i = 0; i < count; i++) values[i] = bytes.readDoubleLE(i * 8)
  return values
}

/** Like `readNumbers`, value `k` into `to[order[k]]`; most columns are constant or one or two bytes wide and need no array between. */
export function readNumbersInto(from: ByteReader, order: Uint16Array, to: Numbers): void {
  if (to instanceof Uint16Array) scatterSmall(from, order, to)
  else if (to instanceof Uint8Array) scatterBytes(from, order, to)
  else scatter(readNumbers(from, order.length), order, to)
}

function scatterSmall(from: ByteReader, order: Uint16Array, to: Uint16Array): void {
  const mark = from.position
  const tag = from.u8()
  const base = tag === TAG.constant || tag === TAG.planes ? from.f64() : 0
  const width = tag === TAG.planes ? from.u8() : 0
  const count = order.length
  if (tag === TAG.constant) to.fill(base)
  else if (width === 1) {
    const bytes = from.take(count)
    for (let k = 0; k < count; k++) to[order[k]] = base + bytes[k]
  } else if (width === 2) {
    const bytes = from.take(count * 2)
    for (let k = 0; k < count; k++) to[order[k]] = base + bytes[k] + (bytes[count + k] << 8)
  } else {
    from.position = mark
    scatter(readNumbers(from, count), order, to)
  }
}

function scatterBytes(from: ByteReader, order: Uint16Array, to: Uint8Array): void {
  const mark = from.position
  const tag = from.u8()
  const base = tag === TAG.constant || tag === TAG.planes ? from.f64() : 0
  if (tag === TAG.constant) to.fill(base)
  else if (tag === TAG.planes && from.u8() === 1) {
    const bytes = from.take(order.length)
    for (let k = 0; k < order.length; k++) to[order[k]] = base + bytes[k]
  } else {
    from.position = mark
    scatter(readNumbers(from, order.length), order, to)
  }
}

/** Value `k` into `to[order[k]]`. */
export function scatter(values: Float64Array, order: Uint16Array, to: Numbers): void {
  if (to instanceof Uint32Array) for (let k = 0; k < order.length; k++) to[order[k]] = values[k]
  else for (let k = 0; k < order.length; k++) to[order[k]] = values[k]
}

function isConstant(values: Numbers, count: number): boolean {
  const first = values[0]
  for (let i = 1; i < count; i++) if (values[i] !== first && !Object.is(values[i], first)) return false
  return true
}

function areWhole(values: Float64Array, count: number): boolean {
  for (let i = 0; i < count; i++) if (!Number.isSafeInteger(values[i])) return false
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

function writeDictionary(out: ByteWriter, values: Uint32Array, count: number): boolean {
  const index = new Uint16Array(count)
  const dictionary = collectDifferent(values.subarray(0, count), index)
  if (dictionary === undefined) return false
  out.u8(TAG.dictionary)
  out.u32(dictionary.length)
  writeRaw(out, dictionary, dictionary.length)
  writeNumbers(out, index, count)
  return true
}

/** The different values in order of appearance, their places into `index`; undefined when there are too many to pay. Open addressing: a Map would make an object of each number. */
function collectDifferent(values: Uint32Array, index: Uint16Array): Uint32Array | undefined {
  const limit = Math.min(values.length >> 2, 0xffff)
  let slots = 16
  while (slots < limit * 2) slots *= 2
  const table = new Uint16Array(slots) // place + 1, 0 is free
  const different = new Uint32Array(limit)
  let size = 0
  for (let i = 0; i < values.length; i++) {
    const value = values[i]
    let slot = (Math.imul(value, 0x9e_37_79_b1) >>> 7) & (slots - 1)
    while (table[slot] !== 0 && different[table[slot] - 1] !== value) slot = (slot + 1) & (slots - 1)
    if (table[slot] === 0) {
      if (size === limit) return undefined
      different[size] = value
      table[slot] = ++size
    }
    index[i] = table[slot] - 1
  }
  return different.subarray(0, size)
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
  if (width <= 2) {
    for (let i = 0; i < count; i++) values[i] = base + bytes[i] + (width === 2 ? bytes[count + i] * 256 : 0)
    return values
  }
  let scale = 1
  for (let plane = 0; plane < width; plane++, scale *= 256) {
    const start = plane * count
    for (let i = 0; i < count; i++) values[i] += bytes[start + i] * scale
  }
  for (let i = 0; i < count; i++) values[i] += base
  return values
}
