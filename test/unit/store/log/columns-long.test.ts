import { expect, test } from 'vitest'
import { ByteReader } from '../../../../src/store/log/seal/byte-stream.ts'
import { createColumnSink, openNumberColumn, writeNumberColumn } from '../../../../src/store/log/seal/columns/index.ts'

const ROWS = 32_768

test.each([
  ['few values far apart', (i: number) => ((i * i) % 13) * 1_000_003],
  ['few differences far apart', (i: number) => Math.floor(i / 3) * 700_000 + [0, 5, 80_000][i % 3]! + ((i * i) % 7) * 9],
])('a column of a whole run, the first one that its writer is given: %s', (_, valueAt) => {
  const values = Float64Array.from({ length: ROWS }, (__, i) => valueAt(i))
  const sink = createColumnSink()
  writeNumberColumn(sink, values, ROWS)
  const back = new Float64Array(ROWS)
  openNumberColumn({ soft: new ByteReader(sink.soft.bytes()), dense: new ByteReader(sink.dense.bytes()) }, ROWS).into(back)
  expect(back.findIndex((value, i) => value !== values[i])).toBe(-1)
})
