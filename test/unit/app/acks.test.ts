import { expect, test, vi } from 'vitest'
import { createAcks, type AckEvent } from '../../../src/app/acks.ts'
import { createReceipts } from '../../../src/app/receipts.ts'

const event = (key: string, nodeId: number, receivedMs = 0): AckEvent => ({ kind: 'ack', seq: 7, key, sourceId: 1, nodeId, sessionId: 1, receivedMs, method: 'lease' })

test('a key is found for the node that sent it, not for another', async () => {
  const acks = createAcks(() => 0)
  acks.saw(event('key-00000001', 1))
  expect(await acks.find('key-00000001', { waitMs: 0, fits: (e) => e.nodeId === 1 })).toMatchObject({ seq: 7 })
  expect(await acks.find('key-00000001', { waitMs: 0, fits: (e) => e.nodeId === 2 })).toBeUndefined()
})

test('a caller that waits is woken by the arrival that fits', async () => {
  const acks = createAcks(() => 0)
  const found = acks.find('key-00000002', { waitMs: 10_000, fits: (e) => e.nodeId === 2 })
  acks.saw(event('key-00000002', 1))
  acks.saw(event('key-00000002', 2))
  expect((await found)?.nodeId).toBe(2)
})

test('waiting ends at its time or when the caller goes away', async () => {
  vi.useFakeTimers()
  const acks = createAcks(() => 0)
  const late = acks.find('key-00000003', { waitMs: 500, fits: () => true })
  const gone = new AbortController()
  const left = acks.find('key-00000003', { waitMs: 60_000, fits: () => true, signal: gone.signal })
  gone.abort()
  await vi.advanceTimersByTimeAsync(500)
  expect([await late, await left]).toEqual([undefined, undefined])
  vi.useRealTimers()
})

test('keys are forgotten after ten minutes', async () => {
  let now = 0
  const acks = createAcks(() => now)
  acks.saw(event('key-00000004', 1, 0))
  now = 10 * 60_000 + 1
  expect(await acks.find('key-00000004', { waitMs: 0, fits: () => true })).toBeUndefined()
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
