import type { Batch, ColumnName } from '#domain/batch.ts'
import { openNumberColumn, writeNumberColumn, type ColumnSink, type ColumnSource } from '../columns/index.ts'

/** Rows without a shape: every column as it is, and the whole frame. */
export const PLAIN_COLUMNS = [
  'hostOff', 'hostLen', 'appOff', 'appLen', 'procOff', 'procLen', 'msgidOff', 'msgidLen', 'sdOff', 'sdLen', 'textOff', 'textLen', 'labelOff', 'labelLen', 'frameLen',
  'hints', 'faults', 'format', 'templateLo', 'templateHi',
] as const satisfies readonly ColumnName[]

/** @param rows rows of `batch` in the order of the block, the first `count` of them */
export function writePlainRows(sink: ColumnSink, batch: Batch, { rows, count }: { readonly rows: Uint16Array; readonly count: number }): void {
  if (count === 0) return
  const values = new Float64Array(count)
  for (const name of PLAIN_COLUMNS) {
    const column = batch[name]
    for (let i = 0; i < count; i++) values[i] = column[rows[i]!]!
    writeNumberColumn(sink, values, count)
  }
  for (let i = 0; i < count; i++) {
    const start = batch.frameStart[rows[i]!]!
    const length = batch.frameLen[rows[i]!]!
    const at = sink.soft.claim(length)
    sink.soft.buffer.set(batch.bytes.subarray(start, start + length), at)
  }
}

/** Puts `count` plain rows into `to` at `rows`, their frames behind `to.byteCount`. Throws RangeError on damage. */
export function readPlainRows(source: ColumnSource, to: Batch, { rows, count }: { readonly rows: Uint16Array; readonly count: number }): void {
  if (count === 0) return
  const values = new Float64Array(count)
  for (const name of PLAIN_COLUMNS) {
    openNumberColumn(source, count).into(values)
    const column = to[name]
    for (let i = 0; i < count; i++) column[rows[i]!] = values[i]!
  }
  for (let i = 0; i < count; i++) {
    const row = rows[i]!
    const length = to.frameLen[row]!
    if (to.byteCount + length > to.bytes.length) throw new RangeError('a block holds more bytes than a block may')
    to.bytes.set(source.soft.take(length), to.byteCount)
    to.frameStart[row] = to.byteCount
    to.byteCount += length
  }
}
