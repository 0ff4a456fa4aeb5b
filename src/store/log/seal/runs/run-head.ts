import { openNumberColumn, writeNumberColumn, type ColumnSink, type ColumnSource, type NumberColumn } from '../columns/index.ts'
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

/**
 * The head of one run at a time, in memory that is used again for the next: valid until `load` is called with another run.
 * Nothing is decoded before it is asked for, so everything may throw RangeError on damage.
 */
export interface RunHead {
  /** Nothing happens when this very object is loaded already. */
  load(run: Pick<RunEntry, 'rows' | 'firstSeq'>, blobs: () => { readonly origins: Buffer; readonly head: Buffer }): void
  readonly tallies: Tallies
  readonly receivedMs: Float64Array
  seqOf(row: number): number
  /** Row (in order of seq) of each place (in order of the blocks). */
  readonly order: Uint16Array
  readonly origin: Uint16Array
  sentMs(): Float64Array
}

export const createRunHead = (): RunHead => new Head()

const NOTHING: Tallies = { numbers: new Uint32Array(0), counts: new Uint32Array(0) }

class Head implements RunHead {
  tallies = NOTHING
  readonly #receivedMs = new Float64Array(RUN_ROWS)
  readonly #sentMs = new Float64Array(RUN_ROWS)
  readonly #values = new Float64Array(RUN_ROWS)
  readonly #precision = new Uint8Array(RUN_ROWS)
  readonly #origin = new Uint16Array(RUN_ROWS)
  readonly #order = new Uint16Array(RUN_ROWS)
  #loaded: Pick<RunEntry, 'rows' | 'firstSeq'> | undefined
  #gaps: NumberColumn | undefined
  #source: ColumnSource | undefined
  /** Columns that are not decoded yet. */
  #origins: NumberColumn | undefined
  #received: NumberColumn | undefined
  #hasOrder = false

  load(run: Pick<RunEntry, 'rows' | 'firstSeq'>, blobs: () => { readonly origins: Buffer; readonly head: Buffer }): void {
    if (this.#loaded === run) return
    this.#loaded = undefined
    const { rows } = run
    if (rows > RUN_ROWS) throw new RangeError(`a run claims to have ${rows} rows`)
    const { origins, head } = blobs()
    this.tallies = decodeTallies(origins)
    const source = unpackStreams(head)
    this.#gaps = openNumberColumn(source, rows)
    this.#origins = openNumberColumn(source, rows)
    this.#received = openNumberColumn(source, rows)
    this.#source = source
    this.#hasOrder = false
    this.#loaded = run
  }

  get receivedMs(): Float64Array {
    this.#received?.into(this.#receivedMs)
    this.#received = undefined
    return this.#receivedMs
  }

  get origin(): Uint16Array {
    if (this.#origins === undefined) return this.#origin
    const { count } = this.#origins
    this.#origins.into(this.#values)
    for (let row = 0; row < count; row++) this.#origin[row] = this.#values[row]!
    this.#origins = undefined
    return this.#origin
  }

  get order(): Uint16Array {
    if (!this.#hasOrder) placeRows(this.tallies, { origin: this.origin, rows: this.#loaded!.rows, order: this.#order })
    this.#hasOrder = true
    return this.#order
  }

  seqOf(row: number): number {
    return this.#loaded!.firstSeq + row + this.#gaps!.at(row)
  }

  sentMs(): Float64Array {
    if (this.#source === undefined) return this.#sentMs
    readSentTimes(this.#source, { sentMs: this.#sentMs, receivedMs: this.receivedMs, origin: this.origin, originCount: this.tallies.numbers.length, rows: this.#loaded!.rows }, { precision: this.#precision, values: this.#values })
    this.#source = undefined
    return this.#sentMs
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
