import type { Batch } from '#domain/batch.ts'
import { stepDigits, stepField, stepLiteral, stepPriority, stepTime, stepVariable, type RowsInStep, type VariablesInto } from './match-pieces.ts'
import { ABSENT, FIELD, IN_HOST, PIECE, SPAN_FIELDS, type Shape } from './shape.ts'

/** Variables of the rows that fitted, column by column: so many of the first, then so many of the second … */
export interface MatchedRows {
  /** In `batch.bytes`. */
  readonly starts: Uint32Array
  readonly lengths: Uint16Array
  /** `tokenHash` of each; 0 of those that are no tokens. */
  readonly hashes: Int32Array
}

/**
 * Holds rows against a shape, key and all, all rows piece by piece: the processor then does the same thing many times over, where a row
 * at a time would make it guess at every piece.
 */
export interface RowMatcher {
  /**
   * Makes `rows[0 … count)` those that fit the shape, all bytes and all fields; behind them the others, both in the order they had.
   * @returns how many fit; their variables are in `matched` until the next call
   */
  match(shape: Shape, rows: Uint16Array, count: number): number
  readonly matched: MatchedRows
}

const FIRST_VARIABLES = 16

/** @param batch its bytes go on for at least three bytes behind the last frame @param mostRows at once */
export function createRowMatcher(batch: Batch, mostRows: number): RowMatcher {
  const fields = SPAN_FIELDS.map(([off, len]) => ({ offsets: batch[off], lengths: batch[len] }))
  const [at, frame, end] = [new Uint32Array(mostRows), new Uint32Array(mostRows), new Uint32Array(mostRows)]
  const isOut = new Uint8Array(mostRows)
  const others = new Uint16Array(mostRows)
  const view = new DataView(batch.bytes.buffer, batch.bytes.byteOffset, batch.bytes.byteLength)
  let matched = variablesFor(mostRows * FIRST_VARIABLES)

  function begin(rows: Uint16Array, count: number): RowsInStep {
    isOut.fill(0, 0, count)
    const { frameStart, frameLen } = batch
    for (let i = 0; i < count; i++) {
      const start = frameStart[rows[i]!]!
      at[i] = start
      frame[i] = start
      end[i] = start + frameLen[rows[i]!]!
    }
    return { batch, view, rows, count, at, frame, end, isOut }
  }

  /** Fields that begin or end where piece `piece` begins; those that no piece tells come with the first. */
  function checkFields(step: RowsInStep, { fieldFrom, fieldTo, fieldOffset }: Shape, piece: number): void {
    for (let field = 0; field < fieldFrom.length; field++) {
      const { offsets, lengths } = fields[field]!
      const [from, to, offset] = [fieldFrom[field]!, fieldTo[field]!, fieldOffset[field]!]
      if (from === piece) checkStarts(step, offsets, lengths)
      if (from >= 0 && to === piece) checkEnds(step, offsets, lengths)
      if (piece > 0) continue
      if (from === ABSENT) checkAbsent(step, lengths, { offsets, offset })
      else if (from === IN_HOST) checkInHost(step, fields[FIELD.host]!.offsets, { offsets, lengths, offset, length: to })
    }
  }

  function walk(step: RowsInStep, shape: Shape, into: VariablesInto, piece: number): void {
    switch (shape.kinds[piece]) {
      case PIECE.literal:
        return stepLiteral(step, shape, piece)
      case PIECE.variable:
        return stepVariable(step, into)
      case PIECE.digits:
        return stepDigits(step, shape.sizes[piece]!, into)
      case PIECE.priority:
        return stepPriority(step)
      case PIECE.time:
        return stepTime(step, shape)
      default: {
        const { offsets, lengths } = fields[shape.kinds[piece] === PIECE.host ? FIELD.host : FIELD.procid]!
        return stepField(step, offsets, lengths)
      }
    }
  }

  /** Those that fit to the front, and their variables. */
  function part(rows: Uint16Array, count: number, variables: number): number {
    let fit = 0
    let out = 0
    for (let i = 0; i < count; i++) {
      const row = rows[i]!
      if (isOut[i] === 0 && at[i] === end[i]) rows[fit++] = row
      else {
        isOut[i] = 1
        others[out++] = row
      }
    }
    if (out === 0) return fit
    rows.set(others.subarray(0, out), fit)
    const { starts, lengths, hashes } = matched
    let to = 0
    for (let from = 0; from < variables * count; from++) {
      if (isOut[from % count] === 1) continue
      starts[to] = starts[from]!
      lengths[to] = lengths[from]!
      hashes[to++] = hashes[from]!
    }
    return fit
  }

  return {
    get matched() {
      return matched
    },
    match(shape, rows, count) {
      const { kinds, variableCount } = shape
      if (matched.starts.length < variableCount * count) matched = variablesFor(variableCount * count * 2)
      const step = begin(rows, count)
      checkKeys(step, shape)
      let variables = 0
      for (let piece = 0; piece < kinds.length; piece++) {
        checkFields(step, shape, piece)
        // whoever sends ever other delimiters between the same words must not cost a whole walk each
        if (isOut[0] === 1 && areAllOut(isOut, count)) return 0
        walk(step, shape, { ...matched, from: variables * count }, piece)
        if (kinds[piece] === PIECE.variable || kinds[piece] === PIECE.digits) variables++
      }
      checkFields(step, shape, kinds.length)
      return part(rows, count, variables)
    },
  }
}

const variablesFor = (count: number): MatchedRows => ({ starts: new Uint32Array(count), lengths: new Uint16Array(count), hashes: new Int32Array(count) })

function areAllOut(isOut: Uint8Array, count: number): boolean {
  for (let i = 0; i < count; i++) if (isOut[i] === 0) return false
  return true
}

function checkKeys({ batch, rows, count, isOut }: RowsInStep, { templateLo: lo, templateHi: hi, format: form, faults: faultBits, hints: hintBits }: Shape): void {
  const { templateLo, templateHi, format, faults, hints } = batch
  for (let i = 0; i < count; i++) {
    const row = rows[i]!
    if (templateLo[row] !== lo || templateHi[row] !== hi || format[row] !== form || faults[row] !== faultBits || hints[row] !== hintBits) isOut[i] = 1
  }
}
function checkStarts({ rows, count, at, frame, isOut }: RowsInStep, offsets: Uint16Array, lengths: Uint16Array): void {
  for (let i = 0; i < count; i++) if (at[i]! - frame[i]! !== offsets[rows[i]!] || lengths[rows[i]!] === 0) isOut[i] = 1
}
function checkEnds({ rows, count, at, frame, isOut }: RowsInStep, offsets: Uint16Array, lengths: Uint16Array): void {
  for (let i = 0; i < count; i++) if (at[i]! - frame[i]! !== offsets[rows[i]!]! + lengths[rows[i]!]!) isOut[i] = 1
}
function checkAbsent({ rows, count, isOut }: RowsInStep, lengths: Uint16Array, { offsets, offset }: { readonly offsets: Uint16Array; readonly offset: number }): void {
  for (let i = 0; i < count; i++) if (lengths[rows[i]!] !== 0 || offsets[rows[i]!] !== offset) isOut[i] = 1
}

interface InHost { readonly offsets: Uint16Array; readonly lengths: Uint16Array; readonly offset: number; readonly length: number }
function checkInHost({ rows, count, isOut }: RowsInStep, hosts: Uint16Array, { offsets, lengths, offset, length }: InHost): void {
  for (let i = 0; i < count; i++) if (offsets[rows[i]!] !== hosts[rows[i]!]! + offset || lengths[rows[i]!] !== length) isOut[i] = 1
}
