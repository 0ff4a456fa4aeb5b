import { expect, test } from 'vitest'
import type { StoredMessage } from '#domain/message.ts'
import { sinceBoot } from '#domain/since-boot.ts'

const BOOT_MS = Date.UTC(2026, 10, 22, 14)
const message = (given: Partial<StoredMessage>): StoredMessage => ({
  seq: 1, receivedMs: BOOT_MS + 100_000, sentMs: undefined, facility: 'user', severity: 'notice', host: 'h', app: 'app', procid: '', msgid: '', structuredData: '', text: 'hello', label: '',
  raw: new Uint8Array(), format: 'rfc5424', faults: [], sourceId: 1, nodeId: 1, sessionId: 1, method: 'lease', confidence: 90, ...given,
})

test.for<[string, Partial<StoredMessage>, number | undefined, number, string]>([
  ['the kernel’s clock, whatever the stamps say', { facility: 'kern', text: '[   12.345678] eth0: up', sentMs: BOOT_MS + 90_000 }, undefined, 12_346, 'kernel'],
  ['the kernel’s clock of a kmsg record', { format: 'kmsg', raw: Buffer.from('6,339,5140900,-;NET: up'), text: 'NET: up' }, undefined, 5141, 'kernel'],
  ['a kmsg record without a clock', { format: 'kmsg', raw: Buffer.from('6,339'), text: '6,339' }, undefined, 100_000, 'received'],
  ['no clock where a program prints one', { text: '[   12.345678] eth0: up' }, undefined, 100_000, 'received'],
  ['a fresh stamp', { sentMs: BOOT_MS + 98_500 }, undefined, 98_500, 'sent'],
  ['a stamp of a clock that is known to be ahead', { sentMs: BOOT_MS + 3_698_500 }, 3_600_000, 98_500, 'sent'],
  ['a stamp of a clock that is ahead and not known to be', { sentMs: BOOT_MS + 3_698_500 }, undefined, 100_000, 'received'],
  ['an old stamp with its zone: a queue', { receivedMs: BOOT_MS + 7_200_000, sentMs: BOOT_MS + 20_000 }, -500, 20_500, 'sent'],
  ['an old stamp without a zone', { receivedMs: BOOT_MS + 7_200_000, sentMs: BOOT_MS + 20_000, faults: ['no-zone'] }, undefined, 7_200_000, 'received'],
  ['a fresh stamp without a zone that was set right', { sentMs: BOOT_MS + 99_000, faults: ['no-zone'] }, undefined, 99_000, 'sent'],
  ['a stamp from before the boot', { sentMs: BOOT_MS - 86_400_000 }, undefined, 100_000, 'received'],
  ['1970', { sentMs: 5000 }, undefined, 100_000, 'received'],
  ['a clock that is marked as never set', { sentMs: BOOT_MS + 99_000, faults: ['clock-not-set'] }, undefined, 100_000, 'received'],
])('%s', ([, given, clockOffsetMs, ms, by]) => {
  expect(sinceBoot(message(given), { bootMs: BOOT_MS, clockOffsetMs })).toEqual({ ms, by })
})
