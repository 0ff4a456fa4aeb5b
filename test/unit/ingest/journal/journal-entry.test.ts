import { expect, test } from 'vitest'
import { parseOne } from '#ingest/index.ts'
import { renderJournalEntry } from '../../../../src/ingest/journal-entry.ts'

const render = (fields: Readonly<Record<string, string>>): string =>
  Buffer.from(renderJournalEntry(Object.entries(fields).map(([name, value]) => ({ name, value: Buffer.from(value, 'latin1') })))).toString('latin1')

test.for<[string, Record<string, string>, string]>([
  [
    'a service',
    { __CURSOR: 's=1', __REALTIME_TIMESTAMP: '1763817699123456', _BOOT_ID: 'b1', PRIORITY: '3', SYSLOG_FACILITY: '10', SYSLOG_IDENTIFIER: 'sshd', _COMM: 'sshd-session', _PID: '812', _HOSTNAME: 'tch-001', MESSAGE: 'no', UNIT: 'x' },
    '<83>1 2025-11-22T13:21:39.123456Z tch-001 sshd 812 - [journal@32473 _BOOT_ID="b1" _COMM="sshd-session" UNIT="x"] no',
  ],
  ['the time of the source comes before that of receipt', { __REALTIME_TIMESTAMP: '1763817699123456', _SOURCE_REALTIME_TIMESTAMP: '1763817698000001', MESSAGE: 'x' }, '<14>1 2025-11-22T13:21:38.000001Z - - - - - x'],
  ['the kernel', { _TRANSPORT: 'kernel', PRIORITY: '6', SYSLOG_IDENTIFIER: 'kernel', _SOURCE_MONOTONIC_TIMESTAMP: '12345678', MESSAGE: 'usb 1-1: new' }, '<6>1 - - kernel - - [journal@32473 _TRANSPORT="kernel" _SOURCE_MONOTONIC_TIMESTAMP="12345678"] [   12.345678] usb 1-1: new'],
  ['the kernel in its first second', { _TRANSPORT: 'kernel', _SOURCE_MONOTONIC_TIMESTAMP: '0', MESSAGE: 'Linux version 6' }, '<6>1 - - kernel - - [journal@32473 _TRANSPORT="kernel" _SOURCE_MONOTONIC_TIMESTAMP="0"] [    0.000000] Linux version 6'],
  ['a program that claims to be the kernel is not', { SYSLOG_FACILITY: '0', SYSLOG_IDENTIFIER: 'kernel', MESSAGE: 'x' }, '<14>1 - - kernel - - - x'],
  ['no identifier: the command', { _COMM: 'cron', _PID: '1', SYSLOG_PID: '1', MESSAGE: 'x' }, '<14>1 - - cron 1 - [journal@32473 SYSLOG_PID="1"] x'],
  ['a message id', { MESSAGE_ID: '39f53479d3a045ac8e11786248231fbf', MESSAGE: 'x' }, '<14>1 - - - - 39f53479d3a045ac8e11786248231fbf - x'],
  ['odd values', { PRIORITY: '9', SYSLOG_FACILITY: '77', _HOSTNAME: 'a b', SYSLOG_IDENTIFIER: 'x'.repeat(60), __REALTIME_TIMESTAMP: 'soon', A: 'a"b]c\\d', MESSAGE: 'x' }, `<14>1 - a?b ${'x'.repeat(48)} - - [journal@32473 A="a\\"b\\]c\\\\d"] x`],
  ['no text', { UNIT: 'x' }, '<14>1 - - - - - [journal@32473 UNIT="x"] '],
  ['fields without end: those that journald vouches for are kept', { ...Object.fromEntries(Array.from({ length: 20 }, (_, n) => [`F${n}`, 'f'.repeat(2000)])), _UID: '0', MESSAGE: 'x' }, `<14>1 - - - - - [journal@32473 _UID="0"${Array.from({ length: 7 }, (_, n) => ` F${n}="${'f'.repeat(1024)}"`).join('')}] x`],
])('%s', ([, fields, expected]) => {
  expect(render(fields)).toBe(expected)
})

test('a time beyond the calendar is no time', () => {
  expect(render({ __REALTIME_TIMESTAMP: '9'.repeat(18), MESSAGE: 'x' })).toMatch(/^<14>1 - /)
})

test('the frame is read as what it was: an entry of a journal', () => {
  const frame = renderJournalEntry(Object.entries({ _TRANSPORT: 'kernel', _SOURCE_MONOTONIC_TIMESTAMP: '12345678', _HOSTNAME: 'tch-001', MESSAGE: 'two\nlines' }).map(([name, value]) => ({ name, value: Buffer.from(value) })))
  const row = parseOne(frame, 0, 'journal')
  expect(row).toMatchObject({ format: 'journal', facility: 'kern', host: 'tch-001', app: 'kernel', printkUs: 12_345_678, text: '[   12.345678] two\nlines' })
  expect(row.hints).toEqual(['printkClock', 'kernel'])
})
