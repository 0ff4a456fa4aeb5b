import { expect, test } from 'vitest'
import { accountsFor, createDatagrams } from '../../../fixtures/ingest/datagrams.ts'

const rowsOf = (way: ReturnType<typeof createDatagrams>) => way.rows().map(({ raw, format, faults }) => [raw, format, faults.includes('joined')])

test.for<[string, string[], [string, string, boolean][]]>([
  ['one line', ['[   12.345678] usb 1-1: new device\n'], [['[   12.345678] usb 1-1: new device\n', 'netconsole', false]]],
  ['several lines in one datagram', ['a\nb\nc\n'], [['a\n', 'netconsole', false], ['b\n', 'netconsole', false], ['c\n', 'netconsole', false]]],
  ['one line in three datagrams', ['[    1.0] Freeing ', 'unused', ' memory\n'], [['[    1.0] Freeing unused memory\n', 'netconsole', true]]],
  ['the end of one and the beginning of the next', ['a', 'b\nc', 'd\n'], [['ab\n', 'netconsole', true], ['cd\n', 'netconsole', true]]],
  ['an empty line', ['\n'], [['\n', 'netconsole', false]]],
  ['a line that stays without its newline', ['Kernel panic - not'], [['Kernel panic - not', 'netconsole', false]]],
  ['syslog on this port', ['<13>app: text'], [['<13>app: text', 'rfc3164', false]]],
  ['a record on this port', ['6,339,5140900,-;NET: x\n'], [['6,339,5140900,-;NET: x\n', 'kmsg', false]]],
  ['brackets that are no priority', ['<IRQ>\n', '<1234> x\n'], [['<IRQ>\n', 'netconsole', false], ['<1234> x\n', 'netconsole', false]]],
  ['bytes that are nothing', ['\x00\xff\xfe'], [['\x00\xff\xfe', 'netconsole', false]]],
])('a console: %s', ([, datagrams, expected]) => {
  const way = createDatagrams()
  for (const datagram of datagrams) way.sendToConsole(Buffer.from(datagram, 'latin1'))
  way.tick()
  way.tick()
  expect(rowsOf(way)).toEqual(expected)
  const { received, accounted } = accountsFor(way.counters)
  expect(accounted).toBe(received)
})

test('a line of the console has the kernel\'s clock, name and facility', () => {
  const way = createDatagrams()
  way.sendToConsole('[   12.345678][    T1] Linux version 6.1.0\n')
  expect(way.rows()).toMatchObject([{ app: 'kernel', facility: 'kern', severity: 'notice', printkUs: 12_345_678, text: '[   12.345678][    T1] Linux version 6.1.0', faults: ['no-priority', 'no-host'] }])
  expect(way.rows()[0]!.hints.toSorted()).toEqual(['kernel', 'kernelBanner', 'printkClock'])
})

test('a line that never ends is written when it reaches the frame limit, and nothing of it is lost', () => {
  const way = createDatagrams({ maxFrameBytes: 100 })
  for (let i = 0; i < 30; i++) way.sendToConsole('0123456789')
  way.tick()
  way.tick()
  const rows = way.rows()
  expect(rows.map(({ raw }) => raw).join('')).toBe('0123456789'.repeat(30))
  expect(rows.every(({ raw }) => raw.length <= 100)).toBe(true)
  const { received, accounted } = accountsFor(way.counters)
  expect(accounted).toBe(received)
})

test('lines that find no free batch are counted, each', () => {
  const way = createDatagrams()
  way.isOut = true
  way.sendToConsole('a\nb\nc\n')
  way.isOut = false
  way.sendToConsole('d\n')
  expect(way.rows().map(({ text }) => text)).toEqual(['d'])
  expect(way.counters.get('dropped-no-free-batch')).toBe(3)
  const { received, accounted } = accountsFor(way.counters)
  expect(accounted).toBe(received)
})
