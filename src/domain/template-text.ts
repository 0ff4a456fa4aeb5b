import { isTokenByte, isVariableToken } from './tokens.ts'

const VARIABLE = Buffer.from('*')
/** Variable tokens with nothing but marks between them, as `10.0.0.7:514`, are one to the eye. */
const JOINED = /\*(?:[.:/-]\*)+/g

/** What a message has in common with the others of its template: its text with `*` for each variable token. */
export function templateText(text: string): string {
  const bytes = Buffer.from(text)
  const parts: Uint8Array[] = []
  let from = 0
  for (let at = 0; at < bytes.length; at++) {
    if (!isTokenByte(bytes[at]!)) continue
    const start = at
    while (at < bytes.length && isTokenByte(bytes[at]!)) at++
    if (!isVariableToken(bytes, { start, end: at, low: 0, high: bytes.length })) continue
    parts.push(bytes.subarray(from, start), VARIABLE)
    from = at
  }
  return Buffer.concat([...parts, bytes.subarray(from)]).toString().replace(JOINED, '*')
}
