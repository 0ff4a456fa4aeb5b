import type { Batch } from '#domain/batch.ts'
import { rangeOf } from '../../range.ts'
import { createColumnSink } from '../columns/index.ts'
import type { Origin, OriginBook } from '../origins.ts'
import type { ShapeBook } from '../shapes/shape-book.ts'
import { createTokenCollector } from '../tokens/index.ts'
import { createBlockEncoder } from './block-encoder.ts'
import { encodeHead } from './run-head.ts'
import { BLOCK_BYTES, BLOCK_ROWS, MAX_BLOCKS, RUN_ROWS, type EncodedRun, type Tallies } from './run.ts'
import { createShapeLearner } from './shape-learner.ts'
import { createRowSorter } from './sort-rows.ts'
import { encodeTallies } from './tallies.ts'

/** The dictionaries of the file that the runs go into; new entries are added to them. */
export interface Books { readonly origins: OriginBook; readonly shapes: ShapeBook }

export interface RunEncoder {
  /** @param seqs of the rows, ascending, when they are not `batch.firstSeq + row` */
  encode(books: Books, options: { readonly rows: number; readonly seqs?: Float64Array | undefined; readonly level: number }): EncodedRun
}

/** Encodes what lies in `batch`, which is filled again and again; not more than `RUN_ROWS` rows. */
export function createRunEncoder(batch: Batch): RunEncoder {
  const sink = createColumnSink()
  const collector = createTokenCollector({ places: MAX_BLOCKS })
  const origin = new Uint16Array(RUN_ROWS)
  const sorter = createRowSorter()
  const { sorted } = sorter
  const blockEncoder = createBlockEncoder(sorted)

  return {
    encode({ origins, shapes }, { rows, seqs, level }) {
      const learner = createShapeLearner(shapes)
      const tallies = sortOrigins(batch, { rows, book: origins, origin })
      sorter.sort(batch, { rows, tallies, origin })
      learner.survey(sorted, rows)
      const rowsOfShape = new Map<number, number>()
      const blocks: Buffer[] = []
      const blockRows: number[] = []
      for (let from = 0; from < rows; ) {
        const to = endOfBlock(sorted, { from, rows })
        blocks.push(blockEncoder.encode({ learner, order: sorter.order, origin, from, to, block: blocks.length }, { tokens: collector, rowsOfShape, level }))
        blockRows.push(to - from)
        from = to
      }
      const [minMs, maxMs] = rangeOf(batch.receivedMs, rows)
      const firstSeq = seqs?.[0] ?? batch.firstSeq
      const columns = { rows, firstSeq, seqs, receivedMs: batch.receivedMs, sentMs: batch.sentMs, origin, originCount: tallies.numbers.length }
      const shapeIds = Uint32Array.from(rowsOfShape.keys()).sort()
      return {
        firstSeq, lastSeq: seqs?.[rows - 1] ?? firstSeq + rows - 1, rows, minMs, maxMs, rawBytes: sorted.byteCount, blockRows, blocks, sorted,
        origins: encodeTallies(tallies),
        shapes: encodeTallies({ numbers: shapeIds, counts: Uint32Array.from(shapeIds, (id) => rowsOfShape.get(id)!) }),
        head: encodeHead(sink, { columns, level }),
        tokens: collector.finish(blocks.length),
      }
    },
  }
}

/** Numbers the origins of the run in the order in which their rows will lie: session by session, node by node. Fills `origin`. */
function sortOrigins(batch: Batch, { rows, book, origin }: { readonly rows: number; readonly book: OriginBook; readonly origin: Uint16Array }): Tallies {
  const placeOf = new Map<number, number>()
  const numbers: number[] = []
  const counts: number[] = []
  for (let row = 0; row < rows; row++) {
    const number = book.numberOf(batch, row)
    let place = placeOf.get(number)
    if (place === undefined) {
      placeOf.set(number, (place = numbers.length))
      numbers.push(number)
      counts.push(0)
    }
    counts[place]!++
    origin[row] = place
  }
  const places = numbers.map((_, place) => place).sort((a, b) => compareOrigins(book.origins[numbers[a]!]!, book.origins[numbers[b]!]!) || numbers[a]! - numbers[b]!)
  const moved = new Uint16Array(numbers.length)
  for (const [to, place] of places.entries()) moved[place] = to
  for (let row = 0; row < rows; row++) origin[row] = moved[origin[row]!]!
  return { numbers: Uint32Array.from(places, (place) => numbers[place]!), counts: Uint32Array.from(places, (place) => counts[place]!) }
}

const compareOrigins = (a: Origin, b: Origin): number => a.node - b.node || a.session - b.session || a.source - b.source

function endOfBlock(sorted: Batch, { from, rows }: { readonly from: number; readonly rows: number }): number {
  const limit = Math.min(rows, from + BLOCK_ROWS)
  let bytes = 0
  let to = from
  while (to < limit) {
    bytes += sorted.frameLen[to]!
    if (bytes > BLOCK_BYTES && to > from) break
    to++
  }
  return to
}
