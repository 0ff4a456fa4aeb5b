import { openNumberColumn, writeNumberColumn, type ColumnSink, type ColumnSource } from '../columns/index.ts'

/** PRI of a block's rows: mostly the same for all rows of a shape, then it is kept once a shape; else a row at a time. */
const KEPT = { byShape: 0, byRow: 1 } as const

/** @param shape local number of each place's shape, `0 … shapeCount` */
export function writePriorities(sink: ColumnSink, { pri, shape, rows, shapeCount }: { readonly pri: Uint8Array; readonly shape: Uint16Array; readonly rows: number; readonly shapeCount: number }): void {
  const ofShape = new Int16Array(shapeCount).fill(-1)
  let isByShape = true
  for (let place = 0; place < rows && isByShape; place++) {
    const known = ofShape[shape[place]!]!
    if (known < 0) ofShape[shape[place]!] = pri[place]!
    else isByShape = known === pri[place]
  }
  sink.soft.u8(isByShape ? KEPT.byShape : KEPT.byRow)
  if (isByShape) writeNumberColumn(sink, Uint8Array.from(ofShape, (value) => Math.max(0, value)), shapeCount)
  else writeNumberColumn(sink, pri, rows)
}

export function readPriorities(source: ColumnSource, { pri, shape, rows, shapeCount }: { readonly pri: Uint8Array; readonly shape: Uint16Array; readonly rows: number; readonly shapeCount: number }): void {
  if (source.soft.u8() === KEPT.byRow) return openNumberColumn(source, rows).into(pri)
  const ofShape = new Uint8Array(shapeCount)
  openNumberColumn(source, shapeCount).into(ofShape)
  for (let place = 0; place < rows; place++) pri[place] = ofShape[shape[place]!]!
}
