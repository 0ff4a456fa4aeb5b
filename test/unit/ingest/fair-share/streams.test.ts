import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { afterEach, expect, test } from 'vitest'
import type { IngestEvent } from '#ingest/index.ts'
import { RESERVED_BATCHES } from '../../../../src/ingest/fair-share.ts'
import { startIngest, until } from '../../../fixtures/ingest/fake-writer.ts'

const undo: (() => unknown)[] = []
afterEach(async () => {
  for (const step of undo.splice(0).reverse()) await step()
})

async function started() {
  const ingest = await startIngest()
  undo.push(() => ingest.stop())
  return ingest
}

async function connected(port: number, from: string): Promise<Socket> {
  const socket = connect({ port, host: '127.0.0.1', localAddress: from })
  undo.push(() => socket.destroy())
  await once(socket, 'connect')
  return socket
}

async function sendDatagrams(port: number, datagrams: readonly string[]): Promise<void> {
  const socket = createSocket('udp4')
  for (const datagram of datagrams) await new Promise((resolve) => socket.send(datagram, port, '127.0.0.1', resolve))
  socket.close()
}

test('connections leave the last batches to datagrams and to the hub itself', async () => {
  const ingest = await started()
  ingest.writer.isHolding = true
  const flood = await connected(ingest.portOf('tcp'), '127.0.0.1')
  flood.write('<14>flood: a line of a connection that never ends\n'.repeat(90_000))
  await until(() => ingest.counters.get('connections-paused') === 1)
  expect(ingest.counters.get('batches-free')).toBe(RESERVED_BATCHES)
  const taken = ingest.counters.get('messages-tcp')
  await sendDatagrams(ingest.portOf('udp'), Array.from({ length: 20 }, () => '<14>quiet: still heard'))
  ingest.command({ kind: 'hub', bytes: Buffer.from('<46>1 - hub hps-hub - - - so is the hub\n') })
  await until(() => ingest.counters.get('messages-udp') + ingest.counters.get('messages-internal') === 21)
  expect(ingest.counters.get('messages-tcp')).toBe(taken)
  ingest.writer.isHolding = false
  ingest.writer.release()
  await until(() => ingest.counters.get('messages-tcp') === 90_000)
})

test('the hub itself is heard before bodies that wait for room', async () => {
  const ingest = await started()
  ingest.writer.isHolding = true
  for (let id = 1; id <= 4; id++) ingest.command({ kind: 'http', id, address: '127.0.0.9', form: 'lines', bytes: Buffer.from('a line of plain text\n'.repeat(60_000)) })
  await until(() => ingest.counters.get('batches-free') === RESERVED_BATCHES && ingest.counters.get('bodies-waiting') > 0)
  ingest.command({ kind: 'hub', bytes: Buffer.from('<46>1 - hub hps-hub - - - I am slow\n') })
  await until(() => ingest.counters.get('messages-internal') === 1)
  expect(ingest.counters.get('bodies-waiting')).toBeGreaterThan(0)
  ingest.writer.isHolding = false
  ingest.writer.release()
})

test('one connection that is never done does not starve another: they go on in turn', async () => {
  const ingest = await started()
  ingest.writer.isHolding = true
  const flood = await connected(ingest.portOf('tcp'), '127.0.0.1')
  const line = '<14>flood: a line of a connection that never ends\n'
  flood.write(line.repeat(90_000))
  await until(() => ingest.counters.get('connections-paused') > 0)
  const other = await connected(ingest.portOf('tcp'), '127.0.0.2')
  other.write('<14>other: one line\n')
  // The writer answers one batch at a time; the flood has more to say each time.
  let answered = 0
  const isHeard = () => ingest.writer.rows.some(({ app }) => app === 'other')
  while (!isHeard()) {
    flood.write(line.repeat(10_000))
    const before = ingest.writer.batches.length
    ingest.writer.release(1)
    answered++
    await until(() => isHeard() || (ingest.writer.batches.length > before && ingest.counters.get('connections-paused') > 0))
  }
  expect(answered).toBeLessThan(20) // it comes behind what was taken before
  expect(ingest.counters.get('messages-tcp')).toBeGreaterThan(80_000)
  ingest.writer.isHolding = false
  ingest.writer.release()
})

test('bodies and connections wait for room in turn too', async () => {
  const ingest = await started()
  ingest.writer.isHolding = true
  for (let id = 1; id <= 4; id++) ingest.command({ kind: 'http', id, address: '127.0.0.9', form: 'lines', bytes: Buffer.from('a line of plain text\n'.repeat(60_000)) })
  const other = await connected(ingest.portOf('tcp'), '127.0.0.2')
  await until(() => {
    other.write('<14>other: one line\n')
    return ingest.counters.get('connections-paused') > 0
  })
  const taken = ingest.counters.get('messages-tcp')
  let answered = 0
  while (ingest.counters.get('messages-tcp') === taken) {
    const before = ingest.writer.batches.length
    ingest.writer.release(1)
    answered++
    await until(() => ingest.writer.batches.length > before)
  }
  expect(answered).toBeLessThan(20)
  expect(ingest.counters.get('bodies-waiting')).toBeGreaterThan(1)
  ingest.writer.isHolding = false
  ingest.writer.release()
})

test('each listener tells what it has counted, before the end too', async () => {
  const ingest = await started()
  const socket = await connected(ingest.portOf('tcp'), '127.0.0.1')
  socket.end('<14>a: one\n<14>a: two\n')
  await sendDatagrams(ingest.portOf('udp'), ['<14>b: one', '<14>b: two', '<14>b: three'])
  ingest.command({ kind: 'http', id: 1, address: '127.0.0.9', form: 'lines', bytes: Buffer.from('c\n') })
  await until(() => ingest.writer.rows.length === 6)
  await ingest.stop()
  undo.splice(0, 1)
  const told = ingest.events.findLast((event): event is Extract<IngestEvent, { kind: 'listeners' }> => event.kind === 'listeners')!.listeners
  const none = { datagrams: 0, connections: 0, messages: 0, kernelDrops: 0, noFreeBatch: 0, shed: 0 }
  expect(told.toSorted((a, b) => a.listener.localeCompare(b.listener))).toEqual([
    { ...none, listener: 'http', transport: 'http', messages: 1 },
    { ...none, listener: 'hub', transport: 'internal' },
    { ...none, listener: 'tcp', transport: 'tcp', connections: 1, messages: 2 },
    { ...none, listener: 'udp', transport: 'udp', datagrams: 3, messages: 3 },
  ])
  expect(ingest.events.at(-1)).toEqual({ kind: 'stopped' })
})
