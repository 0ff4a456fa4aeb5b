import { expect, onTestFinished, test } from 'vitest'
import { createBatch } from '#domain/batch.ts'
import { INGEST_COUNTERS } from '#ingest/index.ts'
import { createLogKeeper, openLogAppender, openLogReader } from '#store/index.ts'
import { createWorkerCounters } from '#telemetry/index.ts'
import { Batcher } from '../../../../src/ingest/batcher.ts'
import { POOL_BATCHES, type SealedBatch } from '../../../../src/ingest/batch-flow.ts'
import { createSender, createSenderTable } from '../../../../src/ingest/sender.ts'
import { testFolder } from '../../../support/store/folder.ts'

const NOON_MS = Date.UTC(2026, 10, 22, 12)
const LINES = 400

test('what a mapping appended is in the app and never in the raw bytes, before sealing and after', () => {
  const directory = testFolder()
  const appender = openLogAppender({ directory, segmentBytes: 1 << 20, sealAfterMs: 1, clock: () => NOON_MS })
  const reader = openLogReader({ directory, watermark: appender.watermark, clock: () => NOON_MS })
  onTestFinished(() => reader.close())
  onTestFinished(() => appender.close())
  const lines = Array.from({ length: LINES }, (_, i) => [`<38>port ${i} up${i % 2 === 0 ? '\n' : ''}`, `<38>fan speed ${i}`, `<38>UPS${i % 3}: on battery`, `<38>nothing for ${i}`, '<38>the word LINK'][i % 5]!)
  const apps = lines.map((line) => (line.includes('port') ? 'link' : line.includes('fan') ? 'speed' : line.includes('LINK') ? 'LINK' : /UPS\d/.exec(line)?.[0] ?? ''))
  const given: SealedBatch[] = []
  const flow = { isQuiet: false, freeBatches: POOL_BATCHES, take: () => createBatch(1024, 1 << 20), give: (sealed: SealedBatch) => void given.push(sealed) }
  const tags = [{ starts: 'port', app: 'link' }, { starts: 'fan', app_word: 2 }, { starts: 'the word', app_word: 3 }]
  const batcher = new Batcher({ flow, senders: createSenderTable(64), counters: createWorkerCounters(INGEST_COUNTERS), clock: () => NOON_MS, maxFrameBytes: 65_535, tags, defer: () => undefined })
  const sender = createSender({ address: '10.1.2.3', transport: 'udp', listener: 'udp' })
  for (const line of lines) batcher.take({ bytes: Buffer.from(line), form: 'syslog' }, sender)
  batcher.flush()
  appender.append(given[0]!.batch)
  appender.sync()
  const stored = () => reader.readAfter(0, LINES).map(({ app, raw }) => [app, Buffer.from(raw).toString()])
  const expected = lines.map((line, i) => [apps[i], line])
  expect(stored()).toEqual(expected)
  appender.rotate()
  expect(createLogKeeper({ directory, watermark: appender.watermark, retentionMs: 1e12, clock: () => NOON_MS }).maintain({ nowMs: NOON_MS })).toMatchObject({ sealedRows: LINES, damaged: [] })
  expect(stored()).toEqual(expected)
})
