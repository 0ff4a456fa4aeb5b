import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { DEVIATIONS, DIALECTS } from '#domain/dialects.ts'
import { FORMATS, PARSE_FAULTS, type Format, type ParseFault } from '#domain/message.ts'
import { OTHER_FORMS, type Source } from '#domain/source.ts'
import { createSourcesPart } from '../../../src/app/parts/sources.ts'
import { openRecords } from '../../../src/app/records.ts'

const NOW_MS = Date.UTC(2026, 10, 22, 14)
const HOUR_MS = 3_600_000
const bits = (...faults: readonly ParseFault[]) => faults.reduce((all, fault) => all | (1 << PARSE_FAULTS.indexOf(fault)), 0)
const source = (id: number, given: Partial<Source> = {}): Source => ({
  id, address: `10.0.0.${id}`, transport: 'udp', listener: 'udp', certificate: '', roles: ['node'], firstSeenMs: NOW_MS - HOUR_MS, lastSeenMs: NOW_MS, messages: 100, faulty: 3, conflicts: 0, rate: 0.5, clock: undefined, ...given,
})

function open() {
  const records = openRecords(join(mkdtempSync(join(tmpdir(), 'hps-sources-')), 'hub.db'))
  const asked: string[] = []
  const part = createSourcesPart({
    records, clock: () => NOW_MS, config: [{ address: '10.0.0.9', roles: [], zone: 'Europe/Berlin' }],
    writer: { ask: async (command) => (asked.push(command.kind), { kind: 'reply', id: 1, ok: true }) as never },
    message: async (seq) => (seq === 404 ? undefined : ({ seq, text: `line ${seq}` }) as never),
  })
  const form = (sourceId: number, format: Format | 'other', faults: number, messages: number, lastSeq = messages) =>
    records.sources.saveForm({ sourceId, format: format === 'other' ? OTHER_FORMS : FORMATS.indexOf(format), faults, messages, firstMs: NOW_MS - HOUR_MS, lastMs: NOW_MS, lastSeq })
  return { records, part, form, asked }
}

test('a sender is shown with its dialects, what is wrong most, its rate and its clock, as of now', async () => {
  const { records, part, form, asked } = open()
  records.sources.save(source(1, { clock: { offsetMs: -1500, confirmedMs: NOW_MS } }))
  form(1, 'rfc3164', bits('no-year', 'no-zone'), 90)
  form(1, 'rfc5424', bits('bad-utf8'), 7)
  form(1, 'rfc5424', bits('bad-structured-data', 'bad-utf8'), 3)
  expect(await part.list()).toMatchObject([{
    address: '10.0.0.1', dialects: [{ name: 'rfc3164', share: 0.9 }, { name: 'rfc5424', share: 0.1 }], worst: { name: 'bad-utf8', share: 0.1 },
    clock: { offset_ms: -1500, confirmed: '2026-11-22T14:00:00.000Z' }, per_minute: 30, mean_per_minute: 1.667,
  }])
  expect(asked).toEqual(['flush'])
})

test.for<[string, readonly (readonly [Format, number])[], { readonly id?: number; readonly learnedMs?: number }, { readonly name: string | null; readonly by: string }]>([
  ['configured, whatever was learned', [['rfc3164', bits('no-zone')]], { id: 9, learnedMs: HOUR_MS }, { name: 'Europe/Berlin', by: 'configured' }],
  ['learned', [['rfc3164', bits('no-zone')], ['rfc5424', 0]], { learnedMs: -3.5 * HOUR_MS }, { name: '-03:30', by: 'learned' }],
  ['said by each stamp', [['rfc5424', 0], ['rfc3164', bits('no-timestamp')]], {}, { name: null, by: 'stated' }],
  ['not known', [['rfc5424', 0], ['cisco-ios', bits('unknown-zone')]], {}, { name: null, by: 'unknown' }],
  ['nothing to know', [['raw', bits('no-timestamp', 'no-host')], ['cisco-ios', bits('uptime-stamp')]], {}, { name: null, by: 'no-stamps' }],
])('the zone is %s', async ([, forms, { id = 1, learnedMs }, expected]) => {
  const { records, part, form } = open()
  records.sources.save(source(id))
  for (const [format, faults] of forms) form(id, format, faults, 5)
  if (learnedMs !== undefined) records.sources.saveZone({ sourceId: id, host: '', offsetMs: learnedMs, sinceMs: NOW_MS, confirmedMs: NOW_MS })
  expect((await part.list())[0]!.zone).toEqual(expected)
})

test('one sender is shown with every form, the sentences of the catalogue, and samples that are still stored', async () => {
  const { records, part, form } = open()
  records.sources.save(source(1))
  form(1, 'rfc3164', bits('no-year'), 75, 7)
  form(1, 'other', 0, 25, 404)
  records.sources.saveZone({ sourceId: 1, host: 'tokyo', offsetMs: 9 * HOUR_MS, sinceMs: NOW_MS, confirmedMs: NOW_MS })
  const found = await part.source('1')
  expect(found.forms).toMatchObject([
    { format: 'rfc3164', means: DIALECTS.rfc3164, deviations: [{ name: 'no-year', ...DEVIATIONS['no-year'] }], messages: 75, share: 0.75, last_seq: 7, sample: { seq: 7 } },
    { format: 'other', deviations: [], messages: 25, sample: null },
  ])
  expect(found.zones).toEqual([{ host: 'tokyo', zone: '+09:00', since: '2026-11-22T14:00:00.000Z', confirmed: '2026-11-22T14:00:00.000Z' }])
  expect(await part.source('10.0.0.1')).toEqual(found)
})

test('an address that sends in several ways is answered with the choice, one that nobody has with not-found', async () => {
  const { records, part } = open()
  records.sources.save(source(1))
  records.sources.save(source(2, { address: '10.0.0.1', transport: 'tcp', listener: 'tcp' }))
  records.sources.save(source(3, { address: '2001:db8::1' }))
  await expect(part.source('10.0.0.1')).rejects.toMatchObject({ code: 'ambiguous', detail: { choices: [{ id: 1, transport: 'udp' }, { id: 2, transport: 'tcp' }] } })
  expect(await part.source('2001:DB8:0::1')).toMatchObject({ id: 3, forms: [], zones: [], node: null, worst: null })
  for (const name of ['10.0.0.5', '77', 'nonsense', '*']) await expect(part.source(name)).rejects.toMatchObject({ code: 'not-found' })
})

test('a young sender is not shown as slow, and a silent one fades', async () => {
  const { records, part } = open()
  const rate = 600 / 300 // 600 messages within the first moments
  records.sources.save(source(1, { firstSeenMs: NOW_MS - 60_000, rate: rate * Math.exp(-0.1), messages: 600 }))
  records.sources.save(source(2, { lastSeenMs: NOW_MS - HOUR_MS, rate }))
  const [young, silent] = (await part.list()).toSorted((a, b) => a.id - b.id)
  expect(young!.per_minute).toBeGreaterThan(500)
  expect(silent!.per_minute).toBeLessThan(0.01)
})
