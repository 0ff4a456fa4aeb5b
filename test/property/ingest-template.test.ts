import fc from 'fast-check'
import { expect, test } from 'vitest'
import { isTokenByte, isVariableToken } from '#domain/tokens.ts'
import { parseOne } from '#ingest/index.ts'

/** Template of a text under one APP-NAME. */
const templateOf = (text: string): string => parseOne(Buffer.from(`<14>1 - h app - - - ${text}`, 'latin1'), 0).template

interface Token { readonly start: number; readonly end: number; readonly isVariable: boolean }
function tokensOf(text: string): Token[] {
  const bytes = Buffer.from(text, 'latin1')
  const tokens: Token[] = []
  for (let start = 0; start < bytes.length; ) {
    let end = start
    while (end < bytes.length && isTokenByte(bytes[end]!)) end++
    if (end > start) tokens.push({ start, end, isVariable: isVariableToken(bytes, { start, end, low: 0, high: bytes.length }) })
    start = Math.max(end, start + 1)
  }
  return tokens
}
const replaceTokens = (text: string, by: (token: Token) => string | undefined): string =>
  tokensOf(text).reduceRight((whole, token) => whole.slice(0, token.start) + (by(token) ?? whole.slice(token.start, token.end)) + whole.slice(token.end), text)

// a blank or a control character at either end belongs to header or frame; the text begins and ends with a mark
const texts = fc.array(fc.constantFrom('a', 'f', 'F', 'g', '_', '0', '9', ':', '::', '.', ' ', '-', 'é', 'cafe', 'dead:', ':be'), { maxLength: 30 }).map((parts) => `-${parts.join('')}-`)

test('the template of a text knows its words and not its variables, as domain/tokens tells them apart', () => {
  fc.assert(
    fc.property(texts, (text) => {
      expect(templateOf(replaceTokens(text, ({ isVariable }) => (isVariable ? '7' : undefined)))).toBe(templateOf(text))
      const words = tokensOf(text).filter(({ isVariable }) => !isVariable)
      for (const word of words) expect(templateOf(replaceTokens(text, ({ start }) => (start === word.start ? 'another' : undefined)))).not.toBe(templateOf(text))
    }),
  )
})

test.for([
  ['DHCPACK(eth1) 10.99.1.7 52:54:00:ab:cd:ef tch-007', 'DHCPACK(eth1) 10.99.1.8 52:54:00:01:d2:e3 tch-100'],
  ['neighbour fe80::ab:cafe is up', 'neighbour fe80::1:2 is up'],
  ['link fe:ed:fa:ce:be:ef up', 'link 00:11:22:33:44:55 up'],
])('one template: %s', ([one, other]) => {
  expect(templateOf(one!)).toBe(templateOf(other!))
})

test.for([
  ['disk bad', 'disk dead'],
  ['error: cab', 'error: fed'],
  ['state: added:', 'state: faded:'],
])('two templates: %s', ([one, other]) => {
  expect(templateOf(one!)).not.toBe(templateOf(other!))
})
