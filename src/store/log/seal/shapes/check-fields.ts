import type { Batch } from '#domain/batch.ts'
import type { RowsInStep } from './match-pieces.ts'
import { ABSENT, FIELD, IN_HOST, SPAN_FIELDS, type Shape } from './shape.ts'

/** Do rows have the key of a shape, and their fields where its pieces begin and end? Marks those that do not. */
export interface FieldCheck {
  /** Key, and the fields that no piece tells: once, before the first piece. */
  begin(step: RowsInStep, shape: Shape): void
  /** Fields that begin or end where piece `piece` begins, the one behind the last included. */
  at(step: RowsInStep, shape: Shape, piece: number): void
}

export function createFieldCheck(batch: Batch): FieldCheck {
  const fields = SPAN_FIELDS.map(([off, len]) => ({ offsets: batch[off], lengths: batch[len] }))
  return {
    begin(step, shape) {
      checkKeys(step, shape)
      const { fieldFrom, fieldTo, fieldOffset } = shape
      for (const [field, { offsets, lengths }] of fields.entries()) {
        const [from, length, offset] = [fieldFrom[field]!, fieldTo[field]!, fieldOffset[field]!]
        if (from === ABSENT) checkAbsent(step, lengths, { offsets, offset })
        else if (from === IN_HOST) checkInHost(step, fields[FIELD.host]!.offsets, { offsets, lengths, offset, length })
      }
    },
    at(step, { fieldsAt, fieldFrom }, piece) {
      const here = fieldsAt[piece]
      if (here === undefined) return
      for (const field of here) {
        const { offsets, lengths } = fields[field]!
        if (fieldFrom[field] === piece) checkStarts(step, offsets, lengths)
        else checkEnds(step, offsets, lengths)
      }
    },
  }
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
