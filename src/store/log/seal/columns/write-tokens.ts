/** Writes a column of byte strings in the codec that makes it smallest. */
import type { ColumnSink } from './column-streams.ts'
import { compressedBits, MAX_SAMPLES } from './entropy.ts'
import { decimalAt, hexAt, hexDigit } from './digits.ts'
import { BYTE_CLASS, MAX_DECIMAL_DIGITS, MAX_HEX_DIGITS, MAX_NIBBLES, TOKEN_CODEC, TOKEN_FLAG } from './token-codecs.ts'
import { indexTokens } from './token-dictionary.ts'
import { findAffixes, scanTokens, type TokenScan, type TokenSpans } from './token-scan.ts'
import { NESTING } from './number-plan.ts'
import { writeLevel } from './write-numbers.ts'

const ZERO = 48
const NO_AFFIXES = { prefix: 0, suffix: 0 }
/** Entries up to this share of the rows are a dictionary whatever the tokens are. */
const FEW = 1 / 8
/** Estimated bits a byte above which a compressor has nothing to gain. */
const RANDOM_BITS = 7.8

/** Writes the tokens; a column of no rows has no bytes. */
export function writeTokenColumn(sink: ColumnSink, spans: TokenSpans): void {
  const { count } = spans
  if (count === 0) return
  if (writeDecimals(sink, spans)) return
  const scan = scanTokens(spans, NO_AFFIXES)
  if (isNumeric(scan) && scan.longest <= digitsOf(scan)) return writeDigits(sink, spans, scan)
  const entries = indexTokens(sink.scratch, spans)
  if (entries > 0 && entries <= Math.max(1, count * FEW)) return writeDictionary(sink, spans, entries)
  const affixes = findAffixes(spans, scan.shortest)
  const inner = affixes.prefix + affixes.suffix === 0 ? scan : scanTokens(spans, affixes)
  if (isNumeric(inner) && inner.longest <= digitsOf(inner)) return writeDigits(sink, spans, inner)
  if (entries > 0 && entries <= count / 2) return writeDictionary(sink, spans, entries)
  if (isNumeric(inner) && inner.shortest === inner.longest && inner.longest <= MAX_NIBBLES) return writeNibbles(sink, spans, inner)
  writeText(sink, spans)
}

/** Are all bytes digits of one radix, with letters of one case? */
const isNumeric = ({ classes }: TokenScan): boolean => classes !== 0 && (classes & BYTE_CLASS.other) === 0 && (classes & (BYTE_CLASS.lowerHex | BYTE_CLASS.upperHex)) !== (BYTE_CLASS.lowerHex | BYTE_CLASS.upperHex)
const digitsOf = ({ classes }: TokenScan): number => (classes === BYTE_CLASS.decimal ? MAX_DECIMAL_DIGITS : MAX_HEX_DIGITS)

/** Codec byte and what all tokens begin and end with. */
function writeHead({ soft }: ColumnSink, { bytes, starts, lengths, from }: TokenSpans, { codec, scan: { classes, prefix, suffix } }: { readonly codec: number; readonly scan: TokenScan }): void {
  let tag = codec
  if (classes !== BYTE_CLASS.decimal) tag |= TOKEN_FLAG.hexadecimal
  if ((classes & BYTE_CLASS.upperHex) !== 0) tag |= TOKEN_FLAG.upperCase
  if (prefix + suffix === 0) return soft.u8(tag)
  soft.u8(tag | TOKEN_FLAG.affixed)
  const end = starts[from] + lengths[from]
  soft.varint(prefix)
  soft.reserve(prefix).set(bytes.subarray(starts[from], starts[from] + prefix))
  soft.varint(suffix)
  soft.reserve(suffix).set(bytes.subarray(end - suffix, end))
}

/** The most common kind at once, tested and read in one go; false, and nothing is written, when a token is no decimal number. */
function writeDecimals(sink: ColumnSink, spans: TokenSpans): boolean {
  const { bytes, starts, lengths, from, count } = spans
  const values = sink.scratch.level(0, count)
  let zeros = 0
  for (let i = 0; i < count; i++) {
    const start = starts[from + i]
    const length = lengths[from + i]
    if (length === 0 || length > MAX_DECIMAL_DIGITS) return false
    if (length > 1 && bytes[start] === ZERO) zeros++
    const value = decimalAt(bytes, start, start + length)
    if (value < 0) return false
    values[i] = value
  }
  sink.soft.u8(zeros === 0 ? TOKEN_CODEC.shortest : TOKEN_CODEC.digits)
  writeLevel(sink, { count, depth: 0, used: 0 })
  if (zeros > 0) writeLengths(sink, spans, 0)
  return true
}

function writeDigits(sink: ColumnSink, spans: TokenSpans, scan: TokenScan): void {
  const { bytes, starts, lengths, from, count } = spans
  const { prefix, suffix, hasLeadingZero } = scan
  const valueAt = scan.classes === BYTE_CLASS.decimal ? decimalAt : hexAt
  writeHead(sink, spans, { codec: hasLeadingZero ? TOKEN_CODEC.digits : TOKEN_CODEC.shortest, scan })
  const values = sink.scratch.level(0, count)
  for (let i = 0; i < count; i++) {
    const start = starts[from + i]
    values[i] = valueAt(bytes, start + prefix, start + lengths[from + i] - suffix)
  }
  writeLevel(sink, { count, depth: 0, used: 0 })
  if (hasLeadingZero) writeLengths(sink, spans, prefix + suffix)
}

/** Lengths without what is common to all tokens. */
function writeLengths(sink: ColumnSink, { lengths, from, count }: TokenSpans, affixes: number): void {
  const level = sink.scratch.level(0, count)
  for (let i = 0; i < count; i++) level[i] = lengths[from + i] - affixes
  writeLevel(sink, { count, depth: 0, used: 0 })
}

function writeNibbles(sink: ColumnSink, spans: TokenSpans, scan: TokenScan): void {
  const { bytes, starts, from, count } = spans
  const { prefix, longest } = scan
  writeHead(sink, spans, { codec: TOKEN_CODEC.nibbles, scan })
  sink.soft.u8(longest)
  let to = sink.dense.claim((count * longest + 1) >>> 1)
  const out = sink.dense.buffer
  let half = -1
  for (let i = from; i < from + count; i++) {
    const start = starts[i] + prefix
    for (let at = start; at < start + longest; at++) {
      const digit = hexDigit(bytes[at])
      if (half < 0) half = digit << 4
      else {
        out[to++] = half | digit
        half = -1
      }
    }
  }
  if (half >= 0) out[to] = half
}

function writeDictionary(sink: ColumnSink, { bytes, starts, lengths, count }: TokenSpans, entries: number): void {
  const { scratch, soft } = sink
  const { index, entryRows } = scratch
  soft.u8(TOKEN_CODEC.dictionary)
  soft.varint(entries)
  const rows = entryRows.subarray(0, entries)
  const entryLengths = scratch.level(0, entries)
  for (let entry = 0; entry < entries; entry++) entryLengths[entry] = lengths[rows[entry]]
  // Without a dictionary of numbers, which would take the index's place.
  writeLevel(sink, { count: entries, depth: 0, used: NESTING.dictionary })
  for (const row of rows) soft.reserve(lengths[row]).set(bytes.subarray(starts[row], starts[row] + lengths[row]))
  const level = scratch.level(0, count)
  for (let i = 0; i < count; i++) level[i] = index[i]
  writeLevel(sink, { count, depth: 0, used: NESTING.dictionary | NESTING.delta })
}

function writeText(sink: ColumnSink, spans: TokenSpans): void {
  const { bytes, starts, lengths, from, count } = spans
  const isRandom = randomness(sink, spans) > RANDOM_BITS
  const out = isRandom ? sink.dense : sink.soft
  sink.soft.u8(isRandom ? TOKEN_CODEC.random : TOKEN_CODEC.text)
  writeLengths(sink, spans, 0)
  let total = 0
  for (let i = from; i < from + count; i++) total += lengths[i]
  let to = out.claim(total)
  const target = out.buffer
  for (let i = from; i < from + count; i++) {
    const end = starts[i] + lengths[i]
    for (let at = starts[i]; at < end; at++) target[to++] = bytes[at]
  }
}

function randomness({ scratch: { bins } }: ColumnSink, { bytes, starts, lengths, from, count }: TokenSpans): number {
  let samples = 0
  for (let i = from; i < from + count && samples < MAX_SAMPLES; i++) {
    const end = starts[i] + Math.min(lengths[i], MAX_SAMPLES - samples)
    for (let at = starts[i]; at < end; at++, samples++) bins[bytes[at]]++
  }
  return samples === 0 ? 0 : compressedBits(bins, 0, samples)
}
