import { expect, test } from 'vitest'
import { createBatch, type Batch } from '#domain/batch.ts'
import { rawLength } from '#domain/raw-length.ts'
import { APP } from '#domain/wire.ts'
import { INGEST_COUNTERS, type TagSetting } from '#ingest/index.ts'
import { createWorkerCounters } from '#telemetry/index.ts'
import { Batcher } from '../../../../src/ingest/batcher.ts'
import { POOL_BATCHES, type SealedBatch } from '../../../../src/ingest/batch-flow.ts'
import { StreamFramer } from '../../../../src/ingest/framing/stream-framer.ts'
import { fieldsOf, type ParsedFrame } from '../../../../src/ingest/parse/parse-one.ts'
import { createSender, createSenderTable, type Sender } from '../../../../src/ingest/sender.ts'

const RECEIVED_MS = Date.UTC(2026, 10, 22, 13, 21, 40)
const sender = (address = '10.1.2.3'): Sender => createSender({ address, transport: 'udp', listener: 'udp' })

/** A batcher with a list, and what it has given away. */
function ground(tags: readonly TagSetting[]) {
  const counters = createWorkerCounters(INGEST_COUNTERS)
  const given: SealedBatch[] = []
  const flow = { isQuiet: false, freeBatches: POOL_BATCHES, take: () => createBatch(64, 1 << 20), give: (sealed: SealedBatch) => void given.push(sealed) }
  const batcher = new Batcher({ flow, senders: createSenderTable(64), counters, clock: () => RECEIVED_MS, maxFrameBytes: 65_535, tags, defer: () => undefined })
  return { batcher, counters, take: (line: string | Buffer, from = sender()) => batcher.take({ bytes: Buffer.from(line), form: 'syslog' }, from), batch: (): Batch => {
    batcher.flush()
    return given.at(-1)!.batch
  } }
}

interface Seen extends ParsedFrame { readonly raw: string }
const seen = (batch: Batch): Seen[] =>
  Array.from({ length: batch.rows }, (_, row) => ({ ...fieldsOf(batch, row), raw: Buffer.from(batch.bytes.subarray(batch.frameStart[row]!, batch.frameStart[row]! + rawLength(batch, row))).toString('latin1') }))

function mapped(line: string, ...tags: TagSetting[]): Seen {
  const here = ground(tags)
  here.take(line)
  return seen(here.batch())[0]!
}

const PLAIN = '<38>User logged in as admin\n'

test('a constant name is the APP-NAME, is no part of what was received, and is noted', () => {
  const frame = mapped(PLAIN, { app: 'web-ui' })
  expect(frame).toMatchObject({ app: 'web-ui', text: 'User logged in as admin', raw: PLAIN })
  expect(frame.faults).toEqual(['no-timestamp', 'no-host', 'mapped-app'])
})

test('the template of a mapped message is that of the same message with the tag', () => {
  expect(mapped(PLAIN, { app: 'web-ui' }).template).toBe(mapped('<38>web-ui: User logged in as admin').template)
  expect(mapped(PLAIN, { app: 'web-ui' }).template).not.toBe(mapped(PLAIN).template)
})

test.for<[what: string, tag: TagSetting, line: string, expected: Partial<Seen>]>([
  ['starts', { starts: 'User ', app: 'a' }, PLAIN, { app: 'a' }],
  ['another start', { starts: 'user ', app: 'a' }, PLAIN, { app: '' }],
  ['a start longer than the text', { starts: 'User logged in as admin and more', app: 'a' }, PLAIN, { app: '' }],
  ['contains', { contains: 'as admin', app: 'a' }, PLAIN, { app: 'a' }],
  ['contains what follows the text', { contains: 'admin\n', app: 'a' }, PLAIN, { app: '' }],
  ['contains a needle that overlaps itself', { contains: 'aabaaab', app: 'a' }, '<38>the aabaabaaab x', { app: 'a' }],
  ['contains beyond what is looked at', { contains: 'needle', app: 'a' }, `<38>x ${'y'.repeat(1100)} needle`, { app: '' }],
  ['the network of the sender', { from: '10.0.0.0/8', app: 'a' }, PLAIN, { app: 'a' }],
  ['another network', { from: '10.2.0.0/16', app: 'a' }, PLAIN, { app: '' }],
  ['the first word', { app_word: 1 }, '<38>LINK port 3 up', { app: 'LINK', text: 'port 3 up', raw: '<38>LINK port 3 up' }],
  ['a word with a colon', { app_word: 2 }, '<38>box LINK: port 3 up', { app: 'LINK', text: 'box LINK: port 3 up' }],
  ['a word with a process id', { app_word: 2 }, '<38>box LINK[77]: port 3 up', { app: 'LINK', procid: '77' }],
  ['host and tag as the first words', { host_word: 1, app_word: 2 }, '<38>sw-1 LINK: port 3 up', { host: 'sw-1', app: 'LINK', text: 'port 3 up' }],
  ['a constant name and a host', { host_word: 1, app: 'switch' }, '<38>sw-1 port 3 up', { host: 'sw-1', app: 'switch', text: 'port 3 up' }],
  ['the word that ends the frame', { app_word: 2 }, '<38>port LINK', { app: 'LINK', text: 'port LINK', raw: '<38>port LINK' }],
  ['the only word', { app_word: 1 }, '<38>LINK', { app: 'LINK', text: '', raw: '<38>LINK' }],
  ['a word that is not there', { app_word: 9 }, PLAIN, { app: '' }],
  ['a host that is not there', { host_word: 9, app: 'a' }, PLAIN, { app: '' }],
  ['a word that is no name', { app_word: 1 }, '<38>[77] up', { app: '' }],
  ['a word with something behind its brackets', { app_word: 1 }, '<38>a[7]b up', { app: '' }],
  ['a word that is too long', { app_word: 1 }, `<38>${'a'.repeat(49)} up`, { app: '' }],
  ['a message with a tag', { app: 'a' }, '<38>Nov 22 13:21:39 host cron[1]: x', { app: 'cron' }],
  ['RFC 5424 with a nil tag', { app: 'a' }, '<38>1 2026-11-22T13:21:39Z host - - - - hello', { app: 'a', host: 'host', text: 'hello' }],
  ['an empty message', { app: 'a' }, '<38>', { app: 'a', text: '', raw: '<38>' }],
])('%s', ([, tag, line, expected]) => {
  const frame = mapped(line, tag)
  expect(frame).toMatchObject({ raw: line, ...expected })
  expect(frame.faults.includes('mapped-app')).toBe(frame.app !== '' && frame.app !== 'cron')
})

test('the first entry that matches decides', () => {
  const tags = [{ starts: 'x', app: 'first' }, { starts: 'User', app: 'second' }, { app: 'third' }]
  expect(mapped(PLAIN, ...tags).app).toBe('second')
})

test.for([...Object.values(APP), 'kernel', 'dnsmasq-dhcp', 'dhcpd', 'dnsmasq-tftp'])('a word %s tells the hub nothing', (word) => {
  const line = `<14>${word} [s=a1b2c3 st=packages] Linux version 6.1`
  expect(mapped(line, { app_word: 1 }).hints).toEqual(mapped(line).hints)
})

test.for<[what: string, tag: TagSetting]>([
  ['neither', {}], ['both', { app: 'a', app_word: 1 }], ['a blank in the name', { app: 'a b' }], ['a long name', { app: 'a'.repeat(49) }], ['a name of the hub', { app: 'hps-session' }],
  ['no network', { from: 'sw-1', app: 'a' }], ['an empty start', { starts: '', app: 'a' }], ['one word twice', { app_word: 1, host_word: 1 }],
])('an entry with %s is refused', ([, tag]) => {
  expect(() => ground([tag])).toThrow(RangeError)
})

test('a name that does not fit into the frame leaves the message as it is, and is counted', () => {
  const here = ground([{ app: 'a-name' }])
  const longest = Buffer.alloc(65_535, 'x')
  longest.write('<38>')
  here.take(longest)
  here.take(longest.subarray(0, 65_529))
  const [first, second] = seen(here.batch())
  expect(first).toMatchObject({ app: '' })
  expect(second).toMatchObject({ app: 'a-name' })
  expect([first!.raw.length, second!.raw.length]).toEqual([65_535, 65_529])
  expect([here.counters.get('tags-unfit'), here.counters.get('fault-mapped-app')]).toEqual([1, 1])
})

test('messages on a connection are mapped one by one, whatever lies between and behind them', () => {
  const here = ground([{ starts: 'port', app: 'link' }])
  const framer = new StreamFramer({ maxFrameBytes: 65_535, heldBudget: { freeBytes: 1 << 20 } })
  const from = createSender({ address: '10.1.2.3', transport: 'tcp', listener: 'tcp' })
  const stream = Buffer.from('<38>port 1 up\n13 <38>port 2 up<38>a: b\n<38>port 3 do\n<38>port 4')
  for (const at of [0, 20, 33, 50]) here.batcher.takeStream(stream.subarray(at, { 0: 20, 20: 33, 33: 50 }[at]), framer, from)
  here.batcher.endStream(framer, from)
  expect(seen(here.batch()).map(({ app, text, raw }) => [app, text, raw.trimEnd()])).toEqual([
    ['link', 'port 1 up', '<38>port 1 up'], ['link', 'port 2 up', '<38>port 2 up'], ['a', 'b', '<38>a: b'], ['link', 'port 3 do', '<38>port 3 do'], ['link', 'port 4', '<38>port 4'],
  ])
})

test('another list holds from the next message on, also for senders that are known', () => {
  const here = ground([{ app: 'before' }])
  const from = sender()
  here.take(PLAIN, from)
  here.batcher.setTags([{ from: '10.1.2.3', app: 'after' }])
  here.take(PLAIN, from)
  here.take(PLAIN, sender('10.1.2.4'))
  here.batcher.setTags([])
  here.take(PLAIN, from)
  expect(seen(here.batch()).map((frame) => frame.app)).toEqual(['before', 'after', '', ''])
})
