import { closeSync, fstatSync, openSync } from 'node:fs'
import type { Batch } from '#domain/batch.ts'
import { segmentPath } from '../segments/files.ts'
import { decodeSegmentHeader, SEGMENT_HEADER_BYTES } from '../segments/format.ts'
import { recordBatch } from '../segments/record.ts'
import { readBody, readFully, scanRecords } from '../segments/scan.ts'
import { blockTimeRange, encodeBlock } from './block.ts'
import { createRunBuilder, type BlockRun } from './block-rows.ts'
import type { NewBlock } from './day-file.ts'
import { groupRows } from './groups.ts'
import { presenceOf } from './presence.ts'
import { decodeBlock } from './sealed-batch.ts'
import { findDifference } from './verify.ts'

export interface DayBlock extends NewBlock { readonly day: number }
export interface SegmentReading { readonly rows: number; readonly damagedSpans: number }

/**
 * Turns the records of a closed segment into blocks, one at a time. Each is decoded and compared with what came in before
 * it is handed to `take`; throws when one differs, and the segment stays.
 */
export function readSegmentBlocks(directory: string, { number, level, take }: { readonly number: number; readonly level: number; readonly take: (block: DayBlock) => void }): SegmentReading {
  const fd = openSync(segmentPath(directory, number), 'r')
  try {
    const size = fstatSync(fd).size
    if (size <= SEGMENT_HEADER_BYTES) return { rows: 0, damagedSpans: 0 }
    const header = Buffer.alloc(SEGMENT_HEADER_BYTES)
    readFully(fd, header, 0)
    const decoded = decodeSegmentHeader(header)
    if (decoded === 'unknown-version') throw new Error(`segment ${number} was written by another version of this program`)
    const scan = scanRecords(fd, { fromBytes: SEGMENT_HEADER_BYTES, toBytes: size, check: 'headers' })
    const runs = createRunBuilder((run) => take(blockOf(run, number, level)))
    let rows = 0
    let damagedSpans = scan.damaged.length + (decoded === 'damaged' ? 1 : 0)
    for (const record of scan.records) {
      const batch = recordBatch(record, readBody(fd, record.offset, record))
      if (batch === undefined) {
        damagedSpans++
        continue
      }
      rows += batch.rows
      runs.add(batch)
    }
    runs.flush()
    return { rows, damagedSpans }
  } finally {
    closeSync(fd)
  }
}

function blockOf({ batch, day }: BlockRun, segment: number, level: number): DayBlock {
  const groups = groupRows(batch)
  const parts = encodeBlock(batch, { groups, level })
  const head = { rows: batch.rows, firstSeq: batch.firstSeq }
  proveEqual(batch, decodeBlock(head, parts))
  const [minMs, maxMs] = blockTimeRange(batch)
  return { ...head, day, segment, minMs, maxMs, rawBytes: batch.byteCount, parts, presence: presenceOf(batch, groups.order) }
}

function proveEqual(before: Batch, after: Batch): void {
  const difference = findDifference(before, after)
  if (difference !== undefined) throw new Error(`a sealed block does not give back what came in: ${difference}`)
}
