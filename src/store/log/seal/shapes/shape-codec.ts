import { ByteReader, ByteWriter } from '../byte-stream.ts'
import { PIECE, SPAN_FIELDS, type ShapeDefinition } from './shape.ts'
import type { TimeStyle } from './time-style.ts'

/** A shape as bytes (docs/reference/store-format.md); numbers little-endian. */
const NO_TIME = 255

export function encodeShape(shape: ShapeDefinition): Buffer {
  const out = new ByteWriter()
  for (const value of [shape.templateLo, shape.templateHi, shape.faults]) out.u32(value)
  out.u8(shape.format)
  out.u32(shape.hints)
  encodeTime(out, shape.timeStyle)
  out.u32(shape.kinds.length)
  out.reserve(shape.kinds.length).set(shape.kinds)
  for (const size of shape.sizes) out.u32(size)
  for (const column of [shape.fieldFrom, shape.fieldTo, shape.fieldOffset]) for (const value of column) out.f64(value)
  out.u32(shape.literals.length)
  out.reserve(shape.literals.length).set(shape.literals)
  return Buffer.from(out.bytes())
}

/** Throws RangeError on bytes that are not a shape. */
export function decodeShape(bytes: Buffer): ShapeDefinition {
  const from = new ByteReader(bytes)
  const [templateLo, templateHi, faults] = [from.u32(), from.u32(), from.u32()]
  const format = from.u8()
  const hints = from.u32()
  const timeStyle = decodeTime(from)
  const count = from.u32()
  const kinds = Uint8Array.from(from.take(count))
  const sizes = Uint16Array.from({ length: count }, () => from.u32())
  const column = (): number[] => SPAN_FIELDS.map(() => from.f64())
  const [fieldFrom, fieldTo, fieldOffset] = [Int16Array.from(column()), Int16Array.from(column()), Uint16Array.from(column())]
  const literals = Uint8Array.from(from.take(from.u32()))
  const literalBytes = sizes.reduce((sum, size, piece) => sum + (kinds[piece] === PIECE.literal ? size : 0), 0)
  if (kinds.some((kind) => kind > PIECE.procid) || literalBytes !== literals.length) throw new RangeError('a shape has pieces that do not exist')
  return { templateLo, templateHi, format, faults, hints, timeStyle, kinds, sizes, literals, fieldFrom, fieldTo, fieldOffset }
}

function encodeTime(out: ByteWriter, style: TimeStyle | undefined): void {
  out.u8(style === undefined ? NO_TIME : style.kind === 'rfc3164' ? 0 : 1)
  if (style === undefined) return
  out.u8(style.fractionDigits)
  out.f64(style.offsetMs)
}

function decodeTime(from: ByteReader): TimeStyle | undefined {
  const kind = from.u8()
  if (kind === NO_TIME) return undefined
  const fractionDigits = from.u8()
  const offsetMs = from.f64()
  if (kind > 1 || fractionDigits > 3) throw new RangeError('a shape has a time that cannot be')
  return { kind: kind === 0 ? 'rfc3164' : 'rfc3339', fractionDigits, offsetMs }
}
