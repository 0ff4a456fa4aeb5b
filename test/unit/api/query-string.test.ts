import { fc, test as property } from '@fast-check/vitest'
import { expect, test } from 'vitest'
import { BOOT_NAMES } from '#api/boot-facts.ts'
import { parseBootQuery, parseWebQuery, rawQueryOf } from '#api/query-string.ts'

const boot = (text: string) => ({ ...parseBootQuery(text, BOOT_NAMES) })

test.for<[given: string, text: string, expected: Record<string, string>]>([
  ['an escaped MAC', 'mac=52%3A54%3A00%3A12%3A34%3A56', { mac: '52:54:00:12:34:56' }],
  ['a MAC with hyphens', 'mac=52-54-00-12-34-56&arch=x86_64', { mac: '52-54-00-12-34-56', arch: 'x86_64' }],
  ['a plus stays a plus', 'serial=A+B', { serial: 'A+B' }],
  ['an ampersand inside a serial number', 'mac=52-54-00-12-34-56&serial=AB&C/D&E', { mac: '52-54-00-12-34-56', serial: 'AB&C/D&E' }],
  ['a word we know ends a value', 'serial=AB&arch=i386', { serial: 'AB', arch: 'i386' }],
  ['a serial number cannot overrule the MAC before it', 'mac=52-54-00-12-34-56&serial=X&mac=66-66-66-66-66-66', { mac: '52-54-00-12-34-56', serial: 'X' }],
  ['an escape that is none', 'serial=100%&uuid=%zz', { serial: '100%', uuid: '%zz' }],
  ['bytes that are not UTF-8', 'serial=%ff%41', { serial: '\u00ffA' }],
  ['a setting that iPXE does not know', 'serial=${serial}&uuid=', {}],
  ['an equals sign in a value', 'serial=a=b', { serial: 'a=b' }],
  ['something before the first word', 'x&y&mac=1', { mac: '1' }],
  ['a name of a prototype', '__proto__=1&constructor=2', {}],
])('boot query: %s', ([, text, expected]) => {
  expect(boot(text)).toEqual(expected)
})

test.for<[given: string, text: string, expected: Record<string, string>]>([
  ['a plus is a blank', 'q=a+b%2Bc', { q: 'a b+c' }],
  ['the first of two', 'q=1&q=2', { q: '1' }],
  ['a word alone', 'verbose', { verbose: '' }],
  ['a broken escape', 'q=%E0%A4%A', { q: '\u00e0\u00a4%A' }],
  ['nothing', '', {}],
])('web query: %s', ([, text, expected]) => {
  expect({ ...parseWebQuery(text) }).toEqual(expected)
})

property.prop([fc.string({ unit: 'binary' })])('any text is read without a throw, into texts', (text) => {
  for (const found of [parseWebQuery(text), parseBootQuery(text, BOOT_NAMES)]) {
    expect(Object.values(found).every((value) => typeof value === 'string')).toBe(true)
    expect(Object.getPrototypeOf(found)).toBe(null)
  }
})

property.prop([fc.dictionary(fc.string({ minLength: 1 }), fc.string())])('what a browser encodes comes back', (given) => {
  expect({ ...parseWebQuery(new URLSearchParams(given).toString()) }).toEqual({ ...given })
})

property.prop([fc.string().filter((text) => !text.startsWith('${') && text !== '')])('a value sent last and escaped comes back as it was', (serial) => {
  expect(boot(`mac=1&serial=${encodeURIComponent(serial.toWellFormed())}`)).toEqual({ mac: '1', serial: serial.toWellFormed() })
})

test('the query is what follows the first question mark', () => {
  expect(['/a', '/a?', '/a?b=c?d'].map(rawQueryOf)).toEqual(['', '', 'b=c?d'])
})
