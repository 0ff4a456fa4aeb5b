import { expect, test } from 'vitest'
import { aSyslogConfig, startIngest, until } from '../../fixtures/ingest/fake-writer.ts'

const quiet = { listeners: [] }

async function takeIn(form: 'lines' | 'ndjson', body: string | Buffer) {
  const ingest = await startIngest(aSyslogConfig({ ...quiet, max_frame: '1KiB' }))
  ingest.command({ kind: 'http', id: 1, address: '10.1.2.3', form, bytes: Buffer.from(body) })
  await until(() => ingest.writer.receipts.length === 1)
  return { rows: ingest.writer.rows, receipt: ingest.writer.receipts[0]!, ingest }
}

test('lines: syslog where a line has a priority, else text; empty lines are none', async () => {
  const { rows, receipt } = await takeIn('lines', '<14>1 2026-11-22T13:21:39Z tch-001 app 7 - - hello\r\n\nplain words 42\n\r\n<13>last: without an end')
  expect(receipt).toEqual({ id: 1, messages: 3, cut: 0 })
  expect(rows.map(({ format, text }) => ({ format, text }))).toEqual([
    { format: 'rfc5424', text: 'hello' },
    { format: 'line', text: 'plain words 42' },
    { format: 'rfc3164', text: 'without an end' },
  ])
  expect(rows[1]).toMatchObject({ facility: 'user', severity: 'notice', faults: [], source: { address: '10.1.2.3', transport: 'http', listener: 'http' } })
})

test('lines: one that is too long is cut and the receipt says so', async () => {
  const { rows, receipt } = await takeIn('lines', `${'x'.repeat(1500)}\nshort\n`)
  expect(receipt).toEqual({ id: 1, messages: 2, cut: 1 })
  expect(rows[0]!.raw).toHaveLength(1024)
  expect(rows[0]!.faults).toEqual(['truncated'])
})

test('an empty body gets its receipt too', async () => {
  const { rows, receipt } = await takeIn('lines', '\n\n')
  expect(receipt).toEqual({ id: 1, messages: 0, cut: 0 })
  expect(rows).toEqual([])
})

test('ndjson: members become fields, unknown ones structured data', async () => {
  const object = { message: 'disk "sda"\nfailed', severity: 'error', facility: 'daemon', app: 'smartd', host: 'tch-001', procid: 12, msgid: 'ID1', time: '2026-11-22T14:21:39+01:00', session: 'a1b2c3', 'te mp': 41.5, tag: 'a]b"c' }
  const { rows } = await takeIn('ndjson', JSON.stringify(object))
  expect(rows[0]).toMatchObject({
    format: 'ndjson', facility: 'daemon', severity: 'err', app: 'smartd', host: 'tch-001', procid: '12', msgid: 'ID1', label: 'a1b2c3',
    sentMs: Date.UTC(2026, 10, 22, 13, 21, 39),
    text: 'disk "sda"\nfailed',
    structuredData: '[hps@32473 session="a1b2c3"][json@32473 te_mp="41.5" tag="a\\]b\\"c"]',
    faults: ['control-characters'],
  })
})

test.for([
  { line: '{"msg":"m","time":1795353699}', sentMs: 1_795_353_699_000 },
  { line: '{"text":"m","time":1795353699123}', sentMs: 1_795_353_699_123 },
  { line: '{"message":"m","time":"yesterday"}', sentMs: undefined },
  { line: '{"message":"m","severity":9,"facility":"nonsense","host":"a b\\u00e9"}', sentMs: undefined },
])('ndjson: $line is a message', async ({ line, sentMs }) => {
  const { rows } = await takeIn('ndjson', line)
  expect(rows[0]).toMatchObject({ format: 'ndjson', facility: 'user', severity: 'notice', text: 'm', sentMs })
})

test.for([
  ['a stage beside the session', { session: 'a1b2c3', stage: 'packages' }, '[hps@32473 session="a1b2c3" stage="packages"]'],
  ['a stage alone', { stage: 'os.ready' }, '[hps@32473 stage="os.ready"]'],
  ['words that are neither', { session: 'tuesday', stage: 'lunch' }, '[json@32473 session="tuesday" stage="lunch"]'],
] as const)('ndjson: %s', async ([, members, structuredData]) => {
  const { rows } = await takeIn('ndjson', JSON.stringify({ message: 'm', ...members }))
  expect(rows[0]).toMatchObject({ structuredData })
})

test.for(['{"message":"cut off', '[1,2]', '42', 'null', '{"severity":"err"}', '{"message":null}'])('ndjson: %s is kept as it is, with a fault', async (line) => {
  const { rows, receipt } = await takeIn('ndjson', `${line}\n{"message":"next"}\n`)
  expect(receipt.messages).toBe(2)
  expect(rows[0]).toMatchObject({ format: 'raw', text: line, faults: ['bad-structured-data'] })
  expect(rows[1]).toMatchObject({ format: 'ndjson', text: 'next' })
})

test('the hub\'s own frames come from the source `hub`', async () => {
  const ingest = await startIngest(aSyslogConfig(quiet))
  ingest.command({ kind: 'hub', bytes: Buffer.from('<46>1 2026-11-22T13:21:39Z ips-01 hps-hub 7 - - started\n<46>1 2026-11-22T13:21:39Z ips-01 hps-hub 7 - - ready\n') })
  await until(() => ingest.writer.rows.length === 2)
  expect(ingest.writer.rows[1]).toMatchObject({ app: 'hps-hub', text: 'ready', source: { address: 'hub', transport: 'internal' } })
  expect(ingest.writer.receipts).toEqual([])
})

test('ndjson: a line that fits no frame is kept as it is and not read, however deep it is', async () => {
  const { rows, receipt } = await takeIn('ndjson', `{"msg":${'['.repeat(50_000)}${']'.repeat(50_000)}}\n{"msg":"next"}\n`)
  expect(receipt).toEqual({ id: 1, messages: 2, cut: 1 })
  expect(rows[0]!.faults).toContain('truncated')
  expect(rows[0]!.format).not.toBe('ndjson')
  expect(rows[1]).toMatchObject({ format: 'ndjson', text: 'next' })
})

test('a large body leaves the sockets their turn, and is taken in whole', async () => {
  const ingest = await startIngest(aSyslogConfig(quiet))
  ingest.command({ kind: 'http', id: 1, address: '10.1.2.3', form: 'lines', bytes: Buffer.from('a line of plain text\n'.repeat(20_000)) })
  expect(ingest.counters.get('messages-http')).toBeLessThan(20_000)
  expect(ingest.counters.get('bodies-waiting')).toBe(1)
  await ingest.stop()
  expect(ingest.writer.rows).toHaveLength(20_000)
  expect(ingest.writer.receipts).toEqual([{ id: 1, messages: 20_000, cut: 0 }])
})
