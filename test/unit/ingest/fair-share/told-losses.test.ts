import { expect, test } from 'vitest'
import { MAX_LOSING_SENDERS, MAX_SHED_SENDERS } from '../../../../src/ingest/loss-book.ts'
import { MAX_TEMPLATES_PER_SENDER } from '../../../../src/ingest/shed-templates.ts'
import { createFlood, type Flood } from '../../../fixtures/ingest/flood.ts'

const LOUD = '10.0.0.1'
const line = (text: string) => `<14>Nov 22 13:21:39 tch-001 app[7]: ${text}`

/** A hub whose loudest sender has all that it may hold. */
function pressed(options?: Parameters<typeof createFlood>[0]): Flood {
  const hub = createFlood(options)
  for (let n = 0; hub.counters.get('shed-info') === 0; n++) hub.send(LOUD, line(`filling ${n}`))
  return hub
}

/** The writer has answered everything, and what was lost until now is told. */
function drain(hub: Flood): void {
  hub.pass(1000)
  while (hub.waiting > 0) hub.release()
  hub.losses.length = 0
}

test('losses go with the next batch a second after the first of them, and at most once a second', () => {
  const hub = pressed()
  const atMs = hub.nowMs
  hub.pass(999)
  hub.release(2)
  for (let n = 0; n < 2 * 8192; n++) hub.send(LOUD, line(`going on ${n}`))
  expect(hub.losses).toEqual([])
  hub.pass(1)
  hub.release(10)
  expect(hub.losses).toMatchObject([{ address: LOUD, listener: 'udp', reason: 'shed', count: 1, firstMs: atMs, lastMs: atMs }])
  hub.send(LOUD, line('one more'))
  hub.pass(5)
  hub.release(10)
  expect(hub.losses).toHaveLength(1)
})

test('losses without a message after them are told with an empty batch', () => {
  const hub = createFlood()
  hub.batcher.addKernelDrops({ listener: 'udp', count: 7, fromMs: 5000, toMs: 6000 })
  hub.batcher.addKernelDrops({ listener: 'udp', count: 2, fromMs: 6000, toMs: 7000 })
  hub.batcher.addKernelDrops({ listener: 'other', count: 1, fromMs: 6000, toMs: 7000 })
  hub.pass(999)
  expect(hub.batches).toEqual([])
  hub.pass(1)
  expect(hub.batches).toEqual([{ rows: 0, losses: 2 }])
  expect(hub.losses).toEqual([
    { address: '', ref: 0, listener: 'udp', reason: 'kernel-buffer', count: 9, firstMs: 5000, lastMs: 7000 },
    { address: '', ref: 0, listener: 'other', reason: 'kernel-buffer', count: 1, firstMs: 6000, lastMs: 7000 },
  ])
  hub.release()
  hub.pass(5000)
  expect(hub.batches).toHaveLength(1)
})

test('losses that are due while the writer is busy are told as soon as it is not', () => {
  const hub = createFlood()
  hub.send(LOUD, line('one'))
  hub.pass(0)
  expect(hub.waiting).toBe(1)
  hub.batcher.addKernelDrops({ listener: 'udp', count: 7, fromMs: 0, toMs: 1 })
  hub.pass(1000)
  expect(hub.losses).toEqual([])
  hub.release()
  expect(hub.batches).toEqual([{ rows: 1, losses: 0 }, { rows: 0, losses: 1 }])
})

test('at the end everything is told at once', () => {
  const hub = pressed()
  hub.close()
  expect(hub.losses).toMatchObject([{ reason: 'shed', count: 1 }])
})

test('what is shed is counted by template, with the newest as an example, as it was received', () => {
  const hub = pressed()
  const nul = `${line('link 1 is down')}\n`
  hub.send(LOUD, line('link 2 is down'))
  hub.nowMs += 5
  hub.send(LOUD, nul)
  hub.send(LOUD, `<12>${line(`temperature ${'x'.repeat(1000)}`).slice(4)}`)
  hub.close()
  const [{ templates = [], count }] = hub.losses as [(typeof hub.losses)[0]]
  expect(count).toBe(4)
  expect(templates.map((entry) => ({ ...entry, templateLo: entry.templateLo !== 0, templateHi: 0, sample: Buffer.from(entry.sample).toString() }))).toMatchObject([
    { templateLo: true, severity: 6, count: 1, sample: expect.stringContaining('filling') as string },
    { templateLo: true, severity: 6, count: 2, firstMs: 1_000_000, lastMs: 1_000_005, sample: nul },
    { templateLo: true, severity: 4, count: 1, sample: expect.stringMatching(/^<12>.{508}$/) as string },
  ])
})

test('more templates than are kept apart are one entry without a template, and none is uncounted', () => {
  const hub = pressed()
  const words = Array.from({ length: 100 }, (_, n) => `${String.fromCharCode(97 + n / 10)}${String.fromCharCode(97 + (n % 10))}`)
  for (const word of words) hub.send(LOUD, line(`${word} happened`))
  hub.close()
  const [{ templates = [], count }] = hub.losses as [(typeof hub.losses)[0]]
  expect(count).toBe(words.length + 1)
  expect(templates).toHaveLength(MAX_TEMPLATES_PER_SENDER + 1)
  expect(templates.at(-1)).toMatchObject({ templateLo: 0, templateHi: 0, count: words.length + 1 - MAX_TEMPLATES_PER_SENDER })
  expect(templates.reduce((sum, entry) => sum + entry.count, 0)).toBe(count)
})

test('more senders than are kept apart are counted as of an unknown one, without templates', () => {
  const hub = createFlood({ capacity: 1 << 18 })
  const senders = MAX_LOSING_SENDERS + 100
  for (let n = 0; hub.counters.get('dropped-no-free-batch') === 0; n++) hub.send(`10.0.${n >> 8}.${n & 255}`, `<11>${line(`urgent ${n}`).slice(4)}`)
  drain(hub)
  for (let n = 0; n < 10 * 8192; n++) hub.send(`10.1.${n >> 8}.${n & 255}`, `<11>${line(`urgent ${n}`).slice(4)}`)
  for (let n = 0; n < senders; n++) hub.send(`10.2.${n >> 8}.${n & 255}`, line('lost'))
  hub.close()
  expect(hub.losses).toHaveLength(MAX_LOSING_SENDERS + 1)
  expect(hub.losses.find(({ ref }) => ref === 0)).toMatchObject({ listener: 'udp', reason: 'no-free-batch', count: 100 })
  expect(hub.losses.reduce((sum, { count }) => sum + count, 0)).toBe(senders)
})

test('of many senders that are shed some have their templates, and all their number', () => {
  const hub = pressed()
  for (let n = 0; hub.counters.get('shed-info') === 1; n++) hub.send(`10.1.${n >> 8}.${n & 255}`, line('one of many'))
  const before = hub.counters.get('shed-info')
  for (let n = 0; n < MAX_SHED_SENDERS + 50; n++) hub.send(`10.2.${n >> 8}.${n & 255}`, line('shed'))
  expect(hub.counters.get('shed-info')).toBe(before + MAX_SHED_SENDERS + 50)
  hub.close()
  const shed = hub.losses.filter(({ reason }) => reason === 'shed')
  expect(shed.filter(({ templates }) => templates !== undefined)).toHaveLength(MAX_SHED_SENDERS)
  expect(shed.reduce((sum, { count }) => sum + count, 0)).toBe(before + MAX_SHED_SENDERS + 50)
})

test('a loss is told with the ref of the epoch that its batch is of', () => {
  const hub = createFlood({ capacity: 4 })
  for (let n = 0; hub.counters.get('shed-info') === 0; n++) hub.send(LOUD, line(`filling ${n}`))
  for (const address of ['10.0.0.2', '10.0.0.3', '10.0.0.4', '10.0.0.5']) hub.send(address, line('a new epoch'))
  expect(hub.counters.get('epochs')).toBe(1)
  hub.close()
  expect(hub.losses).toMatchObject([{ address: LOUD, count: 1 }])
})
