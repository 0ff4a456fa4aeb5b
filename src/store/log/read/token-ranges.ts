import { isTokenByte } from '#domain/tokens.ts'

/** Where the tokens of a text lie. */
export function tokensOf(bytes: Uint8Array): { readonly start: number; readonly end: number }[] {
  const found: { readonly start: number; readonly end: number }[] = []
  for (let at = 0; at < bytes.length; at++) {
    if (!isTokenByte(bytes[at]!)) continue
    const start = at
    while (at < bytes.length && isTokenByte(bytes[at]!)) at++
    found.push({ start, end: at })
  }
  return found
}
