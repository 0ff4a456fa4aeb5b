import { createSocket, type Socket } from 'node:dgram'
import { once } from 'node:events'
import { expect, test } from 'vitest'
import { aSyslogConfig, startIngest, until } from '../../../fixtures/ingest/fake-writer.ts'

async function senderAt(address: string): Promise<Socket> {
  const socket = createSocket('udp4')
  socket.bind(0, address)
  await once(socket, 'listening')
  return socket
}

test('two senders at a hub whose disk stands still: sent is stored, told, or dropped by the kernel, to the message, and the quiet one is whole', { timeout: 60_000 }, async () => {
  const ingest = await startIngest(aSyslogConfig({ udp_buffer: '1MiB' }))
  const port = ingest.portOf('udp')
  ingest.writer.isHolding = true
  const [loud, quiet] = [await senderAt('127.0.0.1'), await senderAt('127.0.0.2')]
  const say = (socket: Socket, text: string) => new Promise((resolve) => socket.send(text, port, '127.0.0.1', resolve))
  const taken = () => ingest.counters.get('datagrams') + ingest.counters.get('dropped-kernel-buffer')
  let [loudSent, quietSent] = [0, 0]
  // Sender and receiver are one thread: each round fits the buffer, and is read before the next.
  while (ingest.counters.get('shed-info') < 5000) {
    await Promise.all(Array.from({ length: 500 }, () => say(loud, `<14>Nov 22 13:21:39 tch-001 app[7]: request ${loudSent++} done`)))
    await say(quiet, `<14>Nov 22 13:21:39 tch-002 app[7]: quiet ${quietSent++}`)
    await until(() => taken() === loudSent + quietSent)
  }
  ingest.writer.isHolding = false
  ingest.writer.release()
  await ingest.stop()
  loud.close()
  quiet.close()
  const rowsOf = (address: string) => ingest.writer.rows.filter(({ source }) => source.address === address)
  const lostOf = (address: string | undefined) => ingest.writer.losses.filter(({ source }) => source?.address === address).reduce((sum, { count }) => sum + count, 0)
  expect(rowsOf('127.0.0.2').map(({ text }) => text)).toEqual(Array.from({ length: quietSent }, (_, n) => `quiet ${n}`))
  expect(rowsOf('127.0.0.1').length + lostOf('127.0.0.1') + lostOf(undefined)).toBe(loudSent)
  expect(lostOf('127.0.0.1')).toBe(ingest.counters.get('shed-info'))
  expect(lostOf('127.0.0.2')).toBe(0)
})

test('what the kernel drops is told too, by listener', { timeout: 60_000 }, async () => {
  const ingest = await startIngest(aSyslogConfig({ udp_buffer: '8KiB' }))
  const socket = await senderAt('127.0.0.1')
  const sent = 500
  const port = ingest.portOf('udp')
  // Sent in one turn of the event loop: nothing is read meanwhile.
  let isSent = 0
  for (let n = 0; n < sent; n++) socket.send(`<14>burst: ${'x'.repeat(500)}`, port, '127.0.0.1', () => void isSent++)
  await until(() => isSent === sent && ingest.counters.get('datagrams') + ingest.counters.get('dropped-kernel-buffer') === sent)
  await ingest.stop()
  socket.close()
  const dropped = sent - ingest.writer.rows.length
  expect(dropped).toBeGreaterThan(0)
  expect(ingest.writer.losses.map(({ ref, listener, reason }) => ({ ref, listener, reason }))).toEqual(ingest.writer.losses.map(() => ({ ref: 0, listener: 'udp', reason: 'kernel-buffer' })))
  expect(ingest.writer.losses.reduce((sum, { count }) => sum + count, 0)).toBe(dropped)
})
