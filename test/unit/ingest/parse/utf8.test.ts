import fc from 'fast-check'
import { expect, test } from 'vitest'
import { isUtf8 } from '../../../../src/ingest/parse/utf8.ts'

const strict = new TextDecoder('utf-8', { fatal: true })
const accepted = (bytes: Uint8Array): boolean => {
  try {
    strict.decode(bytes)
    return true
  } catch {
    return false
  }
}
const pieces = fc.array(fc.constantFrom('41', 'c3a9', 'e282ac', 'f09f9880', 'c0', 'c1', 'e080', 'ed a0 80'.replaceAll(' ', ''), 'f4908080', 'f5', '80', 'bf', 'ff', 'e2', 'f0'), { maxLength: 8 })

test('what the decoder of the platform accepts is UTF-8, and nothing else', () => {
  fc.assert(
    fc.property(pieces, (parts) => {
      const bytes = Buffer.from(parts.join(''), 'hex')
      expect(isUtf8(bytes, 0, bytes.length)).toBe(accepted(bytes))
    }),
    { numRuns: 2000 },
  )
})
