import { WHEN_KINDS, type When } from '../rules/rule.ts'

/** Of the bytes behind it; a row of another one is not read, and its key begins anew. */
const FORMAT = 1

/** A row: format, kind of condition, then what the kind keeps (numbers little endian). */
export function packState({ kind }: When, state: Uint8Array): Uint8Array {
  const row = new Uint8Array(state.length + 2)
  row[0] = FORMAT
  row[1] = WHEN_KINDS.indexOf(kind)
  row.set(state, 2)
  return row
}

/** undefined: it is no row of this kind and format. */
export function unpackState({ kind }: When, row: Uint8Array): Uint8Array | undefined {
  return row.length >= 2 && row[0] === FORMAT && row[1] === WHEN_KINDS.indexOf(kind) ? row.subarray(2) : undefined
}
