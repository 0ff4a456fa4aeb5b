import type { Numbers } from '../../range.ts'
import type { ByteReader } from '../byte-stream.ts'

/**
 * How a column of numbers lies in its part, a tag before it.
 *   constant    one value
 *   planes      value − smallest in 1 to 6 bytes, all low bytes first, then all second bytes …
 *   dictionary  the different values, then an index of 1 or 2 bytes (planes) a row
 *   raw         IEEE 754 doubles
 */
const TAG = { constant: 0, planes: 1, dictionary: 2, raw: 3 } as const
const MAX_PLANES = 6

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
