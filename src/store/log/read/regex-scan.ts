import { isAscii } from 'node:buffer'
import type { Batch } from '#domain/batch.ts'
import type { ResolvedQuery } from '../../query.ts'
import { toNativeExpression } from '../../query/native-expression.ts'
import type { RowMatcher } from './matcher.ts'

/** Rows whose texts lie one behind the other in `batch.bytes`, a line feed behind each. */
export interface TextRows { readonly batch: Batch; readonly places: Uint16Array; readonly count: number }
/** Sets `isAnswer[place]` to 1 or 0 for each of the rows. */
export type TextScan = (rows: TextRows, isAnswer: Uint8Array) => void

/** Texts that are looked at at once; the engine's cost is bounded for texts of up to `maxLength` (native-expression.ts). */
const MAX_SLICE_BYTES = 64 * 1024

/**
 * An expression over many texts as one string: where it finds nothing there, no text has it, since line feeds take the
 * place of the ends (flag m). A finding may span texts, so the text in which it begins is asked by itself.
 * @param match what the query says of one row
 */
export function compileTextScan(query: ResolvedQuery, match: RowMatcher): TextScan {
  const oneByOne: TextScan = ({ batch, places, count }, isAnswer) => {
    for (let i = 0; i < count; i++) isAnswer[places[i]!] = match(batch, places[i]!) ? 1 : 0
  }
  const native = query.kind === 'regex' ? toNativeExpression(query.pattern) : undefined
  if (native === undefined) return oneByOne
  const expression = new RegExp(native.regexp.source, 'gmu')
  const maxBytes = Math.min(MAX_SLICE_BYTES, native.maxLength)

  /** Rows `from … to`, all ASCII. */
  const scanSlice = ({ batch, places }: TextRows, { from, to, slice }: { readonly from: number; readonly to: number; readonly slice: Buffer }, isAnswer: Uint8Array): void => {
    const text = slice.toString('latin1')
    const start = batch.frameStart[places[from]!]!
    for (let i = from; i < to; i++) isAnswer[places[i]!] = 0
    expression.lastIndex = 0
    for (let row = from; row < to; ) {
      const found = expression.exec(text)
      if (found === null) return
      while (row + 1 < to && batch.frameStart[places[row + 1]!]! - start <= found.index) row++
      isAnswer[places[row]!] = match(batch, places[row]!) ? 1 : 0
      row++
      if (row < to) expression.lastIndex = batch.frameStart[places[row]!]! - start
    }
  }

  return (rows, isAnswer) => {
    const { batch, places, count } = rows
    for (let from = 0; from < count; ) {
      const start = batch.frameStart[places[from]!]!
      let to = from
      let end = start
      for (; to < count; to++) {
        const behind = batch.frameStart[places[to]!]! + batch.textLen[places[to]!]! + 1
        if (behind - start > maxBytes && to > from) break
        end = behind
      }
      const slice = Buffer.from(batch.bytes.buffer, batch.bytes.byteOffset + start, end - start)
      if (end - start > maxBytes || !isAscii(slice)) oneByOne({ batch, places: places.subarray(from, to), count: to - from }, isAnswer)
      else scanSlice(rows, { from, to, slice }, isAnswer)
      from = to
    }
  }
}
