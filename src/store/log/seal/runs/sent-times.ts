import { openNumberColumn, writeNumberColumn, type ColumnSink, type ColumnSource } from '../columns/index.ts'

/**
 * The senders' times of a run, rows in order of seq. Most senders write whole seconds or whole milliseconds, so those are
 * columns of their own; either in order of seq (clocks that agree, or a replay), or as the distance from the time of
 * receipt, row after row of the same origin (clocks that are off, each by its own amount).
 */
const PRECISION = { none: 0, seconds: 1, milliseconds: 2, raw: 3 } as const
const ORDER = { seq: 0, origin: 1 } as const
const SECOND_MS = 1000
/** Beyond this a distance might not be exact. */
const MAX_EXACT_MS = 2 ** 51

export interface SentTimes {
  readonly sentMs: Float64Array
  readonly receivedMs: Float64Array
  /** Which origin each row has, `0 … originCount`. */
  readonly origin: Uint16Array
  readonly originCount: number
  readonly rows: number
}

const isExact = (ms: number): boolean => Number.isInteger(ms) && Math.abs(ms) < MAX_EXACT_MS && !Object.is(ms, -0)

function precisionOf(sentMs: number, receivedMs: number): number {
  if (Number.isNaN(sentMs)) return PRECISION.none
  if (!isExact(sentMs) || !isExact(receivedMs)) return PRECISION.raw
  return sentMs % SECOND_MS === 0 ? PRECISION.seconds : PRECISION.milliseconds
}

/** About how many bits a difference takes; those beyond 31 are all alike. */
const bitsOf = (difference: number): number => 32 - Math.clz32(Math.min(Math.abs(difference), 0x7fff_ffff))

export function writeSentTimes(sink: ColumnSink, { sentMs, receivedMs, origin, originCount, rows }: SentTimes): void {
  const precision = new Uint8Array(rows)
  for (let row = 0; row < rows; row++) precision[row] = precisionOf(sentMs[row]!, receivedMs[row]!)
  writeNumberColumn(sink, precision, rows)
  for (const kind of [PRECISION.seconds, PRECISION.milliseconds] as const) {
    const unitMs = kind === PRECISION.seconds ? SECOND_MS : 1
    const previous = new Float64Array(originCount)
    const ofKind = precision.includes(kind) ? rows : 0
    const [inSeq, inOrigin] = [new Float64Array(ofKind), new Float64Array(ofKind)]
    let count = 0
    let seqBits = 0
    let originBits = 0
    for (let row = 0, last = 0; row < ofKind; row++) {
      if (precision[row] !== kind) continue
      const value = sentMs[row]! / unitMs
      const distance = value - Math.floor(receivedMs[row]! / unitMs)
      const change = distance - previous[origin[row]!]!
      previous[origin[row]!] = distance
      inSeq[count] = value
      inOrigin[count++] = change
      seqBits += bitsOf(value - last)
      originBits += bitsOf(change)
      last = value
    }
    const order = originBits < seqBits ? ORDER.origin : ORDER.seq
    sink.soft.u8(order)
    writeNumberColumn(sink, order === ORDER.origin ? inOrigin : inSeq, count)
  }
  const raw = Float64Array.from(sentMs.subarray(0, rows).filter((_, row) => precision[row] === PRECISION.raw))
  writeNumberColumn(sink, raw, raw.length)
}

/** Memory for `readSentTimes`, as long as the longest run. */
export interface SentTimesScratch { readonly precision: Uint8Array; readonly values: Float64Array }

/** Fills `sentMs`; the other fields are those it was written with. Throws RangeError on damage. */
export function readSentTimes(source: ColumnSource, { sentMs, receivedMs, origin, originCount, rows }: SentTimes, { precision, values }: SentTimesScratch): void {
  openNumberColumn(source, rows).into(values)
  const counts = [0, 0, 0, 0]
  for (let row = 0; row < rows; row++) {
    precision[row] = values[row]!
    counts[precision[row]! & 3]!++
  }
  for (const kind of [PRECISION.seconds, PRECISION.milliseconds] as const) {
    const unitMs = kind === PRECISION.seconds ? SECOND_MS : 1
    const order = source.soft.u8()
    const column = openNumberColumn(source, counts[kind]!)
    if (counts[kind] === 0) continue
    column.into(values)
    if (order === ORDER.seq) {
      for (let row = 0, i = 0; row < rows; row++) if (precision[row] === kind) sentMs[row] = values[i++]! * unitMs
      continue
    }
    const previous = new Float64Array(originCount)
    for (let row = 0, i = 0; row < rows; row++) {
      if (precision[row] !== kind) continue
      const distance = values[i++]! + previous[origin[row]!]!
      previous[origin[row]!] = distance
      sentMs[row] = (distance + Math.floor(receivedMs[row]! / unitMs)) * unitMs
    }
  }
  openNumberColumn(source, counts[PRECISION.raw]!).into(values)
  if (counts[PRECISION.raw]! + counts[PRECISION.none]! === 0) return
  for (let row = 0, i = 0; row < rows; row++) {
    if (precision[row] === PRECISION.raw) sentMs[row] = values[i++]!
    else if (precision[row] === PRECISION.none) sentMs[row] = Number.NaN
  }
}
