import type { Batch } from '#domain/batch.ts'

/** `hps_` `op|vw|mt|nd` `_` and 43 characters of base64url: 256 random bits. */
const PREFIX = Buffer.from('hps_')
const KINDS: ReadonlySet<string> = new Set(['op_', 'vw_', 'mt_', 'nd_'])
const SECRET_LENGTH = 43
const TOKEN_LENGTH = PREFIX.length + 3 + SECRET_LENGTH
/** Tokens reported of one batch; a batch full of them is an attack, and the first ones tell it. */
const MAX_FOUND = 64

export interface FoundToken { readonly row: number; readonly token: Uint8Array }

/** Finds texts in the form of the hub's own tokens in all received bytes of a batch. `token` is a copy; `isCut`: there are more. */
export function findTokens(batch: Batch): { readonly found: readonly FoundToken[]; readonly isCut: boolean } {
  const bytes = Buffer.from(batch.bytes.buffer, batch.bytes.byteOffset, batch.byteCount)
  const found: FoundToken[] = []
  for (let at = bytes.indexOf(PREFIX); at >= 0; at = bytes.indexOf(PREFIX, at + 1)) {
    if (!isToken(bytes, at)) continue
    if (found.length >= MAX_FOUND) return { found, isCut: true }
    const row = rowOf(batch, at)
    if (row >= 0) found.push({ row, token: Uint8Array.from(bytes.subarray(at, at + TOKEN_LENGTH)) })
  }
  return { found, isCut: false }
}

function isToken(bytes: Buffer, at: number): boolean {
  const end = at + TOKEN_LENGTH
  if (end > bytes.length || !KINDS.has(bytes.toString('latin1', at + 4, at + 7))) return false
  for (let i = at + 7; i < end; i++) if (!isWordByte(bytes[i]!)) return false
  return true
}

const isWordByte = (byte: number): boolean =>
  (byte >= 0x30 && byte <= 0x39) || (byte >= 0x41 && byte <= 0x5a) || (byte >= 0x61 && byte <= 0x7a) || byte === 0x2d || byte === 0x5f

/** The row whose frame holds a whole token at this offset, -1 when none does. */
function rowOf({ frameStart, frameLen, rows }: Batch, offset: number): number {
  for (let row = 0; row < rows; row++) {
    const start = frameStart[row]!
    if (offset >= start && offset + TOKEN_LENGTH <= start + frameLen[row]!) return row
  }
  return -1
}
