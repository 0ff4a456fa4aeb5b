import type { Batch } from '#domain/batch.ts'
import { STORED_COLUMNS } from '../segments/format.ts'

/** What a decoded block must give back: every stored column of every row and every frame. @returns the first difference */
export function findDifference(before: Batch, after: Batch): string | undefined {
  if (before.rows !== after.rows || before.firstSeq !== after.firstSeq) return `${after.rows} rows from ${after.firstSeq} instead of ${before.rows} from ${before.firstSeq}`
  for (const { name } of STORED_COLUMNS) {
    if (name === 'frameStart') continue // where a frame lies is the block's own affair
    const row = firstUnequal(before[name], after[name], before.rows)
    if (row >= 0) return `column ${name} of seq ${before.firstSeq + row}`
  }
  const was = Buffer.from(before.bytes.buffer, before.bytes.byteOffset, before.bytes.length)
  const is = Buffer.from(after.bytes.buffer, after.bytes.byteOffset, after.bytes.length)
  for (let row = 0; row < before.rows; row++) {
    const [from, to, length] = [before.frameStart[row], after.frameStart[row], before.frameLen[row]]
    if (was.compare(is, to, to + length, from, from + length) !== 0) return `frame of seq ${before.firstSeq + row}`
  }
  return undefined
}

function firstUnequal(a: ArrayLike<number>, b: ArrayLike<number>, count: number): number {
  for (let i = 0; i < count; i++) if (a[i] !== b[i] && !(Number.isNaN(a[i]) && Number.isNaN(b[i]))) return i
  return -1
}
