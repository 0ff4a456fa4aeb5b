import { describe, expect, test } from 'vitest'
import { backoffMs } from '#base/backoff.ts'
import { createBoundedQueue } from '#base/bounded-queue.ts'
import { decodeText, formatBytes, parseBytes } from '#base/bytes.ts'
import { formatDuration, parseDurationMs } from '#base/duration.ts'
import { canonicalIp, createIpSet } from '#base/ip.ts'
import { parseMac } from '#base/mac.ts'
import { cut, didYouMean, printable } from '#base/text.ts'
import { sessionHash } from '#domain/session.ts'
import { facilityCode, severityCode } from '#domain/severity.ts'

test.for([
  ['90s', 90_000], ['1h30m', 5_400_000], ['7d', 604_800_000], ['250ms', 250], ['1.5h', 5_400_000], ['', undefined], ['90', undefined], ['5x', undefined], ['m5', undefined],
] as const)('duration %s is %s ms', ([text, ms]) => expect(parseDurationMs(text)).toBe(ms))

test.for([[250, '250ms'], [90_000, '1m30s'], [604_800_000, '7d']] as const)('%s ms prints as %s', ([ms, text]) => expect(formatDuration(ms)).toBe(text))

test.for([['64KiB', 65_536], ['2GiB', 2 ** 31], ['10', undefined], ['1MB', undefined]] as const)('size %s is %s bytes', ([text, bytes]) => expect(parseBytes(text)).toBe(bytes))

test('sizes print in the largest unit', () => expect(formatBytes(1536)).toBe('1.5KiB'))

test.for([
  ['52:54:00:12:34:56', '52:54:00:12:34:56'], ['52-54-00-12-34-AB', '52:54:00:12:34:ab'], ['5254.0012.3456', '52:54:00:12:34:56'], ['525400123456', '52:54:00:12:34:56'],
  ['00:00:00:00:00:00', undefined], ['ff:ff:ff:ff:ff:ff', undefined], ['52:54:00:12:34', undefined], ['zz:54:00:12:34:56', undefined],
] as const)('MAC %s is %s', ([text, mac]) => expect(parseMac(text)).toBe(mac))

test.for([
  ['::ffff:10.0.0.1', '10.0.0.1'], ['10.0.0.1', '10.0.0.1'], ['FE80::1%eth0', 'fe80::1'], ['2001:DB8:0:0::1', '2001:db8::1'], ['10.0.0.256', undefined], ['', undefined],
] as const)('address %s is %s', ([text, ip]) => expect(canonicalIp(text)).toBe(ip))

describe('address sets', () => {
  test('hold addresses and prefixes of both families', () => {
    const set = createIpSet()
    expect([set.add('10.0.0.0/8'), set.add('::1'), set.add('fd00::/8'), set.add('10.0.0.0/33'), set.add('x'), set.add('1.2.3.4/8/9')]).toEqual([true, true, true, false, false, false])
    expect([set.has('10.9.9.9'), set.has('11.0.0.1'), set.has('::1'), set.has('fd12::1'), set.has('nonsense')]).toEqual([true, false, true, true, false])
  })
})

test('a bounded queue refuses what does not fit and keeps its order', () => {
  const queue = createBoundedQueue<number>(2)
  expect([queue.offer(1), queue.offer(2), queue.offer(3)]).toEqual([true, true, false])
  expect([queue.take(), queue.offer(4), queue.take(), queue.take(), queue.take()]).toEqual([1, true, 2, 4, undefined])
})

test('back-off doubles up to its ceiling, half of it random', () => {
  const limits = { baseMs: 1000, maxMs: 60_000 }
  expect([backoffMs(1, 0, limits), backoffMs(3, 0, limits), backoffMs(3, 0.999, limits), backoffMs(40, 0.5, limits)]).toEqual([500, 2000, 3998, 45_000])
})

test('text that would move a cursor or reverse a line is shown as what it is', () => {
  expect(printable('\u061ca\u200eb\u200f')).toBe('\\u{61c}a\\u{200e}b\\u{200f}')
  expect(printable('a\u001b[2Jb\u202ec\nd\te')).toBe('a\\x1b[2Jb\\u{202e}c\\x0ad\te')
  expect(cut('abcdef', 4)).toBe('abc…')
  expect(cut('ab😀d', 4)).toBe('ab…')
})

test('bytes that are not UTF-8 are read as latin-1 and say so', () => {
  expect(decodeText(Buffer.from('ü'))).toEqual({ text: 'ü', isUtf8: true })
  expect(decodeText(Buffer.from([0x66, 0xfc]))).toEqual({ text: 'fü', isUtf8: false })
})

test('a misspelt word finds its neighbour, a strange one finds none', () => {
  expect(didYouMean('retension', ['retention', 'segment_size'])).toBe('retention')
  expect(didYouMean('xyz', ['retention'])).toBeUndefined()
})

test('the session hash is that of the shell: echo "tch-001:1763820000" | sha256sum | cut -c1-6', () => {
  expect(sessionHash('tch-001', 1_763_820_000)).toBe('2de71b')
})

test.for([['err', 3], ['ERROR', 3], ['warn', 4], ['7', 7], ['8', undefined], ['loud', undefined]] as const)('severity %s is %s', ([word, code]) => expect(severityCode(word)).toBe(code))
test.for([['kern', 0], ['local7', 23], ['24', undefined]] as const)('facility %s is %s', ([word, code]) => expect(facilityCode(word)).toBe(code))
