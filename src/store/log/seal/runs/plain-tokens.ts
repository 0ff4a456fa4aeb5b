import type { Batch } from '#domain/batch.ts'
import { isTokenByte, tokenHash } from '#domain/tokens.ts'

/** All tokens of the text and the structured data of a row without a shape, words too: no dictionary answers for them. */
export function addPlainTokens(batch: Batch, row: number, add: (hash: number) => void): void {
  const frame = batch.frameStart[row]!
  addTokens(batch.bytes, { start: frame + batch.textOff[row]!, length: batch.textLen[row]!, add })
  addTokens(batch.bytes, { start: frame + batch.sdOff[row]!, length: batch.sdLen[row]!, add })
}

function addTokens(bytes: Uint8Array, { start, length, add }: { readonly start: number; readonly length: number; readonly add: (hash: number) => void }): void {
  const end = start + length
  for (let at = start; at < end; ) {
    if (!isTokenByte(bytes[at]!)) {
      at++
      continue
    }
    const from = at
    while (at < end && isTokenByte(bytes[at]!)) at++
    add(tokenHash(bytes, from, at))
  }
}
