import { decodeText } from '#base/bytes.ts'

/** Longest value told apart; longer ones count under their first bytes. */
export const MAX_VALUE_BYTES = 256
const LOWER: Readonly<Uint8Array> = Uint8Array.from({ length: 256 }, (_, byte) => (byte >= 65 && byte <= 90 ? byte + 32 : byte))

/** Bytes of a field → a number, without a string for a value that was met before. Letters A–Z without case. */
export interface ValueTable { lookUp(bytes: Uint8Array, start: number, length: number): number }

interface Entry { readonly bytes: Uint8Array; readonly number: number; readonly next: Entry | undefined }

/**
 * @param number what the value of this text (lower case) is numbered; asked once a different byte string
 * @param maxEntries byte strings that are remembered; of later ones a string is made each time
 */
export function createValueTable(number: (text: string) => number, maxEntries: number): ValueTable {
  const chains = new Map<number, Entry>()
  let entries = 0
  let empty: number | undefined
  return {
    lookUp(bytes, start, length) {
      if (length === 0) return (empty ??= number(''))
      const used = Math.min(length, MAX_VALUE_BYTES)
      const hash = hashOf(bytes, start, used)
      const chain = chains.get(hash)
      for (let entry = chain; entry !== undefined; entry = entry.next) if (isSame(entry.bytes, bytes, start, used)) return entry.number
      const value = Uint8Array.from({ length: used }, (_, i) => LOWER[bytes[start + i]])
      const found = number(decodeText(value).text)
      if (entries < maxEntries) {
        chains.set(hash, { bytes: value, number: found, next: chain })
        entries++
      }
      return found
    },
  }
}

/** FNV-1a of the lower-case bytes. */
function hashOf(bytes: Uint8Array, start: number, length: number): number {
  let hash = 0x811c9dc5 | 0
  for (let at = start; at < start + length; at++) hash = Math.imul(hash ^ LOWER[bytes[at]], 0x01000193)
  return hash
}

function isSame(value: Uint8Array, bytes: Uint8Array, start: number, length: number): boolean {
  if (value.length !== length) return false
  for (let i = 0; i < length; i++) if (value[i] !== LOWER[bytes[start + i]]) return false
  return true
}
