import type { Batch } from '#domain/batch.ts'
import { createFieldCheck } from './check-fields.ts'
import { stepDigits, stepField, stepLiteral, stepPriority, stepTime, stepVariable, type RowsInStep, type VariablesInto } from './match-pieces.ts'
import { FIELD, PIECE, SPAN_FIELDS, type Shape } from './shape.ts'

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
  const check = createFieldCheck(batch)
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
      check.begin(step, shape)
      let variables = 0
      for (let piece = 0; piece < kinds.length; piece++) {
        check.at(step, shape, piece)
        // whoever sends ever other delimiters between the same words must not cost a whole walk each
        if (isOut[0] === 1 && areAllOut(isOut, count)) return 0
        walk(step, shape, { ...matched, from: variables * count }, piece)
        if (kinds[piece] === PIECE.variable || kinds[piece] === PIECE.digits) variables++
      }
      check.at(step, shape, kinds.length)
      return part(rows, count, variables)
    },
  }
}

const variablesFor = (count: number): MatchedRows => ({ starts: new Uint32Array(count), lengths: new Uint16Array(count), hashes: new Int32Array(count) })

function areAllOut(isOut: Uint8Array, count: number): boolean {
  for (let i = 0; i < count; i++) if (isOut[i] === 0) return false
  return true
}
