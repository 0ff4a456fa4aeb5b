import { crc32 } from 'node:zlib'
import { BATCH_ROWS, type Batch, type Columns } from '#domain/batch.ts'
import { rangeOf } from '../range.ts'
import { bodyBytes, encodeRecordHeader, RECORD_HEADER_BYTES, STORED_COLUMNS, type RecordHeader } from './format.ts'

const ZEROS = new Uint8Array(8)
const VIEW = { f64: Float64Array, u32: Uint32Array, u16: Uint16Array, u8: Uint8Array } as const

/** The pieces of one record, views over the batch: nothing is copied on the way to `writev`. */
export function recordPieces(batch: Batch, header: Buffer): { readonly pieces: Uint8Array[]; readonly lengthBytes: number } {
  const { rows, byteCount } = batch
  const pieces: Uint8Array[] = [header]
  let crc = 0
  let written = 0
  const take = (piece: Uint8Array): void => {
    crc = crc32(piece, crc)
    written += piece.length
    pieces.push(piece)
  }
  for (const { name } of STORED_COLUMNS) {
    const column = batch[name]
    take(new Uint8Array(column.buffer, column.byteOffset, rows * column.BYTES_PER_ELEMENT))
  }
  take(batch.bytes.subarray(0, byteCount))
  const padding = bodyBytes(rows, byteCount) - written
  if (padding > 0) take(ZEROS.subarray(0, padding))
  const [minMs, maxMs] = rangeOf(batch.receivedMs, rows)
  const lengthBytes = RECORD_HEADER_BYTES + written
  encodeRecordHeader({ rows, byteCount, lengthBytes, firstSeq: batch.firstSeq, minMs, maxMs, bodyCrc: crc }, header)
  return { pieces, lengthBytes }
}

/**
 * A batch over the body of a record as read from disk. `body` must start at a multiple of 8 in its ArrayBuffer.
 * @returns undefined when the checksum does not hold
 */
export function recordBatch(record: RecordHeader, body: Buffer): Batch | undefined {
  if (crc32(body) !== record.bodyCrc) return undefined
  const { rows } = record
  const buffer = body.buffer as ArrayBuffer
  const views: Record<string, unknown> = {}
  let offset = body.byteOffset
  for (const { name, type } of STORED_COLUMNS) {
    const Column = VIEW[type]
    views[name] = new Column(buffer, offset, rows)
    offset += rows * Column.BYTES_PER_ELEMENT
  }
  return {
    ...(views as unknown as Columns),
    ...unstoredColumns(rows),
    buffer,
    capacityRows: rows,
    bytes: new Uint8Array(buffer, offset, record.byteCount),
    rows,
    byteCount: record.byteCount,
    firstSeq: record.firstSeq,
  }
}

/** Shared by all batches that are read: a reader writes into none. A search loads hundreds of them. */
const NO_CLOCKS = new Float64Array(BATCH_ROWS).fill(Number.NaN)
const NO_HOSTS = new Uint32Array(BATCH_ROWS)
const NO_FRAMINGS = new Uint8Array(BATCH_ROWS)

/** The columns that live only between socket and commit, empty. */
function unstoredColumns(rows: number): Pick<Columns, 'printkUs' | 'hostRef' | 'framing'> {
  if (rows <= BATCH_ROWS) return { printkUs: NO_CLOCKS.subarray(0, rows), hostRef: NO_HOSTS.subarray(0, rows), framing: NO_FRAMINGS.subarray(0, rows) }
  return { printkUs: new Float64Array(rows).fill(Number.NaN), hostRef: new Uint32Array(rows), framing: new Uint8Array(rows) }
}
