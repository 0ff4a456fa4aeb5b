import type { Batch } from '#domain/batch.ts'
import { rangeOf } from '../range.ts'
import { ID_COLUMNS, LAYOUT_COLUMNS, SMALL_COLUMNS, sortIds, sortLayout, TEMPLATE_COLUMNS } from './block-columns.ts'
import { ByteWriter } from './byte-stream.ts'
import type { Groups } from './groups.ts'
import { offsetsToDistances } from './layout.ts'
import { writeNumbers } from './number-codec.ts'
import { pack } from './packing.ts'
import { writeDifferences, writeTimes } from './time-codec.ts'

/** The four parts of a sealed block, each one zstd blob: a search unpacks what it needs. */
export interface BlockParts {
  /** Group of each row and receive times, in seq order. */
  readonly times: Buffer
  /** Who, which template, the sender's time; rows in the order of the groups, like all that follows. */
  readonly ids: Buffer
  /** Where the fields are in the frame, PRI, format, hints, faults. */
  readonly layout: Buffer
  /** The frames, one behind the other. */
  readonly frames: Buffer
}

export function encodeBlock(batch: Batch, { groups, level }: { readonly groups: Groups; readonly level: number }): BlockParts {
  const { index, order, count } = groups
  const { rows } = batch
  const out = new ByteWriter()
  const finish = (): Buffer => {
    const blob = pack(out.bytes(), level)
    out.clear()
    return blob
  }
  out.u32(count)
  writeNumbers(out, index, rows)
  writeTimes(out, batch.receivedMs, rows)
  const times = finish()

  const ids = sortIds(batch, order)
  for (const name of ID_COLUMNS) writeDifferences(out, ids[name], rows)
  for (const name of TEMPLATE_COLUMNS) writeNumbers(out, ids[name], rows)
  for (const name of SMALL_COLUMNS) writeNumbers(out, ids[name], rows)
  writeTimes(out, ids.sentMs, rows)
  const idPart = finish()

  const layout = sortLayout(batch, order)
  copyFrames(batch, order, out)
  const frames = finish()
  offsetsToDistances(layout, rows)
  for (const name of LAYOUT_COLUMNS) writeNumbers(out, layout[name], rows)
  return { times, ids: idPart, layout: finish(), frames }
}

function copyFrames(batch: Batch, order: Uint16Array, out: ByteWriter): void {
  let total = 0
  for (const row of order) total += batch.frameLen[row]
  const target = out.reserve(total)
  const source = Buffer.from(batch.bytes.buffer, batch.bytes.byteOffset, batch.bytes.length)
  let at = 0
  for (const row of order) {
    const start = batch.frameStart[row]
    source.copy(target, at, start, start + batch.frameLen[row])
    at += batch.frameLen[row]
  }
}

export const blockTimeRange = (batch: Batch): readonly [number, number] => rangeOf(batch.receivedMs, batch.rows)
