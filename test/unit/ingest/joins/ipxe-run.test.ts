import { expect, test } from 'vitest'
import { accountsFor, createDatagrams } from '../../../fixtures/ingest/datagrams.ts'

const HEADER = '<6>tch-001.s-a1b2c3d4e5f6 ipxe: '
const FULL = 'LONG-0123456789-0123456789-0123456789-0123456789-0123456789-0123456789-0123456789-0123456789-0123456789-0123456789-0123456789-0'
const full = (letter: string): string => letter.repeat(127)
const texts = (datagrams: ReturnType<typeof createDatagrams>) => datagrams.rows().map(({ text, faults }) => [text, faults.filter((fault) => fault !== 'no-host').join(' ')])

test.for<[string, string[], [string, string][]]>([
  ['a line of 141 characters, as captured', [HEADER + FULL, `${HEADER}123456789-TAIL`], [[`${FULL}123456789-TAIL`, 'joined']]],
  ['a line of exactly 127 characters is ended by an empty one', [HEADER + full('a'), HEADER], [[full('a'), 'joined']]],
  ['a line of 254 characters and an empty end', [HEADER + full('a'), HEADER + full('b'), HEADER], [[full('a') + full('b'), 'joined']]],
  ['a line without a host', [`<6>ipxe: ${full('a')}`, '<6>ipxe: b'], [[`${full('a')}b`, 'joined']]],
  ['a character that was cut in two is whole again', [`${HEADER}${full('a').slice(1)}\xc3`, `${HEADER}\xa4`], [[`${full('a').slice(1)}ä`, 'joined']]],
  ['another header ends the run: its rest was lost', ['<6>a ipxe: ' + full('a'), '<6>b ipxe: other'], [[full('a'), 'piece-missing'], ['other', '']]],
  ['another full line with another header', ['<6>a ipxe: ' + full('a'), '<6>b ipxe: ' + full('b'), '<6>b ipxe: end'], [[full('a'), 'piece-missing'], [`${full('b')}end`, 'joined']]],
  ['a line of 126 characters is whole', [HEADER + full('a').slice(1)], [[full('a').slice(1), '']]],
  ['a text with a newline behind it was not cut by iPXE', [`${HEADER}${full('a')}\n`, `${HEADER}b`], [[full('a'), ''], ['b', '']]],
  ['what others say in between stays apart', [HEADER + full('a'), '<13>app: in between', `${HEADER}b`], [['in between', 'no-timestamp'], [`${full('a')}b`, 'joined']]],
])('iPXE: %s', ([, datagrams, expected]) => {
  const way = createDatagrams()
  for (const datagram of datagrams) way.send(Buffer.from(datagram, 'latin1'))
  expect(texts(way)).toEqual(expected)
  const { received, accounted } = accountsFor(way.counters)
  expect(accounted).toBe(received)
})

test('the bytes that are kept are one header and all texts, and the label and the time of the first are the line\'s', () => {
  const way = createDatagrams()
  way.send(HEADER + FULL)
  way.nowMs += 30
  way.send(`${HEADER}123456789-TAIL`)
  expect(way.rows()).toMatchObject([{ raw: `${HEADER}${FULL}123456789-TAIL`, receivedMs: 1000, label: 'a1b2c3d4e5f6', host: 'tch-001', format: 'ipxe' }])
})

test('a rest that does not come is waited for two ticks and no longer; what comes then stands alone', () => {
  const way = createDatagrams()
  way.send(HEADER + full('a'))
  way.tick()
  expect(way.rows()).toEqual([])
  expect(way.counters.get('lines-held')).toBe(1)
  way.tick()
  way.send(`${HEADER}late`)
  expect(texts(way)).toEqual([[full('a'), 'piece-missing'], ['late', '']])
  expect(way.counters.get('pieces-missing')).toBe(1)
  expect(way.counters.get('lines-held')).toBe(0)
  expect(way.counters.get('lines-held-bytes')).toBe(0)
})

test('pieces of two senders are not mixed', () => {
  const way = createDatagrams()
  way.send(HEADER + full('a'), '10.0.0.1')
  way.send(HEADER + full('b'), '10.0.0.2')
  way.send(`${HEADER}1`, '10.0.0.1')
  way.send(`${HEADER}2`, '10.0.0.2')
  expect(way.rows().map(({ text, address }) => [text, address])).toEqual([[`${full('a')}1`, '10.0.0.1'], [`${full('b')}2`, '10.0.0.2']])
})

test('a run without an end is written when it reaches the frame limit', () => {
  const way = createDatagrams({ maxFrameBytes: 1000 })
  for (let i = 0; i < 20; i++) way.send(HEADER + full(String(i % 10)))
  way.tick()
  way.tick()
  const rows = way.rows()
  expect(rows.map(({ raw }) => raw.length).every((length) => length <= 1000)).toBe(true)
  expect(rows.map(({ text }) => text).join('')).toBe(Array.from({ length: 20 }, (_, i) => full(String(i % 10))).join(''))
  expect(rows.every(({ faults }) => faults.includes('piece-missing') && !faults.includes('truncated'))).toBe(true)
  const { received, accounted } = accountsFor(way.counters)
  expect(accounted).toBe(received)
})

test('a line that is whole while no batch is free is written when there is one again', () => {
  const way = createDatagrams({ batchRows: 8, batchBytes: 512 })
  way.send('<13>fill: '.padEnd(300, 'x'))
  way.send(HEADER + full('a'))
  way.send(HEADER + full('b'))
  way.isOut = true
  way.send(`${HEADER}end`) // has room itself, the line of it all has not
  expect(way.counters.get('lines-held')).toBe(1)
  way.isOut = false
  way.tick()
  way.tick()
  expect(way.rows().map(({ text }) => text)).toContain(`${full('a')}${full('b')}end`)
  expect(way.counters.get('pieces-missing')).toBe(0)
  const { received, accounted } = accountsFor(way.counters)
  expect(accounted).toBe(received)
})
