import { expect, test } from 'vitest'
import { createFlood, ledgerOf, type Flood } from '../../../fixtures/ingest/flood.ts'

const ERR = 11
const INFO = 14
const LOUD = '10.0.0.1'
const message = (pri: number, n: number) => `<${pri}>Nov 22 13:21:39 tch-001 app[7]: request ${n} refused`
const numbersOf = ({ stored }: Flood, address: string) => stored.filter((row) => row.address === address).map(({ raw }) => Number(/request (\d+)/.exec(raw)![1]))
const quiet = Array.from({ length: 200 }, (_, n) => `10.0.1.${n}`)
const isRising = (numbers: readonly number[]) => numbers.every((value, at) => at === 0 || value > numbers[at - 1]!)

test('while the writer stands still one sender cannot drown the others, and every message is stored or told', () => {
  const hub = createFlood()
  const sent = 120_000
  let said = 0
  for (let n = 0; n < sent; n++) {
    hub.send(LOUD, message(INFO, n))
    if (n % 100 === 0) hub.send(quiet[n / 100 % quiet.length]!, message(INFO, said++))
  }
  hub.close()
  for (const address of quiet) expect(ledgerOf(hub, address)).toEqual({ stored: said / quiet.length, shed: 0, unplaced: 0 })
  const loud = ledgerOf(hub, LOUD)
  expect(loud.shed).toBeGreaterThan(50_000)
  expect(loud).toEqual({ stored: sent - loud.shed, shed: loud.shed, unplaced: 0 })
  expect(hub.counters.get('shed-info')).toBe(loud.shed)
  expect(isRising(numbersOf(hub, LOUD))).toBe(true)
})

test('what the writer settles, its senders may hold again', () => {
  const hub = createFlood()
  for (let n = 0; n < 60_000; n++) hub.send(LOUD, message(INFO, n))
  expect(hub.counters.get('shed-info')).toBeGreaterThan(0)
  const before = hub.counters.get('shed-info')
  hub.release(2)
  for (let n = 60_000; n < 60_000 + 8192; n++) hub.send(LOUD, message(INFO, n))
  expect(hub.counters.get('shed-info')).toBe(before)
})

test('while the writer keeps up nothing is shed, however loud a sender is', () => {
  const hub = createFlood()
  for (let n = 0; n < 120_000; n++) {
    hub.send(LOUD, message(INFO, n))
    if (n % 1000 === 0) hub.release(10)
  }
  hub.close()
  expect(ledgerOf(hub, LOUD)).toEqual({ stored: 120_000, shed: 0, unplaced: 0 })
})

test('err and worse of the loudest sender comes through until the last row, the rest leaves it a quarter of a batch', () => {
  const hub = createFlood()
  for (let n = 0; n < 60_000; n++) hub.send(LOUD, message(INFO, n))
  for (const address of quiet) for (let n = 0; n < 200; n++) hub.send(address, message(INFO, n))
  const taken = hub.counters.get('messages-udp')
  const room = 10 * 8192 - taken
  expect(room).toBe(8192 / 4)
  hub.send('10.0.2.1', message(INFO, 0))
  expect(hub.counters.get('messages-udp')).toBe(taken)
  for (let n = 60_000; n < 60_000 + room; n++) hub.send(LOUD, message(ERR, n))
  expect(hub.counters.get('messages-udp')).toBe(10 * 8192)
  expect(hub.counters.get('dropped-no-free-batch')).toBe(0)
  hub.send(LOUD, message(ERR, 99_999))
  hub.send('10.0.2.2', message(INFO, 1))
  expect(hub.counters.get('dropped-no-free-batch')).toBe(2)
  hub.close()
  expect(ledgerOf(hub, '10.0.2.1')).toEqual({ stored: 0, shed: 1, unplaced: 0 })
  expect(ledgerOf(hub, '10.0.2.2')).toEqual({ stored: 0, shed: 0, unplaced: 1 })
  expect(isRising(numbersOf(hub, LOUD))).toBe(true)
})

test('the severity that counts is the one that was read: a line that says so itself is urgent', () => {
  const hub = createFlood()
  for (let n = 0; n < 60_000; n++) hub.send(LOUD, message(INFO, n))
  const before = hub.counters.get('shed-info')
  hub.send(LOUD, '<14>1 2026-11-22T13:21:39Z tch-001 n_install - - - [s=a1b2c3 l=err] the disk is gone')
  expect(hub.counters.get('shed-info')).toBe(before)
  hub.close()
  expect(hub.stored.at(-1)!.raw).toContain('the disk is gone')
})

test('messages that are long count by their bytes', () => {
  const hub = createFlood()
  for (let n = 0; n < 400; n++) {
    hub.send(LOUD, `${message(INFO, n)} ${'x'.repeat(60_000)}`)
    if (n % 10 === 0) hub.send(quiet[n / 10]!, message(INFO, n))
  }
  hub.close()
  const loud = ledgerOf(hub, LOUD)
  expect(loud.shed).toBeGreaterThan(100)
  expect(loud.stored + loud.shed).toBe(400)
  for (let n = 0; n < 40; n++) expect(ledgerOf(hub, quiet[n]!).stored).toBe(1)
})

test('a line put together from several datagrams is shed as one message, and all datagrams are accounted for', () => {
  const hub = createFlood()
  for (let n = 0; n < 60_000; n++) hub.send(LOUD, message(INFO, n))
  const before = hub.counters.get('shed-info')
  const text = 'x'.repeat(127)
  hub.send(LOUD, `<6>ipxe: ${text}`)
  hub.send(LOUD, '<6>ipxe: and the rest')
  expect(hub.counters.get('shed-info')).toBe(before + 1)
  expect(hub.counters.get('pieces-joined')).toBe(1)
})

test('what is shed counts as shed, not as cut too', () => {
  const hub = createFlood()
  for (let n = 0; n < 60_000; n++) hub.send(LOUD, message(INFO, n))
  const before = hub.counters.get('shed-info')
  const tooLong = 'x'.repeat(70_000)
  hub.send(LOUD, `${message(INFO, 0)} ${tooLong}`)
  expect(hub.counters.get('shed-info')).toBe(before + 1)
  expect(hub.counters.get('cut-bytes')).toBe(0)
  const kept = `${message(ERR, 0)} ${tooLong}`
  hub.send(LOUD, kept)
  expect(hub.counters.get('cut-bytes')).toBe(kept.length - 65_535)
})
