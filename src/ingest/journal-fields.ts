import { isDigit } from './parse/cursor.ts'

const NEWLINE = 10
const EQUALS = 61
const UNDERSCORE = 95
/** Of a field in the binary form: 64 bits, little endian. */
export const SIZE_BYTES = 8
/** Longest name that a journal has (systemd, `journal_field_valid`). */
const MAX_NAME = 64

/** One field of an entry: a view of the bytes it was read from. */
export interface JournalField { readonly name: string; readonly value: Uint8Array }

/** An entry, and where the next one begins. */
export interface JournalEntry { readonly fields: readonly JournalField[]; readonly next: number }

/** Whether the bytes are the name of a field: capitals, digits and underscores, no digit first. */
export function isFieldName(bytes: Uint8Array): boolean {
  if (bytes.length === 0 || bytes.length > MAX_NAME || isDigit(bytes[0]!)) return false
  return bytes.every((byte) => byte === UNDERSCORE || isDigit(byte) || (byte >= 65 && byte <= 90))
}

/**
 * Reads the entry at `at` of what a `JournalCutter` gave: whole entries only (systemd, "Journal Export Format").
 * @returns undefined at the end
 */
export function readEntry(bytes: Uint8Array, at: number): JournalEntry | undefined {
  const fields: JournalField[] = []
  let from = at
  while (from < bytes.length) {
    const end = bytes.indexOf(NEWLINE, from)
    if (end < 0) break
    if (end === from) return { fields, next: end + 1 }
    const line = bytes.subarray(from, end)
    const equals = line.indexOf(EQUALS)
    if (equals >= 0) {
      fields.push({ name: nameOf(line.subarray(0, equals)), value: line.subarray(equals + 1) })
      from = end + 1
      continue
    }
    const valueAt = end + 1 + SIZE_BYTES
    const size = readSize(bytes.subarray(end + 1, valueAt))
    fields.push({ name: nameOf(line), value: bytes.subarray(valueAt, valueAt + size) })
    from = valueAt + size + 1
  }
  return undefined
}

/** Bytes of a value in the binary form, as far as a number goes. */
export const readSize = (bytes: Uint8Array): number => Number(new DataView(bytes.buffer, bytes.byteOffset, SIZE_BYTES).getBigUint64(0, true))

/** A field as the export format writes it: in the binary form, which holds any value. */
export function writeField(name: Uint8Array, value: Uint8Array): Uint8Array {
  const field = Buffer.alloc(name.length + 1 + SIZE_BYTES + value.length + 1)
  field.set(name)
  field[name.length] = NEWLINE
  field.writeBigUInt64LE(BigInt(value.length), name.length + 1)
  field.set(value, name.length + 1 + SIZE_BYTES)
  field[field.length - 1] = NEWLINE
  return field
}

const nameOf = (bytes: Uint8Array): string => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1')
