import { crc32, zstdDecompressSync } from 'node:zlib'
import type Database from 'better-sqlite3'

/** A second reader of sealed files, which follows docs/reference/store-format.md and shares no code with the first one. Written for clarity alone. It does not read token indexes. */
export interface PageRow { readonly seq: number; readonly frame: Buffer; readonly columns: Readonly<Record<string, number>> }

interface Stream { readonly bytes: Buffer; at: number }
interface Streams { readonly soft: Stream; readonly dense: Stream }
interface Origin { readonly source: number; readonly node: number; readonly session: number; readonly method: number; readonly confidence: number; readonly host: Buffer }
interface Shape {
  readonly columns: Readonly<Record<string, number>>
  readonly time: { readonly isRfc3339: boolean; readonly fraction: number; readonly addMs: number } | undefined
  readonly pieces: readonly { readonly kind: number; readonly bytes: Buffer }[]
  readonly fields: readonly (readonly [number, number, number])[]
}

const PLAIN = ['hostOff', 'hostLen', 'appOff', 'appLen', 'procOff', 'procLen', 'msgidOff', 'msgidLen', 'sdOff', 'sdLen', 'textOff', 'textLen', 'labelOff', 'labelLen', 'frameLen', 'hints', 'faults', 'format', 'templateLo', 'templateHi']
const FIELDS = ['host', 'app', 'proc', 'msgid', 'sd', 'text', 'label']
const range = <T>(count: number, of: (i: number) => T): T[] => Array.from({ length: count }, (_, i) => of(i))
const take = (from: Stream, count: number): Buffer => from.bytes.subarray(from.at, (from.at += count))
const u8 = (from: Stream): number => take(from, 1)[0]!
function varint(from: Stream): number {
  for (let value = 0, scale = 1; ; scale *= 128) {
    const byte = u8(from)
    value += (byte & 127) * scale
    if (byte < 128) return value
  }
}
const zigzag = (from: Stream): number => ((n) => (n % 2 === 0 ? n / 2 : -(n + 1) / 2))(varint(from))

function checked(kept: Buffer): Buffer {
  if (crc32(kept.subarray(0, -4)) !== kept.readUInt32LE(kept.length - 4)) throw new Error('checksum')
  return kept.subarray(0, -4)
}

function unpack(blob: Buffer): Streams {
  const from = { bytes: checked(blob), at: 0 }
  const length = varint(from)
  const packed = take(from, varint(from))
  return { soft: { bytes: length === 0 ? packed : zstdDecompressSync(packed), at: 0 }, dense: { bytes: from.bytes.subarray(from.at), at: 0 } }
}

function packed({ dense }: Streams, width: number, count: number): number[] {
  const bytes = take(dense, Math.ceil((width * count) / 8))
  const bit = (i: number): number => (bytes[i >>> 3]! >>> (i & 7)) & 1
  return range(count, (i) => range(width, (b) => bit(i * width + b) * 2 ** b).reduce((sum, value) => sum + value, 0))
}

function numbers(from: Streams, count: number): number[] {
  if (count === 0) return []
  const tag = u8(from.soft)
  const base = (): number => varint(from.soft) * (tag >= 128 ? -1 : 1)
  const codec = tag & 127
  const plane = (mask: number, i: number): Buffer => take((mask >>> i) & 1 ? from.dense : from.soft, count)
  switch (codec) {
    case 64: {
      const values = numbers(from, varint(from.soft))
      return numbers(from, count).map((entry) => values[entry]!)
    }
    case 65: {
      let value = base()
      return [value, ...numbers(from, count - 1).map((step) => (value += step))]
    }
    case 66: {
      const runs = varint(from.soft)
      const values = numbers(from, runs)
      return numbers(from, runs).flatMap((length, run) => range(length, () => values[run]!))
    }
    case 67: {
      const first = base()
      const mask = u8(from.soft)
      const planes = range(31 - Math.clz32(mask), (i) => plane(mask, i))
      return range(count, (row) => planes.reduce((sum, bytes, i) => sum + bytes[row]! * 256 ** i, first))
    }
    case 68: {
      const mask = u8(from.soft)
      const planes = range(8, (i) => plane(mask, i))
      return range(count, (row) => Buffer.from(planes.map((bytes) => bytes[row]!)).readDoubleLE())
    }
    case 69:
      return numbers(from, count).map((value) => value / 1000)
    default: {
      const first = base()
      if (codec === 0) return range(count, () => first)
      const low = packed(from, codec > 32 ? 24 : codec, count)
      const high = codec > 32 ? packed(from, codec - 24, count) : []
      return low.map((value, i) => first + value + (high[i] ?? 0) * 2 ** 24)
    }
  }
}

function tokens(from: Streams, count: number): Buffer[] {
  if (count === 0) return []
  const tag = u8(from.soft)
  const [prefix, suffix] = (tag & 32) === 0 ? [Buffer.alloc(0), Buffer.alloc(0)] : [take(from.soft, varint(from.soft)), take(from.soft, varint(from.soft))]
  const radix = (tag & 8) === 0 ? 10 : 16
  const whole = (digits: string): Buffer => Buffer.concat([prefix, Buffer.from((tag & 16) === 0 ? digits : digits.toUpperCase()), suffix])
  const cut = (lengths: readonly number[], bytes: Stream): Buffer[] => lengths.map((length) => take(bytes, length))
  switch (tag & 7) {
    case 0:
      return numbers(from, count).map((value) => whole(value.toString(radix)))
    case 1: {
      const values = numbers(from, count)
      return numbers(from, count).map((length, i) => whole(values[i]!.toString(radix).padStart(length, '0')))
    }
    case 2: {
      const length = u8(from.soft)
      const digits = take(from.dense, Math.ceil((count * length) / 2)).toString('hex')
      return range(count, (i) => whole(digits.slice(i * length, (i + 1) * length)))
    }
    case 3: {
      const lengths = numbers(from, varint(from.soft))
      const entries = cut(lengths, from.soft)
      return numbers(from, count).map((entry) => entries[entry]!)
    }
    default:
      return cut(numbers(from, count), (tag & 7) === 4 ? from.soft : from.dense)
  }
}

function shapeOf(bytes: Buffer): Shape {
  const from = { bytes, at: 0 }
  const u32 = (): number => take(from, 4).readUInt32LE()
  const f64 = (): number => take(from, 8).readDoubleLE()
  const [templateLo, templateHi, faults, format, hints] = [u32(), u32(), u32(), u8(from), u32()]
  const way = u8(from)
  const time = way === 255 ? undefined : { isRfc3339: way === 1, fraction: u8(from), addMs: f64() }
  const kinds = [...take(from, u32())]
  const sizes = kinds.map(u32)
  const [first, last, offset] = range(3, () => range(7, f64)) as [number[], number[], number[]]
  u32()
  const pieces = kinds.map((kind, i) => ({ kind, bytes: kind === 0 ? take(from, sizes[i]!) : Buffer.alloc(0) }))
  return { columns: { templateLo, templateHi, faults, format, hints }, time, pieces, fields: range(7, (i) => [first[i]!, last[i]!, offset[i]!] as const) }
}

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec']
function timeOf({ isRfc3339, fraction, addMs }: NonNullable<Shape['time']>, sentMs: number): Buffer {
  const iso = new Date(sentMs + addMs).toISOString()
  const day = isRfc3339 ? iso.slice(0, 11) : `${MONTHS[Number(iso.slice(5, 7)) - 1]} ${iso.slice(8, 10).replace(/^0/, ' ')} `
  return Buffer.from(day + iso.slice(11, 19) + (fraction === 0 ? '' : iso.slice(19, 20 + fraction)))
}

interface Head { readonly seq: number[]; readonly place: number[]; readonly receivedMs: number[]; readonly sentMs: number[] }
function headOf(blob: Buffer, rows: number, firstSeq: number): Head {
  const from = unpack(blob)
  const seq = numbers(from, rows).map((gap, row) => firstSeq + row + gap)
  const place = numbers(from, rows)
  const receivedMs = numbers(from, rows)
  const precision = numbers(from, rows)
  const sentMs = range(rows, () => Number.NaN)
  const rowsOf = (kind: number): number[] => range(rows, (row) => row).filter((row) => precision[row] === kind)
  for (const [kind, unit] of [[1, 1000], [2, 1]] as const) {
    const isDistance = u8(from.soft) === 1
    const values = numbers(from, rowsOf(kind).length)
    const before = new Map<number, number>()
    for (const [i, row] of rowsOf(kind).entries()) {
      const distance = values[i]! + (before.get(place[row]!) ?? 0)
      before.set(place[row]!, distance)
      sentMs[row] = unit * (isDistance ? distance + Math.floor(receivedMs[row]! / unit) : values[i]!)
    }
  }
  const raw = numbers(from, rowsOf(3).length)
  for (const [i, row] of rowsOf(3).entries()) sentMs[row] = raw[i]!
  return { seq, place, receivedMs, sentMs }
}

const hashOf = (bytes: Buffer): number => bytes.reduce((hash, byte) => Math.imul(hash ^ byte, 0x01000193), 0x811c9dc5 | 0)
const appOf = ({ fields, pieces }: Shape): Buffer => Buffer.concat(pieces.slice(Math.max(0, fields[1]![0]), Math.max(0, fields[1]![1])).map(({ bytes }) => bytes))

interface Block { readonly blob: Buffer; readonly rows: number; readonly rowAt: readonly number[]; readonly head: Head; readonly origins: readonly Origin[]; readonly shapes: readonly Shape[] }
function blockOf({ blob, rows, rowAt, head, origins, shapes }: Block): PageRow[] {
  const from = unpack(blob)
  const count = varint(from.soft)
  const lengths = (): { soft: number; dense: number } => ({ soft: varint(from.soft), dense: varint(from.soft) })
  const sections = range(4, lengths)
  let id = 0
  const local = range(count, () => {
    const shape = shapes[(id += zigzag(from.soft)) - 1]!
    const shapeRows = varint(from.soft)
    sections.push(lengths())
    return { shape, rows: shapeRows, next: 0 }
  })
  let [soft, dense] = [from.soft.at, 0]
  const section = (number: number): void => {
    from.soft.at = soft
    from.dense.at = dense
    soft += sections[number]!.soft
    dense += sections[number]!.dense
  }
  section(0)
  const localAt = numbers(from, rows)
  section(1)
  const isByRow = u8(from.soft) === 1
  const pri = numbers(from, isByRow ? rows : count + 1)
  section(2)
  const shapeAt = (row: number): Shape | undefined => (localAt[row] === 0 ? undefined : local[localAt[row]! - 1]!.shape)
  const asked = range(rows, (row) => row).filter((row) => shapeAt(row)?.pieces.some(({ kind }) => kind === 6))
  const differs = numbers(from, asked.length)
  const procids = tokens(from, varint(from.soft))
  const known = new Map<number, number>()
  let nextProcid = 0
  const procidAt = new Map(asked.map((row, i) => {
    const key = ((head.place[rowAt[row]!]! << 12) ^ hashOf(appOf(shapeAt(row)!))) >>> 1
    const slot = (Math.imul(key, 0x9e3779b1) >>> 8) & 4095
    if (differs[i] === 1) known.set(slot, nextProcid++)
    return [row, procids[known.get(slot)!]!] as const
  }))
  section(3)
  const plain = range(rows, (row) => row).filter((row) => localAt[row] === 0)
  const plainColumns = plain.length === 0 ? [] : PLAIN.map((name) => [name, numbers(from, plain.length)] as const)
  const plainRows = plain.map((_, i) => {
    const columns = Object.fromEntries(plainColumns.map(([name, values]) => [name, values[i]!]))
    return { columns, frame: take(from.soft, columns['frameLen']!) }
  })
  const variables = local.map(({ shape, rows: shapeRows }, i) => {
    section(4 + i)
    return shape.pieces.filter(({ kind }) => kind === 1 || kind === 2).map(() => tokens(from, shapeRows))
  })
  return range(rows, (place): PageRow => {
    const row = rowAt[place]!
    const { host, ...who } = origins[head.place[row]!]!
    const mine = { ...who, receivedMs: head.receivedMs[row]!, sentMs: head.sentMs[row]!, pri: pri[isByRow ? place : localAt[place]!]! }
    const build = (): { columns: Readonly<Record<string, number>>; frame: Buffer } => {
      const { shape } = local[localAt[place]! - 1]!
      const rank = local[localAt[place]! - 1]!.next++
      let variable = 0
      const parts = shape.pieces.map(({ kind, bytes }) => {
        if (kind === 0) return bytes
        if (kind <= 2) return variables[localAt[place]! - 1]![variable++]![rank]!
        if (kind === 3) return Buffer.from(String(mine.pri))
        if (kind === 4) return timeOf(shape.time!, mine.sentMs)
        return kind === 5 ? host : procidAt.get(place)!
      })
      const frame = Buffer.concat(parts)
      const startOf = (piece: number): number => parts.slice(0, piece).reduce((sum, { length }) => sum + length, 0)
      const columns: Record<string, number> = { ...shape.columns, frameLen: frame.length }
      for (const [i, [first, last, offset]] of shape.fields.entries()) {
        const isPieces = first >= 0
        columns[`${FIELDS[i]!}Off`] = isPieces ? startOf(first) : first === -1 ? offset : columns['hostOff']! + offset
        columns[`${FIELDS[i]!}Len`] = isPieces ? startOf(last) - startOf(first) : first === -1 ? 0 : last
      }
      return { columns, frame }
    }
    const { columns, frame } = localAt[place] === 0 ? plainRows[plain.indexOf(place)]! : build()
    return { seq: head.seq[row]!, frame, columns: { ...mine, ...columns } }
  })
}

function listOf(bytes: Buffer): [number, number][] {
  const from = { bytes, at: 0 }
  let number = 0
  return range(varint(from), () => [(number += zigzag(from)), varint(from)])
}

/** All messages of the file, run by run, in the order of the blocks. */
export function readByThePage(file: Database.Database): PageRow[] {
  const origins = file.prepare('SELECT source, node, session, method, confidence, host FROM origins ORDER BY id').all() as Origin[]
  const shapes = (file.prepare('SELECT definition FROM shapes ORDER BY id').pluck().all() as Buffer[]).map((kept) => shapeOf(checked(kept)))
  const runs = file.prepare('SELECT id, rows, first_seq AS firstSeq, block_rows AS blockRows, origins FROM runs ORDER BY id').all() as { id: number; rows: number; firstSeq: number; blockRows: Buffer; origins: Buffer }[]
  const part = file.prepare('SELECT bytes FROM payloads WHERE id = ?').pluck()
  return runs.flatMap(({ id, rows, firstSeq, blockRows, origins: list }) => {
    const head = headOf(part.get(id * 66) as Buffer, rows, firstSeq)
    const order = range(rows, (row) => row).sort((a, b) => head.place[a]! - head.place[b]! || a - b)
    const ofRun = listOf(checked(list)).map(([number]) => origins[number]!)
    let from = 0
    return range(blockRows.length / 2, (block) => {
      const count = blockRows.readUInt16LE(block * 2)
      const rowAt = order.slice(from, (from += count))
      return blockOf({ blob: part.get(id * 66 + 2 + block) as Buffer, rows: count, rowAt, head, origins: ofRun, shapes })
    }).flat()
  })
}
