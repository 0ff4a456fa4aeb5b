import { closeSync, fstatSync, openSync } from 'node:fs'
import type { Batch } from '#domain/batch.ts'
import { segmentPath } from '../segments/files.ts'
import { decodeSegmentHeader, RECORD_HEADER_BYTES, SEGMENT_HEADER_BYTES } from '../segments/format.ts'
import { recordBatch } from '../segments/record.ts'
import { readFully, scanRecords } from '../segments/scan.ts'

export interface SegmentReading { readonly rows: number; readonly damagedSpans: number }

/** Hands over the intact records of a closed segment, one after the other, each valid until `take` returns. Throws when another program wrote it. */
export function readSegment(directory: string, number: number, take: (batch: Batch) => void): SegmentReading {
  const fd = openSync(segmentPath(directory, number), 'r')
  try {
    const size = fstatSync(fd).size
    if (size <= SEGMENT_HEADER_BYTES) return { rows: 0, damagedSpans: 0 }
    const header = Buffer.alloc(SEGMENT_HEADER_BYTES)
    readFully(fd, header, 0)
    const decoded = decodeSegmentHeader(header)
    if (decoded === 'unknown-version') throw new Error(`segment ${number} was written by another version of this program`)
    const scan = scanRecords(fd, { fromBytes: SEGMENT_HEADER_BYTES, toBytes: size, check: 'headers' })
    let rows = 0
    let damagedSpans = scan.damaged.length + (decoded === 'damaged' ? 1 : 0)
    // one piece of memory for all records: they are megabytes each
    const room = Buffer.from(new ArrayBuffer(scan.records.reduce((most, { lengthBytes }) => Math.max(most, lengthBytes - RECORD_HEADER_BYTES), 0)))
    for (const record of scan.records) {
      const body = room.subarray(0, record.lengthBytes - RECORD_HEADER_BYTES)
      const batch = recordBatch(record, body.subarray(0, readFully(fd, body, record.offset + RECORD_HEADER_BYTES)))
      if (batch === undefined) {
        damagedSpans++
        continue
      }
      rows += batch.rows
      take(batch)
    }
    return { rows, damagedSpans }
  } finally {
    closeSync(fd)
  }
}
