import { readSync } from 'node:fs'
import { crc32 } from 'node:zlib'
import { decodeRecordHeader, RECORD_HEADER_BYTES, RECORD_MAGIC, type RecordHeader } from './format.ts'

export interface FoundRecord extends RecordHeader { readonly offset: number }
interface DamagedSpan { readonly offset: number; readonly endBytes: number }
export interface SegmentScan {
  readonly records: readonly FoundRecord[]
  /** Bytes between or behind intact records that are none. */
  readonly damaged: readonly DamagedSpan[]
  /** Just behind the last intact record, or where the scan began. */
  readonly endBytes: number
}
export interface ScanOptions {
  readonly fromBytes: number
  readonly toBytes: number
  /** `bodies`: every checksum is computed; `headers`: only those of the headers, the body is checked when it is loaded. */
  readonly check: 'bodies' | 'headers'
}

/** Small against a record of a busy hub, of which only the header is wanted; holds many records of a quiet one. */
const WINDOW_BYTES = 16 * 1024

/** Walks the records of a segment; after damage it looks for the next intact record at every multiple of 8. */
export function scanRecords(fd: number, { fromBytes, toBytes, check }: ScanOptions): SegmentScan {
  const window = createWindow(fd, toBytes)
  const records: FoundRecord[] = []
  const damaged: DamagedSpan[] = []
  let offset = fromBytes
  let damageStart: number | undefined
  while (offset < toBytes) {
    const header = headerAt(window, offset)
    if (header === undefined || offset + header.lengthBytes > toBytes || (check === 'bodies' && !isBodyIntact(fd, offset, header))) {
      damageStart ??= offset
      offset = window.nextMagic(offset + 8)
      continue
    }
    if (damageStart !== undefined) damaged.push({ offset: damageStart, endBytes: offset })
    damageStart = undefined
    records.push({ ...header, offset })
    offset += header.lengthBytes
  }
  if (damageStart !== undefined) damaged.push({ offset: damageStart, endBytes: toBytes })
  const last = records.at(-1)
  return { records, damaged, endBytes: last === undefined ? fromBytes : last.offset + last.lengthBytes }
}

interface Window { at(offset: number, lengthBytes: number): Buffer; nextMagic(offset: number): number }

function headerAt(window: Window, offset: number): RecordHeader | undefined {
  return decodeRecordHeader(window.at(offset, RECORD_HEADER_BYTES), 0)
}

function createWindow(fd: number, toBytes: number): Window {
  const buffer = Buffer.allocUnsafe(WINDOW_BYTES)
  let start = 0
  let length = 0
  const at = (offset: number, lengthBytes: number): Buffer => {
    const wanted = Math.min(lengthBytes, toBytes - offset)
    if (offset < start || offset + wanted > start + length) {
      start = offset
      length = readFully(fd, buffer.subarray(0, Math.min(WINDOW_BYTES, toBytes - offset)), offset)
    }
    return buffer.subarray(offset - start, Math.min(offset - start + wanted, length))
  }
  const nextMagic = (from: number): number => {
    for (let offset = from; offset < toBytes; offset += 8) {
      const four = at(offset, 4)
      if (four.length === 4 && four.readUInt32LE(0) === RECORD_MAGIC) return offset
    }
    return toBytes
  }
  return { at, nextMagic }
}

function isBodyIntact(fd: number, offset: number, record: RecordHeader): boolean {
  return crc32(readBody(fd, offset, record)) === record.bodyCrc
}

/** Reads the body of a record, at the start of an ArrayBuffer (so its columns are aligned); shorter than the record says when the file is. */
export type ReadBody = (fd: number, offset: number, record: RecordHeader) => Buffer

/** In memory of its own. */
export const readBody: ReadBody = (fd, offset, record) => readBodyInto(new ArrayBuffer(record.lengthBytes - RECORD_HEADER_BYTES), { fd, offset, record })

/** In the same memory each time: what was read before is gone. For who goes through many records, each a megabyte or more that would wait to be collected. */
export function createBodyReader(): ReadBody {
  let room = new ArrayBuffer(0)
  return (fd, offset, record) => {
    if (room.byteLength < record.lengthBytes) room = new ArrayBuffer(record.lengthBytes)
    return readBodyInto(room, { fd, offset, record })
  }
}

/** In memory that is there; `room` must be as large as the body. */
export function readBodyInto(room: ArrayBuffer, { fd, offset, record }: { readonly fd: number; readonly offset: number; readonly record: RecordHeader }): Buffer {
  const body = Buffer.from(room, 0, record.lengthBytes - RECORD_HEADER_BYTES)
  return body.subarray(0, readFully(fd, body, offset + RECORD_HEADER_BYTES))
}

/** @returns how many bytes there were; fewer than asked only at the end of the file */
export function readFully(fd: number, into: Uint8Array, position: number): number {
  let got = 0
  while (got < into.length) {
    const count = readSync(fd, into, got, into.length - got, position + got)
    if (count === 0) break
    got += count
  }
  return got
}
