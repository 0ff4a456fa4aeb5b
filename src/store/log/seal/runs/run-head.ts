import { openNumberColumn, writeNumberColumn, type ColumnSink, type ColumnSource } from '../columns/index.ts'
import { decodeTallies } from './tallies.ts'
import { readSentTimes, writeSentTimes } from './sent-times.ts'
import { packStreams, unpackStreams } from './streams.ts'
import { RUN_ROWS, type RunEntry, type Tallies } from './run.ts'

/** What a run knows of its rows in order of seq. */
export interface HeadColumns {
  readonly rows: number
  /** Of row 0. */
  readonly firstSeq: number
  /** undefined: there is no gap. */
  readonly seqs: Float64Array | undefined
  readonly receivedMs: Float64Array
  readonly sentMs: Float64Array
  /** Place of the row's origin in the run's list. */
  readonly origin: Uint16Array
  readonly originCount: number
}

export function encodeHead(sink: ColumnSink, { columns, level }: { readonly columns: HeadColumns; readonly level: number }): Buffer {
  const { rows, seqs, firstSeq, receivedMs, origin } = columns
  const gaps = new Float64Array(rows)
  if (seqs !== undefined) for (let row = 0; row < rows; row++) gaps[row] = seqs[row]! - firstSeq - row
  writeNumberColumn(sink, gaps, rows)
  writeNumberColumn(sink, origin, rows)
  writeNumberColumn(sink, receivedMs, rows)
  writeSentTimes(sink, columns)
  return packStreams(sink, { level })
}

/** The head of one run at a time, in memory that is used again for the next: valid until `load` is called with another run. */
export interface RunHead {
  /** Nothing happens when this very object is loaded already. Throws RangeError on damage. */
  load(run: Pick<RunEntry, 'rows' | 'firstSeq'>, blobs: () => { readonly origins: Buffer; readonly head: Buffer }): void
  readonly tallies: Tallies
  readonly receivedMs: Float64Array
  seqOf(row: number): number
  /** Row (in order of seq) of each place (in order of the blocks). */
  readonly order: Uint16Array
  readonly origin: Uint16Array
  sentMs(): Float64Array
}

export function createRunHead(): RunHead {
  const receivedMs = new Float64Array(RUN_ROWS)
  const sent = new Float64Array(RUN_ROWS)
  const gaps = new Float64Array(RUN_ROWS)
  const origin = new Uint16Array(RUN_ROWS)
  const order = new Uint16Array(RUN_ROWS)
  let loaded: Pick<RunEntry, 'rows' | 'firstSeq'> | undefined
  let source: ColumnSource | undefined
  let tallies: Tallies = { numbers: new Uint32Array(0), counts: new Uint32Array(0) }

  return {
    receivedMs,
    order,
    origin,
    get tallies() {
      return tallies
    },
    seqOf: (row) => loaded!.firstSeq + row + gaps[row]!,
    load(run, blobs) {
      if (loaded === run) return
      loaded = undefined
      const { rows } = run
      if (rows > RUN_ROWS) throw new RangeError(`a run claims to have ${rows} rows`)
      const { origins, head } = blobs()
      tallies = decodeTallies(origins)
      source = unpackStreams(head)
      openNumberColumn(source, rows).into(gaps)
      openNumberColumn(source, rows).into(origin)
      openNumberColumn(source, rows).into(receivedMs)
      placeRows(tallies, { origin, rows, order })
      loaded = run
    },
    sentMs() {
      if (source !== undefined) readSentTimes(source, { sentMs: sent, receivedMs, origin, originCount: tallies.numbers.length, rows: loaded!.rows })
      source = undefined
      return sent
    },
  }
}

/** Counting sort: stable, so that rows of an origin stay in order of seq. */
export function placeRows({ counts }: Tallies, { origin, rows, order }: { readonly origin: Uint16Array; readonly rows: number; readonly order: Uint16Array }): void {
  const next = new Uint32Array(counts.length)
  for (let i = 1; i < counts.length; i++) next[i] = next[i - 1]! + counts[i - 1]!
  for (let row = 0; row < rows; row++) {
    const place = origin[row]! < next.length ? next[origin[row]!]!++ : rows
    if (place >= rows) throw new RangeError('a row has an origin that its run does not have')
    order[place] = row
  }
}
