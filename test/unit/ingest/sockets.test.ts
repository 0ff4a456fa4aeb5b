import { createSocket } from 'node:dgram'
import { connect, type Socket } from 'node:net'
import { once } from 'node:events'
import { afterEach, expect, test } from 'vitest'
import { aSyslogConfig, startIngest, until, RECEIVED_MS } from '../../fixtures/ingest/fake-writer.ts'

type Started = Awaited<ReturnType<typeof startIngest>>
const open: { stop(): Promise<void> }[] = []
const sockets: Socket[] = []
afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.destroy()
  for (const ingest of open.splice(0)) await ingest.stop()
})

async function start(...config: Parameters<typeof startIngest>): Promise<Started> {
  const ingest = await startIngest(...config)
  open.push(ingest)
  return ingest
}

async function connectTo(ingest: Started): Promise<Socket> {
  const socket = connect(ingest.portOf('tcp'), '127.0.0.1')
  sockets.push(socket)
  await once(socket, 'connect')
  return socket
}

async function sendDatagrams(port: number, datagrams: readonly (string | Buffer)[]): Promise<void> {
  const socket = createSocket('udp4')
  for (const datagram of datagrams) await new Promise((resolve) => socket.send(datagram, port, '127.0.0.1', resolve))
  socket.close()
}

test('a datagram leaves as a batch of one row with its source', async () => {
  const ingest = await start()
  await sendDatagrams(ingest.portOf('udp'), ['<13>Nov 22 13:21:39 toyinit: hello\n'])
  await until(() => ingest.writer.rows.length === 1)
  const [row] = ingest.writer.rows
  expect(row).toMatchObject({ format: 'rfc3164', app: 'toyinit', text: 'hello', sentMs: RECEIVED_MS - 1000 })
  expect(row!.raw.toString()).toBe('<13>Nov 22 13:21:39 toyinit: hello\n')
  expect(row!.source).toEqual({ ref: 1, address: '127.0.0.1', transport: 'udp', listener: 'udp' })
  expect(ingest.counters.get('messages-udp')).toBe(1)
  expect(ingest.counters.get('format-rfc3164')).toBe(1)
})

test('the kernel\'s receive buffer is reported as it really is', async () => {
  const ingest = await start()
  const bound = ingest.listeners.find((listener) => listener.name === 'udp')
  expect(bound?.receiveBufferBytes).toBe(64 * 1024)
})

test('a buffer that the kernel does not give is warned about', async () => {
  const ingest = await start(aSyslogConfig({ udp_buffer: '1TiB' }).udp_buffer === '1TiB' ? aSyslogConfig({ udp_buffer: '1GiB' }) : undefined)
  expect(ingest.events).toContainEqual(expect.objectContaining({ kind: 'log', level: 'warn', fields: expect.objectContaining({ asked: '1GiB', setting: 'net.core.rmem_max' }) }))
})
