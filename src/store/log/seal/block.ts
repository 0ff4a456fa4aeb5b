import type { Batch, Columns } from '#domain/batch.ts'
import { timeRange, unstoredColumns } from '../segments/record.ts'
import { ByteReader, ByteWriter } from './byte-stream.ts'
import { groupRows, orderOf } from './groups.ts'
import { distancesToOffsets, offsetsToDistances } from './layout.ts'
import { readNumbers, writeNumbers } from './number-codec.ts'
import { pack, unpack } from './packing.ts'
import { readDifferences, readTimes, writeDifferences, writeTimes } from './time-codec.ts'

/** The four parts of a sealed block, each one zstd blob: a search unpacks what it needs. */
export interface BlockParts {
  /** Group of each row and receive times, in seq order. */
  readonly times: Buffer
  /** Who and which template; rows in the order of the groups, like all that follows. */
  readonly ids: Buffer
  /** Where the fields are in the frame, PRI, format, hints, faults. */
  readonly layout: Buffer
  /** The frames, one behind the other. */
  readonly frames: Buffer
}
export interface BlockHead { readonly rows: number; readonly firstSeq: number }

const ID_COLUMNS = ['source', 'node', 'session'] as const
const TEMPLATE_COLUMNS = ['templateLo', 'templateHi'] as const
const SMALL_COLUMNS = ['method', 'confidence'] as const
const LAYOUT_COLUMNS = [
  'hostOff', 'hostLen', 'appOff', 'appLen', 'procOff', 'procLen', 'msgidOff', 'msgidLen', 'sdOff', 'sdLen', 'textOff', 'textLen', 'frameLen',
  'labelOff', 'labelLen', 'hints', 'faults', 'pri', 'format',
] as const

type BlockColumns = Pick<Columns, (typeof ID_COLUMNS)[number] | (typeof TEMPLATE_COLUMNS)[number] | (typeof SMALL_COLUMNS)[number] | (typeof LAYOUT_COLUMNS)[number] | 'sentMs'>

export function encodeBlock(batch: Batch, level: number): BlockParts {
  const { index, order, count } = groupRows(batch)
  const out = new ByteWriter()
  const rows = batch.rows
  const finish = (): Buffer => {
    const blob = pack(out.bytes(), level)
    out.clear()
    return blob
  }
  out.u32(count)
  writeNumbers(out, index, rows)
  writeTimes(out, batch.receivedMs, rows)
  const times = finish()
  const sorted = sortedColumns(batch, order)
  for (const name of ID_COLUMNS) writeDifferences(out, sorted[name], rows)
  for (const name of TEMPLATE_COLUMNS) writeNumbers(out, sorted[name], rows)
  for (const name of SMALL_COLUMNS) writeNumbers(out, sorted[name], rows)
  writeTimes(out, sorted.sentMs, rows)
  const ids = finish()
  for (const row of order) {
    const start = batch.frameStart[row]
    out.reserve(batch.frameLen[row]).set(batch.bytes.subarray(start, start + batch.frameLen[row]))
  }
  const frames = finish()
  offsetsToDistances(sorted, rows)
  for (const name of LAYOUT_COLUMNS) writeNumbers(out, sorted[name], rows)
  return { times, ids, layout: finish(), frames }
}

function sortedColumns(batch: Batch, order: Uint16Array): BlockColumns {
  const sorted = emptyColumns(batch.rows)
  for (const name of [...ID_COLUMNS, ...TEMPLATE_COLUMNS, ...SMALL_COLUMNS, ...LAYOUT_COLUMNS, 'sentMs'] as const) {
    const from = batch[name]
    const to = sorted[name]
    for (let k = 0; k < order.length; k++) to[k] = from[order[k]]
  }
  return sorted
}

function emptyColumns(rows: number): BlockColumns {
  const u16 = (): Uint16Array<ArrayBuffer> => new Uint16Array(rows)
  const u32 = (): Uint32Array<ArrayBuffer> => new Uint32Array(rows)
  const u8 = (): Uint8Array<ArrayBuffer> => new Uint8Array(rows)
  return {
    source: u32(), node: u32(), session: u32(), templateLo: u32(), templateHi: u32(), method: u8(), confidence: u8(), sentMs: new Float64Array(rows),
    hostOff: u16(), hostLen: u16(), appOff: u16(), appLen: u16(), procOff: u16(), procLen: u16(), msgidOff: u16(), msgidLen: u16(), sdOff: u16(), sdLen: u16(),
    textOff: u16(), textLen: u16(), frameLen: u16(), labelOff: u16(), labelLen: u16(), hints: u16(), faults: u32(), pri: u8(), format: u8(),
  }
}

/** The block as a batch with its rows in seq order. `bytes` is unpacked when it is first asked for. Throws when a part is damaged. */
export function decodeBlock({ rows, firstSeq }: BlockHead, parts: BlockParts): Batch {
  const times = new ByteReader(unpack(parts.times))
  const groupCount = times.u32()
  const index = Uint16Array.from(readNumbers(times, rows))
  if (index.some((group) => group >= groupCount)) throw new RangeError('a row is in a group that does not exist')
  const receivedMs = readTimes(times, rows)
  const order = orderOf(index, groupCount)
  const columns = emptyColumns(rows)
  const put = (name: keyof BlockColumns, values: Float64Array): void => {
    const to = columns[name]
    for (let k = 0; k < rows; k++) to[order[k]] = values[k]
  }
  const ids = new ByteReader(unpack(parts.ids))
  for (const name of ID_COLUMNS) put(name, readDifferences(ids, rows))
  for (const name of TEMPLATE_COLUMNS) put(name, readNumbers(ids, rows))
  for (const name of SMALL_COLUMNS) put(name, readNumbers(ids, rows))
  put('sentMs', readTimes(ids, rows))
  const layout = new ByteReader(unpack(parts.layout))
  for (const name of LAYOUT_COLUMNS) put(name, readNumbers(layout, rows))
  distancesToOffsets(columns, rows)
  const frameStart = new Uint32Array(rows)
  let byteCount = 0
  for (const row of order) {
    frameStart[row] = byteCount
    byteCount += columns.frameLen[row]
  }
  let bytes: Uint8Array | undefined
  return {
    ...columns,
    ...unstoredColumns(rows),
    receivedMs,
    frameStart,
    buffer: receivedMs.buffer as ArrayBuffer,
    capacityRows: rows,
    tokens: new Uint32Array(0),
    get bytes() {
      return (bytes ??= unpackFrames(parts.frames, byteCount))
    },
    rows,
    byteCount,
    firstSeq,
  }
}

function unpackFrames(frames: Buffer, byteCount: number): Uint8Array {
  const bytes = unpack(frames)
  if (bytes.length !== byteCount) throw new RangeError(`a block holds ${bytes.length} bytes of frames instead of ${byteCount}`)
  return new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.length)
}

export const blockTimeRange = (batch: Batch): readonly [number, number] => timeRange(batch.receivedMs, batch.rows)
