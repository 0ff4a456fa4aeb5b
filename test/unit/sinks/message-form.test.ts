import fc from 'fast-check'
import { expect, test } from 'vitest'
import { span, type Batch } from '#domain/batch.ts'
import { parseOne } from '#ingest/index.ts'
import { goldenCases } from '../../fixtures/ingest/golden-case.ts'
import { forwarded, HUB_ID, NAMES, OWN_ELEMENT, receivedBatch } from '../../support/forwarded.ts'
import { fieldsOf } from '../../../src/ingest/parse/parse-one.ts'
import type { FrameRow } from '../../../src/ingest/parse/parser.ts'

const NOON_MS = Date.UTC(2026, 10, 22, 12)
const textOf = (frame: string | Buffer): string => forwarded(receivedBatch(Buffer.from(frame as string), { receivedMs: NOON_MS }))!.toString('latin1')
const ascii = (bytes: Uint8Array, max: number): string => Buffer.from(bytes).toString('latin1').replace(/[^!-~]/g, '?').slice(0, max)

/** RFC 5424 section 6, as a whole, whatever is in the values and in MSG. */
const HEADER = /^<(?:\d|[1-9]\d|1[0-8]\d|19[01])>1 \d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,6})?(?:Z|[+-]\d\d:\d\d) [!-~]{1,255} [!-~]{1,48} [!-~]{1,128} [!-~]{1,32} (?:\[[!#-<>-\\^-~]{1,32}(?: [!#-<>-\\^-~]{1,32}="(?:[^"\\\]]|\\[^])*")*\])+(?: [^]*)?$/

function expectSame(batch: Batch): void {
  const was = fieldsOf(batch, 0)
  const frame = forwarded(batch)!
  expect(frame.toString('latin1')).toMatch(HEADER)
  const is = parseOne(frame, NOON_MS)
  expect(is.format).toBe('rfc5424')
  expect([is.facility, is.severity]).toEqual([was.facility, was.severity])
  expect(is.sentMs).toBe(was.sentMs ?? NOON_MS)
  expect(is.text).toBe(was.text)
  expect(is.host).toBe(was.host === '' || was.host === '-' ? 'tch-001' : ascii(span(batch, 0, batch.hostOff[0]!, batch.hostLen[0]!), 255))
  expect(is.faults.filter((fault) => fault !== 'no-app' && fault !== 'bad-utf8' && fault !== 'severity-in-text' && fault !== 'control-characters' && fault !== 'empty' && fault !== 'repeated' && fault !== 'no-host')).toEqual([])
}

test.for(goldenCases().map((golden) => [golden.name, golden] as const))('%s can be read by anybody, and says the same', ([, golden]) => {
  expectSame(receivedBatch(golden.bytes, { receivedMs: NOON_MS, form: golden.directive('form') as FrameRow['form'] | undefined }))
})

test('whatever bytes come, what is sent is RFC 5424 and says the same', () => {
  const word = fc.constantFrom('<13>', '<191>1 ', '2026-11-22T10:00:00Z ', 'Nov 22 10:00:00 ', 'host ', '- ', '[a b="c', '"]', '] ', '[hps@32473 session="', 'app[7]: ', '[', ' ', '\\', 'text\n', '\u{feff}')
  const bytes = fc.array(fc.oneof(word.map((text) => Buffer.from(text)), fc.uint8Array({ maxLength: 12 }).map((some) => Buffer.from(some))), { maxLength: 14 }).map((parts) => Buffer.concat(parts))
  fc.assert(fc.property(bytes, (frame) => {
    expectSame(receivedBatch(frame, { receivedMs: NOON_MS }))
  }), { numRuns: 2000 })
})

const STAMP = '2026-11-22T10:00:00.123456+01:00'
test.for<[about: string, given: string, sent: string]>([
  ['RFC 5424 keeps its header, stamp and structured data', `<165>1 ${STAMP} host app 42 ID47 [x@1 a="b\\]c"] text`, `<165>1 ${STAMP} host app 42 ID47 [hps@32473 session="a1b2c3"][x@1 a="b\\]c"]${OWN_ELEMENT()} text`],
  ['a label that has a session is kept', `<14>1 ${STAMP} host app - - [hps@32473 session="ffffff" seq="17"] text`, `<14>1 ${STAMP} host app - - [hps@32473 session="ffffff" seq="17"]${OWN_ELEMENT()} text`],
  ['a label without a session is completed', `<14>1 ${STAMP} host app - - [hps@32473 seq="17"] text`, `<14>1 ${STAMP} host app - - [hps@32473 session="a1b2c3" seq="17"]${OWN_ELEMENT()} text`],
  ['what the hub before said goes, but for its name', `<14>1 ${STAMP} host app - - [hub@32473 path="fedcba9876543210" node="x" seq="1"] text`, `<14>1 ${STAMP} host app - - [hps@32473 session="a1b2c3"]${OWN_ELEMENT(`fedcba9876543210 ${HUB_ID}`)} text`],
  ['RFC 3164 is made anew', '<13>Nov 22 10:00:00 host app[7]: text', `<13>1 2026-11-22T10:00:00.000Z host app 7 - [hps@32473 session="a1b2c3"]${OWN_ELEMENT()} text`],
  ['without a host it is the node, without a time the receipt', 'only text', `<13>1 2026-11-22T12:00:00.000Z tch-001 - - - [hps@32473 session="a1b2c3"]${OWN_ELEMENT()} only text`],
  ['a bracket that lacks its backslash gets it', `<14>1 ${STAMP} host app - - [x@1  a="b]c"] text`, `<14>1 ${STAMP} host app - - [hps@32473 session="a1b2c3"][x@1 a="b\\]c"]${OWN_ELEMENT()} text`],
  ['fields are as long as they may be', `<14>1 ${STAMP} h app${'p'.repeat(60)} - ${'m'.repeat(40)} - text`, `<14>1 ${STAMP} h app${'p'.repeat(45)} - ${'m'.repeat(32)} [hps@32473 session="a1b2c3"]${OWN_ELEMENT()} text`],
])('%s', ([, given, sent]) => {
  expect(textOf(given)).toBe(sent)
})

test('structured data that cannot be read is a value', () => {
  expect(textOf(`<14>1 ${STAMP} host app - - [x@1 a=b] text`)).toContain('count="5" structured_data="[x@1 a=b\\]"] text')
})

test('what a kernel says of a device are parameters', () => {
  expect(textOf('6,1234,5678,-;text\n SUBSYSTEM=pci\n DEVICE=+pci:"x"\n')).toContain('[kernel@32473 SUBSYSTEM="pci" DEVICE="+pci:\\"x\\""]')
})

test('a session without a hash is not named, and a sender without a name by its address', () => {
  const batch = receivedBatch(Buffer.from('text'), { receivedMs: NOON_MS })
  batch.node[0] = 0
  expect(forwarded(batch, { names: { ...NAMES, session: () => '#7' } })!.toString()).toBe('<13>1 2026-11-22T12:00:00.000Z 10.0.0.7 - - - [hub@32473 path="0123456789abcdef" seq="4711" stream="89abcdef" count="5"] text')
})

test.for<[about: string, path: string, isSent: boolean]>([
  ['what came through another hub is forwarded', 'fedcba9876543210', true],
  ['what came through this hub is not', `fedcba9876543210 ${HUB_ID} aaaaaaaaaaaaaaaa`, false],
  ['what came through eight is not', Array.from({ length: 8 }, (_, i) => `aaaaaaaaaaaaaaa${i}`).join(' '), false],
])('%s', ([, path, isSent]) => {
  const batch = receivedBatch(Buffer.from(`<14>1 ${STAMP} host app - - [hub@32473 path="${path}"] text`), { receivedMs: NOON_MS })
  expect(forwarded(batch) !== undefined).toBe(isSent)
})

test('a text of 64 KiB is sent whole', () => {
  const text = 'x'.repeat(65_535 - 40)
  expect(textOf(`<13>Nov 22 10:00:00 host app: ${text}`).endsWith(` ${text}`)).toBe(true)
})
