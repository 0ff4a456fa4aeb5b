import { expect, test } from 'vitest'
import { BATCH_ROWS, createBatch } from '#domain/batch.ts'
import { decodeRecordHeader, RECORD_HEADER_BYTES } from '../../../../src/store/log/segments/format.ts'
import { recordBatch, recordPieces } from '../../../../src/store/log/segments/record.ts'

test.for([5, BATCH_ROWS, BATCH_ROWS + 8])('a record of %i rows is read back with every column as long, and those that are not stored empty', (rows) => {
  const batch = createBatch((rows + 7) & ~7, 64)
  Object.assign(batch, { rows, firstSeq: 7 })
  batch.pri.fill(14)
  batch.printkUs.fill(12)
  batch.hostRef.fill(3)
  const bytes = Buffer.concat(recordPieces(batch, Buffer.alloc(RECORD_HEADER_BYTES)).pieces)
  const body = Buffer.from(new ArrayBuffer(bytes.length - RECORD_HEADER_BYTES))
  bytes.copy(body, 0, RECORD_HEADER_BYTES)
  const read = recordBatch(decodeRecordHeader(bytes, 0)!, body)!
  expect([read.pri.length, read.printkUs.length, read.hostRef.length]).toEqual([rows, rows, rows])
  expect([read.pri[rows - 1], read.printkUs[rows - 1], read.hostRef[rows - 1]]).toEqual([14, Number.NaN, 0])
})
