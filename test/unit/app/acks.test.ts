import { describe, expect, test, vi } from 'vitest'
import type { AckArrival } from '#sessions/index.ts'
import { createAcks, MAX_ACK_KEYS, type AckEvent, type Acks } from '../../../src/app/acks.ts'
import { createReceipts } from '../../../src/app/receipts.ts'

const START_MS = 1_800_000_000_000
const MINUTE_MS = 60_000
const arrival = (over: Partial<AckArrival> = {}): AckArrival => ({
  seq: 7, key: 'key-00000001', address: '10.0.0.7', transport: 'udp', listener: 'udp', certificate: '', nodeId: 1, sessionId: 1, receivedMs: START_MS, sentMs: undefined, storedMs: START_MS + 3,
  framing: 'datagram', format: 'rfc3164', faults: [], method: 'lease', confidence: 80, ...over,
})
const event = (over: Partial<AckArrival> = {}): AckEvent => ({ kind: 'ack', ...arrival(over) })
const of = (nodeId: number) => (found: AckArrival) => found.nodeId === nodeId
const anyone = () => true
function createMemory(): { readonly acks: Acks; readonly clock: { nowMs: number } } {
  const clock = { nowMs: START_MS }
  const acks = createAcks(() => clock.nowMs)
  acks.restore({ arrivals: [], malformed: [], isAll: true })
  return { acks, clock }
}

describe('the memory of keys', () => {
  test('a key is found for the node that sent it, not for another', async () => {
    const { acks } = createMemory()
    acks.saw(event())
    expect(await acks.find('key-00000001', { waitMs: 0, fits: of(1) })).toMatchObject({ arrival: { seq: 7 }, arrivals: 1 })
    expect(await acks.find('key-00000001', { waitMs: 0, fits: of(2) })).toBeUndefined()
  })

  test('a caller that waits is woken by the arrival that fits', async () => {
    const { acks } = createMemory()
    const found = acks.find('key-00000001', { waitMs: 10_000, fits: of(2) })
    acks.saw(event())
    acks.saw(event({ seq: 8, nodeId: 2 }))
    expect(await found).toMatchObject({ arrival: { nodeId: 2 }, arrivals: 1 })
  })

  test('waiting ends at its time or when the caller goes away, and nothing is left of it', async () => {
    vi.useFakeTimers()
    const { acks } = createMemory()
    const late = acks.find('key-00000001', { waitMs: 500, fits: anyone })
    const gone = new AbortController()
    const left = acks.find('key-00000001', { waitMs: 60_000, fits: anyone, signal: gone.signal })
    expect(vi.getTimerCount()).toBe(2)
    gone.abort()
    await vi.advanceTimersByTimeAsync(500)
    expect([await late, await left, await acks.find('key-00000001', { waitMs: 60_000, fits: anyone, signal: gone.signal })]).toEqual([undefined, undefined, undefined])
    expect(vi.getTimerCount()).toBe(0)
    vi.useRealTimers()
  })

  test('keys and texts that are none are forgotten after ten minutes', async () => {
    const { acks, clock } = createMemory()
    acks.saw(event())
    acks.saw({ kind: 'ack-malformed', seq: 8, address: '10.0.0.7', transport: 'tcp', listener: 'tcp', receivedMs: START_MS })
    expect(acks.malformedFrom('10.0.0.7')).toMatchObject({ transport: 'tcp' })
    expect(acks.malformedFrom('10.0.0.8')).toBeUndefined()
    clock.nowMs += 10 * MINUTE_MS + 1
    expect(await acks.find('key-00000001', { waitMs: 0, fits: anyone })).toBeUndefined()
    expect(acks.malformedFrom('10.0.0.7')).toBeUndefined()
    expect(acks.isWhole).toBe(true)
  })

  test('the latest arrival of a key is told, and how many there were', async () => {
    const { acks } = createMemory()
    for (let seq = 1; seq <= 3; seq++) acks.saw(event({ seq }))
    expect(await acks.find('key-00000001', { waitMs: 0, fits: anyone })).toMatchObject({ arrival: { seq: 3 }, arrivals: 3 })
    expect(acks.isWhole).toBe(true)
  })

  test.for<[name: string, flood: (acks: Acks) => void]>([
    ['more keys than it holds', (acks) => { for (let n = 0; n <= MAX_ACK_KEYS; n++) acks.saw(event({ key: `key-${n}-flood`, seq: n })) }],
    ['one key from more nodes than it holds', (acks) => { for (let n = 0; n < 9; n++) acks.saw(event({ nodeId: n, seq: n })) }],
    ['a sender with more keys than are told', (acks) => acks.saw({ kind: 'acks-untold', seq: 1, receivedMs: START_MS })],
    ['a start that did not reach back', (acks) => acks.restore({ arrivals: [], malformed: [], isAll: false })],
  ])('after %s it says for ten minutes that it does not know all', ([, flood]) => {
    const { acks, clock } = createMemory()
    expect(acks.isWhole).toBe(true)
    flood(acks)
    expect(acks.isWhole).toBe(false)
    clock.nowMs += 10 * MINUTE_MS
    expect(acks.isWhole).toBe(false)
    clock.nowMs += 1
    expect(acks.isWhole).toBe(true)
  })

  test('before the time before the start is read it says that it does not know all; what is read then wakes who waits, and stands before what came since', async () => {
    const acks = createAcks(() => START_MS)
    expect(acks.isWhole).toBe(false)
    acks.saw(event({ seq: 20 }))
    acks.saw({ kind: 'ack-malformed', seq: 21, address: '10.0.0.7', transport: 'tcp', listener: 'tcp', receivedMs: START_MS })
    const waiting = acks.find('key-00000002', { waitMs: 10_000, fits: anyone })
    const malformed = { seq: 2, address: '10.0.0.7', transport: 'udp', listener: 'udp', receivedMs: START_MS - 5 } as const
    acks.restore({ arrivals: [arrival({ seq: 3 }), arrival({ seq: 4, key: 'key-00000002' }), arrival({ seq: 20 })], malformed: [malformed], isAll: true })
    expect(await waiting).toMatchObject({ arrival: { seq: 4 } })
    expect(await acks.find('key-00000001', { waitMs: 0, fits: anyone })).toMatchObject({ arrival: { seq: 20 }, arrivals: 2 })
    expect(acks.malformedFrom('10.0.0.7')).toMatchObject({ seq: 21 })
    expect(acks.isWhole).toBe(true)
  })
})

test('a receipt is settled once; a refused one says why; the rest is told when the hub stops', async () => {
  const receipts = createReceipts()
  const [stored, refused, open] = [receipts.wait(), receipts.wait(), receipts.wait()]
  receipts.settle([{ id: stored.id, messages: 3, cut: 0 }])
  receipts.fail([{ id: refused.id, messages: 1, cut: 0 }], 'no space left on device')
  const last = expect(open.receipt).rejects.toMatchObject({ code: 'shutting-down' })
  const second = expect(refused.receipt).rejects.toMatchObject({ code: 'store-failed', message: 'no space left on device' })
  receipts.abandon()
  expect(await stored.receipt).toEqual({ id: stored.id, messages: 3, cut: 0 })
  await Promise.all([last, second])
})
