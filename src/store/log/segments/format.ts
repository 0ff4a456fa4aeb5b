import { crc32 } from 'node:zlib'
import { COLUMNS } from '#domain/batch.ts'

/**
 * The segment format, version 1 (docs/reference/store-format.md). Little-endian; everything starts at a multiple of 8.
 *
 *     file   = header(64) record*
 *     header = magic(8) version(u32) columns(u32) number(f64) baseSeq(f64) createdMs(f64) zero(20) crc(u32)
 *     record = magic(u32) rows(u32) bytes(u32) length(u32) firstSeq(f64) minMs(f64) maxMs(f64) bodyCrc(u32) headCrc(u32) body
 *     body   = one array per stored column, in the order of COLUMNS, then the received bytes, then zeros up to a multiple of 8
 */
export const SEGMENT_VERSION = 1
export const SEGMENT_HEADER_BYTES = 64
export const RECORD_HEADER_BYTES = 48
const FILE_MAGIC = Buffer.from('HPSSEG\r\n', 'latin1')
export const RECORD_MAGIC = 0x52_53_50_48

/** Bounds that no writer exceeds: a header beyond them is damage, and its length is not believed. */
const MAX_RECORD_ROWS = 1 << 20
const MAX_RECORD_BYTES = 1 << 28

export type StoredColumn = Extract<(typeof COLUMNS)[number], { stored: true }>
const COLUMN_BYTES = { f64: 8, u32: 4, u16: 2, u8: 1 } as const
export const STORED_COLUMNS: readonly StoredColumn[] = COLUMNS.filter((column) => column.stored)
export const ROW_BYTES = STORED_COLUMNS.reduce((sum, column) => sum + COLUMN_BYTES[column.type], 0)
/** Tells a file written with another column table from ours. */
export const COLUMN_TABLE_HASH = crc32(STORED_COLUMNS.map((column) => `${column.name}:${column.type}`).join(','))

export const bodyBytes = (rows: number, byteCount: number): number => (rows * ROW_BYTES + byteCount + 7) & ~7

export interface SegmentHeader { readonly number: number; readonly baseSeq: number; readonly createdMs: number }

export function encodeSegmentHeader({ number, baseSeq, createdMs }: SegmentHeader): Buffer {
  const header = Buffer.alloc(SEGMENT_HEADER_BYTES)
  FILE_MAGIC.copy(header)
  header.writeUInt32LE(SEGMENT_VERSION, 8)
  header.writeUInt32LE(COLUMN_TABLE_HASH, 12)
  header.writeDoubleLE(number, 16)
  header.writeDoubleLE(baseSeq, 24)
  header.writeDoubleLE(createdMs, 32)
  header.writeUInt32LE(crc32(header.subarray(0, 60)), 60)
  return header
}

/** @returns the header; `damaged` when these are not 64 bytes of ours; `unknown-version` when another program wrote them */
export function decodeSegmentHeader(header: Buffer): SegmentHeader | 'damaged' | 'unknown-version' {
  if (header.length < SEGMENT_HEADER_BYTES || crc32(header.subarray(0, 60)) !== header.readUInt32LE(60)) return 'damaged'
  if (!header.subarray(0, 8).equals(FILE_MAGIC)) return 'damaged'
  if (header.readUInt32LE(8) !== SEGMENT_VERSION || header.readUInt32LE(12) !== COLUMN_TABLE_HASH) return 'unknown-version'
  return { number: header.readDoubleLE(16), baseSeq: header.readDoubleLE(24), createdMs: header.readDoubleLE(32) }
}

export interface RecordHeader {
  readonly rows: number
  readonly byteCount: number
  /** Header and body. */
  readonly lengthBytes: number
  readonly firstSeq: number
  readonly minMs: number
  readonly maxMs: number
  readonly bodyCrc: number
}

export function encodeRecordHeader(record: RecordHeader, into: Buffer): Buffer {
  into.writeUInt32LE(RECORD_MAGIC, 0)
  into.writeUInt32LE(record.rows, 4)
  into.writeUInt32LE(record.byteCount, 8)
  into.writeUInt32LE(record.lengthBytes, 12)
  into.writeDoubleLE(record.firstSeq, 16)
  into.writeDoubleLE(record.minMs, 24)
  into.writeDoubleLE(record.maxMs, 32)
  into.writeUInt32LE(record.bodyCrc, 40)
  into.writeUInt32LE(crc32(into.subarray(0, 44)), 44)
  return into
}

/** @returns undefined when there is no intact record header at `offset` */
export function decodeRecordHeader(bytes: Buffer, offset: number): RecordHeader | undefined {
  if (offset + RECORD_HEADER_BYTES > bytes.length || bytes.readUInt32LE(offset) !== RECORD_MAGIC) return undefined
  if (crc32(bytes.subarray(offset, offset + 44)) !== bytes.readUInt32LE(offset + 44)) return undefined
  const rows = bytes.readUInt32LE(offset + 4)
  const byteCount = bytes.readUInt32LE(offset + 8)
  const lengthBytes = bytes.readUInt32LE(offset + 12)
  if (rows === 0 || rows > MAX_RECORD_ROWS || lengthBytes > MAX_RECORD_BYTES) return undefined
  if (lengthBytes !== RECORD_HEADER_BYTES + bodyBytes(rows, byteCount)) return undefined
  return {
    rows,
    byteCount,
    lengthBytes,
    firstSeq: bytes.readDoubleLE(offset + 16),
    minMs: bytes.readDoubleLE(offset + 24),
    maxMs: bytes.readDoubleLE(offset + 32),
    bodyCrc: bytes.readUInt32LE(offset + 40),
  }
}
