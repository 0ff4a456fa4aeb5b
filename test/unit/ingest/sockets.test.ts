import { createSocket } from 'node:dgram'
import { connect, type Socket } from 'node:net'
import { once } from 'node:events'
import { afterEach, expect, test } from 'vitest'
import { RESERVED_BATCHES } from '../../../src/ingest/fair-share.ts'
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

async function connectTo(ingest: Started, from = '127.0.0.1'): Promise<Socket> {
  const socket = connect({ port: ingest.portOf('tcp'), host: '127.0.0.1', localAddress: from })
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
  const ingest = await start(aSyslogConfig({ udp_buffer: '1GiB' }))
  expect(ingest.events).toContainEqual(
    expect.objectContaining({ kind: 'log', level: 'warn', fields: expect.objectContaining({ asked: '1GiB', setting: 'net.core.rmem_max' }) }),
  )
})

test('an empty datagram is counted and is no message', async () => {
  const ingest = await start()
  await sendDatagrams(ingest.portOf('udp'), [Buffer.alloc(0), '<13>x: y'])
  await until(() => ingest.writer.rows.length === 1)
  expect(ingest.counters.get('empty-datagrams')).toBe(1)
  expect(ingest.counters.get('messages-udp')).toBe(1)
})

test('a datagram longer than the limit is cut, marked and counted', async () => {
  const ingest = await start(aSyslogConfig({ max_frame: '1KiB' }))
  await sendDatagrams(ingest.portOf('udp'), [`<13>a: ${'x'.repeat(2000)}`])
  await until(() => ingest.writer.rows.length === 1)
  expect(ingest.writer.rows[0]!.raw).toHaveLength(1024)
  expect(ingest.writer.rows[0]!.faults).toContain('truncated')
  expect(ingest.counters.get('cut-messages')).toBe(1)
  expect(ingest.counters.get('cut-bytes')).toBe(2007 - 1024)
})

test('one connection may mix both framings, split anywhere', async () => {
  const ingest = await start()
  const socket = await connectTo(ingest)
  socket.setNoDelay(true)
  for (const part of ['<13>a: li', 'ne\r\n1', '3 <13>b: count\n', '<13>c: nul\0<13>d: la', 'st']) {
    socket.write(part)
    await new Promise((resolve) => setImmediate(resolve))
  }
  socket.end()
  await until(() => ingest.writer.rows.length === 4)
  expect(ingest.writer.rows.map((row) => row.raw.toString())).toEqual(['<13>a: line', '<13>b: count\n', '<13>c: nul', '<13>d: last'])
  expect(ingest.writer.rows.map((row) => row.faults.includes('unterminated-frame'))).toEqual([false, false, false, true])
  expect(ingest.counters.get('messages-tcp')).toBe(4)
  expect(ingest.counters.get('bytes-tcp')).toBe(11 + 13 + 10 + 11)
})

test('nothing that is sent closes a connection', async () => {
  const ingest = await start(aSyslogConfig({ max_frame: '512B' }))
  const socket = await connectTo(ingest)
  socket.write(`99999 <13>${'a'.repeat(99_999 - 4)}7 <13>rubbish behind a wrong count\n\x00\xff\xfe\n123 no count\n${'b'.repeat(2000)}\n<13>still: here\n`)
  await until(() => ingest.writer.rows.some((row) => row.text === 'here'))
  expect(ingest.counters.get('connections-open')).toBe(1)
  expect(ingest.counters.get('cut-messages')).toBe(2)
  expect(ingest.writer.rows.map((row) => row.raw.length)).toEqual([512, 7, 25, 4, 12, 512, 15])
})

test('a slow writer stops the reading of connections, and nothing of them is lost', async () => {
  const ingest = await start()
  ingest.writer.isHolding = true
  const socket = await connectTo(ingest)
  const count = 90_000 // more rows than all batches hold
  const lines = Array.from({ length: count }, (_, i) => `<13>Nov 22 13:21:39 tch-001 app[7]: message ${i}\n`)
  socket.end(lines.join(''))
  await until(() => ingest.counters.get('connections-paused') === 1)
  expect(ingest.counters.get('batches-free')).toBe(RESERVED_BATCHES)
  expect(ingest.writer.held).toBe(2)
  ingest.writer.isHolding = false
  ingest.writer.release()
  await until(() => ingest.writer.rows.length >= count)
  await ingest.stop()
  expect(ingest.writer.rows).toHaveLength(count)
  expect(ingest.writer.rows.findIndex((row, i) => row.text !== `message ${i}`)).toBe(-1)
  expect(ingest.counters.get('connections-paused')).toBe(0)
})

test('while a body waits for room datagrams still find some; when nothing is free they are counted as lost, by sender', async () => {
  const ingest = await start(aSyslogConfig({ udp_buffer: '1MiB' }))
  ingest.writer.isHolding = true
  const count = 90_000
  ingest.command({ kind: 'http', id: 5, address: '10.0.0.9', form: 'lines', bytes: Buffer.from('a line of plain text\n'.repeat(count)) })
  await until(() => ingest.counters.get('batches-free') === RESERVED_BATCHES)
  const large = `<11>urgent: ${'x'.repeat(60_000)}`
  const [fits, tooMany] = [34 * RESERVED_BATCHES, 100] // in 2 MiB each, and more than there is room for
  let sent = 0
  for (; sent < fits || ingest.counters.get('dropped-no-free-batch') === 0; sent++) {
    await sendDatagrams(ingest.portOf('udp'), [large])
    await until(() => ingest.counters.get('messages-udp') + ingest.counters.get('dropped-no-free-batch') === sent + 1)
    if (sent < fits) expect(ingest.counters.get('dropped-no-free-batch')).toBe(0)
    expect(sent).toBeLessThan(fits + tooMany)
  }
  expect(ingest.counters.get('bodies-waiting')).toBe(1)
  ingest.writer.isHolding = false
  ingest.writer.release()
  await until(() => ingest.writer.receipts.length === 1)
  expect(ingest.writer.receipts).toEqual([{ id: 5, messages: count, cut: 0 }])
  expect(ingest.writer.rows).toHaveLength(count + sent - ingest.counters.get('dropped-no-free-batch'))
  expect(ingest.counters.get('bodies-waiting')).toBe(0)
  await ingest.stop()
  expect(ingest.writer.losses).toMatchObject([{ source: { address: '127.0.0.1', listener: 'udp' }, reason: 'no-free-batch', count: 1 }])
  open.length = 0
})

test('one connection too many is refused and counted', async () => {
  const ingest = await start(aSyslogConfig({ max_connections: 1 }))
  await connectTo(ingest)
  const second = await connectTo(ingest)
  await once(second, 'close')
  expect(ingest.counters.get('connections-refused-limit')).toBe(1)
  expect(ingest.counters.get('connections-open')).toBe(1)
})

test('one address has at most half of all connections; another still gets in', async () => {
  const ingest = await start(aSyslogConfig({ max_connections: 4 }))
  const own = [await connectTo(ingest), await connectTo(ingest), await connectTo(ingest)]
  await once(own[2]!, 'close')
  expect(ingest.counters.get('connections-refused-address')).toBe(1)
  await connectTo(ingest, '127.0.0.2')
  await until(() => ingest.counters.get('connections-accepted') === 3)
  own[0]!.destroy()
  await until(() => ingest.counters.get('connections-open') === 2)
  await connectTo(ingest)
  await until(() => ingest.counters.get('connections-accepted') === 4)
})

test('half frames of one address leave room for the frames of others', async () => {
  const ingest = await start(aSyslogConfig({ max_connections: 4000 }))
  const half = `60000 <13>half: ${'x'.repeat(50_000)}`
  const hoarders = await Promise.all(Array.from({ length: 800 }, () => connectTo(ingest)))
  for (const socket of hoarders) socket.write(half)
  await until(() => ingest.counters.get('fault-truncated') > 0)
  const other = await connectTo(ingest, '127.0.0.2')
  const text = 'y'.repeat(20_000)
  other.write(`<13>whole: ${text}`)
  await new Promise((resolve) => setImmediate(resolve))
  other.write('z\n')
  await until(() => ingest.writer.rows.some((row) => row.app === 'whole'))
  expect(ingest.writer.rows.find((row) => row.app === 'whole')).toMatchObject({ text: `${text}z`, faults: expect.not.arrayContaining(['truncated']) as unknown })
  for (const socket of hoarders) socket.destroy()
})

test('a connection that sends nothing is closed after the idle time; its last line is kept', async () => {
  const ingest = await start(aSyslogConfig({ idle_timeout: '20ms' }))
  const socket = await connectTo(ingest)
  socket.write('<13>half: a line')
  await once(socket, 'close')
  await until(() => ingest.writer.rows.length === 1)
  expect(ingest.counters.get('connections-closed-idle')).toBe(1)
  expect(ingest.writer.rows[0]!.faults).toContain('unterminated-frame')
})

test('a port that is taken is told and the other listeners are closed', async () => {
  const first = await start()
  const port = first.portOf('tcp')
  const second = await startIngest(
    aSyslogConfig({ listeners: [{ name: 'free', transport: 'tcp', address: '127.0.0.1', port: 0 }, { name: 'taken', transport: 'tcp', address: '127.0.0.1', port }] }),
  )
  expect(second.events).toEqual([{ kind: 'bind-failed', listener: 'taken', reason: expect.stringContaining('EADDRINUSE') }])
})

test('`::` takes IPv4 senders under their own address', async () => {
  const ingest = await start(aSyslogConfig({ listeners: [{ name: 'any', transport: 'udp', address: '::', port: 0 }] }))
  await sendDatagrams(ingest.portOf('any'), ['<13>x: y'])
  await until(() => ingest.writer.rows.length === 1)
  expect(ingest.writer.rows[0]!.source.address).toBe('127.0.0.1')
})

test('stop hands over what was read, then says so', async () => {
  const ingest = await startIngest()
  ingest.writer.isHolding = true
  const socket = await connectTo(ingest)
  socket.write('<13>whole: line\n<13>half: li')
  await until(() => ingest.counters.get('messages-tcp') === 1)
  ingest.command({ kind: 'stop' })
  await once(socket, 'close')
  await until(() => ingest.writer.held > 0)
  expect(ingest.events.some((event) => event.kind === 'stopped')).toBe(false)
  ingest.writer.isHolding = false
  ingest.writer.release()
  await until(() => ingest.events.some((event) => event.kind === 'stopped'))
  expect(ingest.writer.rows.map((row) => row.text)).toEqual(['line', 'li'])
})
