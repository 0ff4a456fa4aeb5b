import { expect, test } from 'vitest'
import { negotiate, type Format } from '#api/negotiate.ts'

const IPXE = 'iPXE/1.21.1+ (8460dc4)'
const CHROME = 'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/131.0 Safari/537.36'

test.for<[given: string, asked: { format?: string; accept?: string; userAgent?: string }, expected: Format]>([
  ['nothing at all', {}, 'text'],
  ['iPXE, which sends no Accept', { userAgent: IPXE }, 'ipxe'],
  ['GRUB, which reads none of our languages', { userAgent: 'GRUB 2.12' }, 'text'],
  ['curl', { userAgent: 'curl/8.5.0', accept: '*/*' }, 'text'],
  ['Wget', { userAgent: 'Wget/1.21', accept: '*/*' }, 'text'],
  ['curl that asks for JSON', { userAgent: 'curl/8.5.0', accept: 'application/json' }, 'json'],
  ['a browser', { userAgent: CHROME, accept: 'text/html,application/xhtml+xml,*/*;q=0.8' }, 'html'],
  ['a browser that says nothing', { userAgent: CHROME }, 'html'],
  ['the format over all else', { userAgent: CHROME, accept: 'text/html', format: 'ipxe' }, 'ipxe'],
  ['a format that there is not', { userAgent: IPXE, format: 'xml' }, 'ipxe'],
  ['the better of two', { accept: 'application/json;q=0.4, text/html;q=0.9' }, 'html'],
  ['the first of two that are as good', { accept: 'application/json, text/html' }, 'json'],
  ['capitals and blanks', { accept: 'Text/HTML ; q=0.1 , APPLICATION/JSON ; Q=0.7' }, 'json'],
  ['a type refused with q=0', { accept: 'text/html;q=0, application/json;q=0.1' }, 'json'],
  ['text refused by a shell', { userAgent: 'curl/8', accept: 'text/plain;q=0, */*' }, 'json'],
  ['text and JSON refused', { accept: 'text/plain;q=0.0, application/json;q=0, */*' }, 'html'],
  ['a quality that is none', { accept: 'application/json;q=much', userAgent: IPXE }, 'ipxe'],
  ['types we do not have', { accept: 'image/png', userAgent: IPXE }, 'ipxe'],
])('%s', ([, asked, expected]) => {
  expect(negotiate(asked)).toBe(expected)
})

test('the fallback is for those who say nothing, not for those who are known', () => {
  expect(negotiate({}, 'json')).toBe('json')
  expect(negotiate({ userAgent: 'curl/8' }, 'json')).toBe('text')
})
