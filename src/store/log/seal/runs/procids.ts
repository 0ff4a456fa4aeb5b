import type { Batch } from '#domain/batch.ts'
import { openNumberColumn, openTokenColumn, writeNumberColumn, writeTokenColumn, type ColumnSink, type ColumnSource, type TokenColumn } from '../columns/index.ts'
import type { Shape } from '../shapes/shape.ts'

/**
 * PROCIDs of a block: a process logs more than once, so a row mostly has that of the last row of the same origin and app.
 * Kept are which rows differ, and what those have.
 */
interface ProcidRows {
  readonly rows: number
  /** By place: equal for rows of the same origin and app, `NO_PROCID` where the row's shape has none. */
  readonly keys: Int32Array
}
export const NO_PROCID = -1
export const procidKey = (origin: number, shape: Shape): number => (shape.hasProcid ? ((origin << 12) ^ shape.appHash) >>> 1 : NO_PROCID)

/** Keys that are told apart in a block; more share a place, which costs bytes and nothing else. */
const KEY_SLOTS = 4096
const slotOf = (key: number): number => (Math.imul(key, 0x9e3779b1) >>> 8) & (KEY_SLOTS - 1)

/** @param from row of `batch` at the first place; the others follow it */
export function writeProcids(sink: ColumnSink, batch: Batch, { rows, keys, from }: ProcidRows & { readonly from: number }): void {
  const last = new Int16Array(KEY_SLOTS).fill(-1)
  const isNew = new Uint8Array(rows)
  const starts = new Uint32Array(rows)
  const lengths = new Uint16Array(rows)
  let asked = 0
  let count = 0
  for (let place = 0; place < rows; place++) {
    if (keys[place] === NO_PROCID) continue
    const row = from + place
    const slot = slotOf(keys[place]!)
    const start = batch.frameStart[row]! + batch.procOff[row]!
    const length = batch.procLen[row]!
    const known = last[slot]!
    if (known < 0 || lengths[known] !== length || !isSame(batch.bytes, { a: starts[known]!, b: start, length })) {
      starts[count] = start
      lengths[count] = length
      last[slot] = count++
      isNew[asked] = 1
    }
    asked++
  }
  writeNumberColumn(sink, isNew, asked)
  sink.soft.varint(count)
  writeTokenColumn(sink, { bytes: batch.bytes, starts, lengths, from: 0, count })
}

function isSame(bytes: Uint8Array, { a, b, length }: { readonly a: number; readonly b: number; readonly length: number }): boolean {
  for (let i = 0; i < length; i++) if (bytes[a + i] !== bytes[b + i]) return false
  return true
}

/** The different PROCIDs, and which of them the row at each place has. */
export interface Procids { readonly values: TokenColumn; readonly index: Uint16Array }

/** Throws RangeError on damage. */
export function readProcids(source: ColumnSource, { rows, keys }: ProcidRows): Procids {
  const last = new Int16Array(KEY_SLOTS).fill(-1)
  const index = new Uint16Array(rows)
  let asked = 0
  for (let place = 0; place < rows; place++) if (keys[place] !== NO_PROCID) asked++
  const isNew = new Uint8Array(asked)
  openNumberColumn(source, asked).into(isNew)
  const known = source.soft.varint()
  if (known > asked) throw new RangeError('a block has more PROCIDs than rows')
  let count = 0
  for (let place = 0, i = 0; place < rows; place++) {
    if (keys[place] === NO_PROCID) continue
    const slot = slotOf(keys[place]!)
    if (isNew[i++] === 1) last[slot] = count++
    index[place] = last[slot]!
    if (index[place]! >= known) throw new RangeError('a row has a PROCID that its block does not have')
  }
  return { values: openTokenColumn(source, known), index }
}
