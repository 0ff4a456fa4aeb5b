import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import type { Caller } from '#api/index.ts'
import { AppFault } from '#domain/fault.ts'
import type { StoredMessage } from '#domain/message.ts'
import type { Source } from '#domain/source.ts'
import type { AckArrival } from '#sessions/index.ts'
import type { ResolvedQuery, SearchPage } from '#store/index.ts'
import { createAcks, type Acks } from '../../../src/app/acks.ts'
import { createStoredAcks } from '../../../src/app/acks-stored.ts'
import { createAcksPart } from '../../../src/app/parts/acks.ts'

const START_MS = Date.UTC(2026, 10, 22, 14)
const MINUTE_MS = 60_000
const KEY = 'key-00000001'
const CALLER = {
  node: { role: 'node', name: 'tch-001', address: '10.0.0.7', nodeId: 1 },
  stranger: { role: 'anonymous', name: '10.0.0.9', address: '10.0.0.9' },
  viewer: { role: 'viewer', name: 'wall', address: '10.9.9.9' },
} as const satisfies Readonly<Record<string, Caller>>

const arrival = (over: Partial<AckArrival> = {}): AckArrival => ({
  seq: 7, key: KEY, address: '10.0.0.7', transport: 'udp', listener: 'udp', certificate: '', nodeId: 1, sessionId: 3, receivedMs: START_MS - 1000, sentMs: START_MS - 3500, storedMs: START_MS - 993,
  framing: 'datagram', format: 'rfc3164', faults: ['no-year', 'truncated'], method: 'lease', confidence: 80, ...over,
})
const message = (over: Partial<StoredMessage> = {}): StoredMessage => ({
  seq: 7, receivedMs: START_MS - 1000, sentMs: undefined, facility: 'user', severity: 'info', host: 'tch-001', app: 'hps-ack', procid: '', msgid: '', structuredData: '', text: KEY, label: '', raw: new Uint8Array(),
  format: 'rfc5424', faults: [], sourceId: 1, nodeId: 1, sessionId: 3, method: 'lease', confidence: 80, ...over,
})
const source = (over: Partial<Source> = {}): Source => ({
  id: 1, address: '10.0.0.7', transport: 'tcp', listener: 'tls', certificate: '', roles: ['node'], firstSeenMs: 0, lastSeenMs: START_MS - 5000, messages: 1, faulty: 0, conflicts: 0, rate: 1, clock: undefined, ...over,
})

/** As the store reads the terms that are used here. */
function answers(query: ResolvedQuery, { app, text, receivedMs, nodeId, sourceId }: StoredMessage): boolean {
  const of = (term: ResolvedQuery) => answers(term, message({ app, text, receivedMs, nodeId, sourceId }))
  if (query.kind === 'and') return query.terms.every(of)
  if (query.kind === 'or') return query.terms.some(of)
  if (query.kind === 'field') return app.toLowerCase() === query.value
  if (query.kind === 'text') return text.includes(query.text)
  if (query.kind === 'time') return receivedMs >= query.fromMs!
  if (query.kind === 'ids') return query.ids.includes(query.field === 'node' ? nodeId : sourceId)
  throw new Error(`${query.kind} is not asked for`)
}

interface Bench {
  readonly acks: Acks
  readonly ask: (caller: Caller, key?: string, waitMs?: number, signal?: AbortSignal) => ReturnType<ReturnType<typeof createAcksPart>>
  /** What is stored, and what was searched for. */
  readonly stored: StoredMessage[]
  readonly searches: ResolvedQuery[]
  readonly recall: () => Promise<string | undefined>
  search: (query: ResolvedQuery) => Promise<SearchPage>
}

function createBench({ isWhole = true, sources = [source()] }: { readonly isWhole?: boolean; readonly sources?: readonly Source[] } = {}): Bench {
  const clock = () => Date.now()
  const acks = createAcks(clock)
  if (isWhole) acks.restore({ arrivals: [], malformed: [], isAll: true })
  const stored: StoredMessage[] = []
  const searches: ResolvedQuery[] = []
  const page = (messages: readonly StoredMessage[]): SearchPage => ({ messages, cursor: undefined, complete: true, scannedRows: 0 })
  const bench = { acks, stored, searches } as unknown as { -readonly [K in keyof Bench]: Bench[K] }
  bench.search = async (query) => page(stored.filter((one) => answers(query, one)).toReversed())
  const storedAcks = createStoredAcks({
    reader: { search: (query) => (searches.push(query), bench.search(query)) },
    source: (id) => sources.find((one) => one.id === id),
    clock,
  })
  const part = createAcksPart({
    acks, stored: storedAcks, clock, deadlineMs: 5000,
    names: { node: (id) => (id === 0 ? null : `node-${id}`), session: (id) => (id === 0 ? null : `#${id}`) },
    isSecure: (listener) => listener === 'tls',
    sendersAt: (address) => sources.filter((one) => one.address === address),
    freshen: async () => undefined,
  })
  bench.ask = (caller, key = KEY, waitMs = 0, signal) => part({ key, waitMs, caller, signal })
  bench.recall = () => storedAcks.recall(acks)
  return bench
}

beforeEach(() => void vi.useFakeTimers({ now: START_MS }))
afterEach(() => void vi.useRealTimers())

test('a key that arrived is told with everything that is known of its way', async () => {
  const { acks, ask } = createBench()
  acks.saw({ kind: 'ack', ...arrival({ listener: 'tls', transport: 'tcp', framing: 'octet-count', certificate: 'web1.example.org' }) })
  expect(await ask(CALLER.node)).toEqual({
    logged: true, key: KEY, seq: 7, received: '2026-11-22T13:59:59.000Z', stored_ms: 7, transport: 'tcp', tls: true, listener: 'tls', framing: 'octet-count', dialect: 'rfc3164', deviations: ['no-year', 'truncated'],
    node: 'node-1', session: '#3', source: '10.0.0.7', certificate: 'web1.example.org', method: 'lease', confidence: 80, sent: '2026-11-22T13:59:56.500Z', ahead_ms: -2500, cut: true, doubled: false, arrivals: 1,
  })
})

describe('no oracle for the messages of others', () => {
  /** `undefined` keys: nobody sent them. */
  const KINDS: readonly (readonly [whose: string, over: Partial<AckArrival>])[] = [
    ['another node', { nodeId: 2, address: '10.0.0.8' }],
    ['another node, sent through the same relay', { nodeId: 2, address: '10.0.0.1' }],
    ['another node, from the address of the node that asks', { nodeId: 2 }],
    ['a machine that nobody knows', { nodeId: 0, address: '10.0.0.8' }],
  ]
  const asked = (view: object, key: string): string => JSON.stringify(view).replaceAll(key, 'KEY')

  test.for(KINDS)('the key of %s is answered with the bytes of a key that nobody sent', async ([, over]) => {
    const { acks, ask } = createBench()
    acks.saw({ kind: 'ack', ...arrival(over) })
    const unknown = 'key-00000002'
    expect(asked(await ask(CALLER.node), KEY)).toBe(asked(await ask(CALLER.node, unknown), unknown))
    expect(await ask(CALLER.node)).toMatchObject({ logged: false, complete: true })
    expect(await ask(CALLER.viewer)).toMatchObject({ logged: true })
  })

  test.for(KINDS)('and so while the store is asked: the key of %s', async ([, over]) => {
    const { acks, ask, stored } = createBench({ isWhole: false, sources: [source(), source({ id: 2, address: over.address ?? '10.0.0.7' })] })
    acks.saw({ kind: 'ack', ...arrival(over) })
    stored.push(message({ nodeId: over.nodeId!, sourceId: over.address === undefined ? 1 : 2 }))
    const unknown = 'key-00000002'
    expect(asked(await ask(CALLER.node), KEY)).toBe(asked(await ask(CALLER.node, unknown), unknown))
    expect(await ask(CALLER.node)).toMatchObject({ logged: false, complete: true })
  })

  test('a wait for it lasts as long as one for a key that nobody sent', async () => {
    const { acks, ask } = createBench()
    acks.saw({ kind: 'ack', ...arrival({ nodeId: 2, address: '10.0.0.8' }) })
    const ended: string[] = []
    for (const key of [KEY, 'key-00000002']) void ask(CALLER.node, key, 2000).then(() => ended.push(`${key} ${Date.now() - START_MS}`))
    await vi.advanceTimersByTimeAsync(1000)
    acks.saw({ kind: 'ack', ...arrival({ seq: 9, nodeId: 2, address: '10.0.0.8' }) })
    await vi.advanceTimersByTimeAsync(999)
    expect(ended).toEqual([])
    await vi.advanceTimersByTimeAsync(1)
    expect(ended.toSorted()).toEqual([`${KEY} 2000`, 'key-00000002 2000'])
  })

  test('a node is told of what no node is known for and came from its address; a stranger of what came from its own', async () => {
    const { acks, ask } = createBench()
    acks.saw({ kind: 'ack', ...arrival({ nodeId: 0, sessionId: 0 }) })
    expect(await ask(CALLER.node)).toMatchObject({ logged: true, node: null })
    expect(await ask(CALLER.stranger)).toMatchObject({ logged: false })
    acks.saw({ kind: 'ack', ...arrival({ nodeId: 5, address: '10.0.0.9', key: 'key-of-stranger' }) })
    expect(await ask(CALLER.stranger, 'key-of-stranger')).toMatchObject({ logged: true, source: '10.0.0.9' })
  })
})

describe('what is said of a key that did not arrive', () => {
  const names = (view: { readonly check?: readonly { readonly name: string }[] }) => view.check?.map(({ name }) => name)

  test('nothing came from this address', async () => {
    const { ask } = createBench({ sources: [source({ lastSeenMs: START_MS - 10 * MINUTE_MS - 1 })] })
    const asked = ask(CALLER.node, KEY, 500)
    await vi.advanceTimersByTimeAsync(500)
    const view = await asked
    expect(view).toMatchObject({ logged: false, key: KEY, waited_ms: 500, address: '10.0.0.7', heard: [], malformed: null })
    expect(names(view as never)).toEqual(['path', 'relay', 'datagrams'])
  })

  test('other messages did, newest way first, and one of hps-ack whose text is no key', async () => {
    const { acks, ask } = createBench({ sources: [source(), source({ id: 2, transport: 'udp', listener: 'udp', lastSeenMs: START_MS - 100 }), source({ id: 3, address: '10.0.0.8' })] })
    acks.saw({ kind: 'ack-malformed', seq: 5, address: '10.0.0.7', transport: 'udp', listener: 'udp', receivedMs: START_MS - 100 })
    acks.saw({ kind: 'ack-malformed', seq: 6, address: '10.0.0.8', transport: 'tcp', listener: 'tcp', receivedMs: START_MS })
    const view = await ask(CALLER.node)
    expect(view).toMatchObject({
      heard: [{ transport: 'udp', listener: 'udp', at: '2026-11-22T13:59:59.900Z' }, { transport: 'tcp', listener: 'tls', at: '2026-11-22T13:59:55.000Z' }],
      malformed: { transport: 'udp', listener: 'udp', at: '2026-11-22T13:59:59.900Z' },
    })
    expect(names(view as never)).toEqual(['bad-key', 'no-wait', 'tag', 'datagrams'])
  })
})

describe('what the memory does not reach', () => {
  test('nodes are answered from memory alone while it holds all of the last ten minutes; people from the store too, however old', async () => {
    const { ask, stored, searches } = createBench()
    stored.push(message({ receivedMs: START_MS - 60 * MINUTE_MS, text: `[s=abcdef] ${KEY}` }))
    expect(await ask(CALLER.node)).toMatchObject({ logged: false })
    expect(searches).toEqual([])
    expect(await ask(CALLER.viewer)).toMatchObject({ logged: true, seq: 7, framing: 'unknown', stored_ms: null, transport: 'tcp', tls: true, source: '10.0.0.7' })
  })

  test('before it is filled the store is asked, for the last ten minutes, at once and also without a wait', async () => {
    const { ask, stored } = createBench({ isWhole: false })
    stored.push(message({ seq: 1, receivedMs: START_MS - 11 * MINUTE_MS, text: 'key-before-that' }), message(), message({ seq: 8 }))
    expect(await ask(CALLER.node, KEY, 30_000)).toMatchObject({ logged: true, seq: 8, arrivals: 2 })
    expect(await ask(CALLER.node)).toMatchObject({ logged: true })
    expect(await ask(CALLER.node, 'key-before-that')).toMatchObject({ logged: false, complete: true })
    expect(await ask(CALLER.stranger)).toMatchObject({ logged: false })
  })

  test('a name that the configuration gave, another tag, and a text that has the key in it are no keys', async () => {
    const { ask, stored } = createBench({ isWhole: false })
    stored.push(message({ faults: ['mapped-app'] }), message({ app: 'HPS-ACK' }), message({ text: `${KEY} and more` }))
    expect(await ask(CALLER.viewer)).toMatchObject({ logged: false })
  })

  test('what arrives during the wait is told before a search has come back', async () => {
    const bench = createBench({ isWhole: false })
    bench.search = () => new Promise(() => undefined)
    const asked = bench.ask(CALLER.node, KEY, 10_000)
    await vi.advanceTimersByTimeAsync(10)
    bench.acks.saw({ kind: 'ack', ...arrival() })
    expect(await asked).toMatchObject({ logged: true, framing: 'datagram' })
  })

  test('a search that is cut short, or that nobody has time for, leaves the answer open and says so', async () => {
    const bench = createBench({ isWhole: false })
    bench.search = async () => ({ messages: [], cursor: undefined, complete: false, reason: 'deadline', scannedRows: 1 })
    expect(await bench.ask(CALLER.node)).toMatchObject({ logged: false, complete: false, check: expect.arrayContaining([expect.objectContaining({ name: 'again' })]) })
    bench.search = () => Promise.reject(new AppFault('too-many', 'the readers are busy'))
    expect(await bench.ask(CALLER.node)).toMatchObject({ logged: false, complete: false })
    bench.search = () => Promise.reject(new AppFault('store-failed', 'the disk is gone'))
    await expect(bench.ask(CALLER.node)).rejects.toMatchObject({ code: 'store-failed' })
  })

  test('a key that came during the wait and was not told is found after it', async () => {
    const { acks, ask, stored } = createBench()
    const asked = ask(CALLER.node, KEY, 1000)
    await vi.advanceTimersByTimeAsync(500)
    stored.push(message())
    acks.saw({ kind: 'acks-untold', seq: 1, receivedMs: Date.now() })
    await vi.advanceTimersByTimeAsync(500)
    expect(await asked).toMatchObject({ logged: true, seq: 7 })
  })

  test('a caller that goes away ends its wait, and nothing is searched for it', async () => {
    const { ask, searches } = createBench({ isWhole: false })
    const gone = new AbortController()
    gone.abort()
    expect(await ask(CALLER.node, KEY, 30_000, gone.signal)).toMatchObject({ logged: false, complete: false })
    expect([searches, vi.getTimerCount()]).toEqual([[], 0])
  })
})

describe('after a start', () => {
  test('the memory is filled with the last ten minutes, keys and texts that are none, and wakes who waits', async () => {
    const bench = createBench({ isWhole: false })
    bench.stored.push(message({ seq: 1, receivedMs: START_MS - 11 * MINUTE_MS }), message({ seq: 2, text: 'short' }), message({ seq: 3 }))
    expect(await bench.recall()).toBeUndefined()
    expect(bench.acks.isWhole).toBe(true)
    expect(await bench.acks.find(KEY, { waitMs: 0, fits: () => true })).toMatchObject({ arrival: { seq: 3, framing: 'unknown' }, arrivals: 1 })
    expect(bench.acks.malformedFrom('10.0.0.7')).toMatchObject({ seq: 2, transport: 'tcp' })
  })

  test('page by page', async () => {
    const bench = createBench({ isWhole: false })
    const pages = [[message({ seq: 3 })], [message({ seq: 2 })], [message({ seq: 1 })]]
    bench.search = async () => ({ messages: pages.shift()!, cursor: pages.length === 0 ? undefined : 'next', complete: true, scannedRows: 0 })
    expect(await bench.recall()).toBeUndefined()
    expect(await bench.acks.find(KEY, { waitMs: 0, fits: () => true })).toMatchObject({ arrival: { seq: 3 }, arrivals: 3 })
  })

  test.for<[name: string, search: () => Promise<SearchPage>, reason: string]>([
    ['is cut short', async () => ({ messages: [message()], cursor: 'next', complete: false, reason: 'deadline', scannedRows: 0 }), 'deadline'],
    ['fails', () => Promise.reject(new AppFault('shutting-down', 'the readers have ended')), 'the readers have ended'],
  ])('when that %s, what was found counts, and searches answer for the rest', async ([, search, reason]) => {
    const bench = createBench({ isWhole: false })
    bench.search = search
    expect(await bench.recall()).toBe(reason)
    expect(bench.acks.isWhole).toBe(false)
  })
})
