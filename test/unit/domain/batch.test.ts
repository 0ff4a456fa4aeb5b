import { expect, test } from 'vitest'
import { BATCH_ROWS, COLUMNS, copyBatch, createBatch, openBatch, packBatch, span } from '#domain/batch.ts'

function filled() {
  const batch = createBatch(16, 256)
  for (let row = 0; row < 5; row++) {
    batch.frameStart[row] = batch.byteCount
    const frame = Buffer.from(`frame ${row}`)
    batch.bytes.set(frame, batch.byteCount)
    batch.byteCount += frame.length
    batch.frameLen[row] = frame.length
    batch.receivedMs[row] = 1000 + row
    batch.pri[row] = row
  }
  batch.rows = 5
  batch.firstSeq = 42
  return batch
}

test('a batch survives being packed and opened in another thread', () => {
  const batch = filled()
  const opened = openBatch(structuredClone(packBatch(batch)))
  expect(opened.rows).toBe(5)
  expect(opened.firstSeq).toBe(42)
  expect(Buffer.from(span(opened, 3, 0, opened.frameLen[3]!)).toString()).toBe('frame 3')
  expect([...opened.receivedMs.subarray(0, 5)]).toEqual([1000, 1001, 1002, 1003, 1004])
})

test('a copy holds the used part and nothing else', () => {
  const copy = copyBatch(filled())
  expect(copy.capacityRows).toBe(8)
  expect(copy.bytes.length).toBe(35)
  expect(Buffer.from(span(copy, 4, 0, 7)).toString()).toBe('frame 4')
  expect(copyBatch(createBatch(16, 64)).rows).toBe(0)
})

test('columns are listed widest first, so that each starts aligned', () => {
  const width = { f64: 8, u32: 4, u16: 2, u8: 1 }
  const widths = COLUMNS.map((column) => width[column.type])
  expect(widths).toEqual(widths.toSorted((a, b) => b - a))
  expect(BATCH_ROWS % 8).toBe(0)
})
