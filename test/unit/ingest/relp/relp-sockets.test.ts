import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { afterEach, expect, test } from 'vitest'
import { aSyslogConfig, startIngest, until } from '../../../fixtures/ingest/fake-writer.ts'

type Started = Awaited<ReturnType<typeof startIngest>>
const open: { stop(): Promise<void> }[] = []
afterEach(async () => {
  for (const ingest of open.splice(0)) await ingest.stop()
})

/** A client that notes what it is answered. */
async function connected(): Promise<{ readonly ingest: Started; readonly socket: Socket; heard(): string; isClosed(): boolean }> {
  const ingest = await startIngest(aSyslogConfig({ listeners: [{ name: 'relp', transport: 'relp', address: '127.0.0.1', port: 0, form: 'syslog' }] }))
  open.push(ingest)
  const socket = connect({ port: ingest.portOf('relp'), host: '127.0.0.1' })
  let heard = ''
  let isClosed = false
  socket.on('data', (chunk) => (heard += chunk.toString('latin1')))
  socket.on('close', () => (isClosed = true))
  await once(socket, 'connect')
  return { ingest, socket, heard: () => heard, isClosed: () => isClosed }
}

test('an open is answered with what the hub offers', async () => {
  const { socket, heard } = await connected()
  socket.write('1 open 20 relp_version=0\nabcde\n')
  await until(() => heard().endsWith('commands=syslog\n'))
  expect(heard()).toBe('1 rsp 59 200 OK\nrelp_version=0\nrelp_software=hps-hub\ncommands=syslog\n')
})

test('messages are acknowledged one by one, in order, once their batch is settled', async () => {
  const { ingest, socket, heard } = await connected()
  ingest.writer.isHolding = true
  socket.write('2 syslog 6 <13>a1\n3 syslog 6 <13>a2\n')
  await until(() => ingest.writer.rows.length === 2)
  expect(heard()).toBe('')
  ingest.writer.release()
  await until(() => heard().length > 0)
  expect(heard()).toBe('2 rsp 6 200 OK\n3 rsp 6 200 OK\n')
  expect(ingest.writer.rows[0]).toMatchObject({ text: 'a1', source: { transport: 'relp', listener: 'relp' } })
  expect(ingest.counters.get('relp-acknowledged')).toBe(2)
})

test('what the disk refused is not acknowledged: the connection ends', async () => {
  const { ingest, socket, heard, isClosed } = await connected()
  ingest.writer.isRefusing = true
  socket.write('2 syslog 6 <13>a1\n')
  await until(isClosed)
  expect(heard()).toBe('')
  expect(ingest.counters.get('relp-refused')).toBe(1)
})

test('a close is answered behind the last acknowledgement', async () => {
  const { socket, heard, isClosed } = await connected()
  socket.write('2 syslog 6 <13>a1\n3 close 0\n')
  await until(isClosed)
  expect(heard()).toBe('2 rsp 6 200 OK\n3 rsp 0\n0 serverclose 0\n')
})

test('a stop of the hub answers what was taken before it closes the connection', async () => {
  const { ingest, socket, heard, isClosed } = await connected()
  ingest.writer.isHolding = true
  socket.write('2 syslog 6 <13>a1\n')
  await until(() => ingest.writer.rows.length === 1)
  const stopped = open.pop()!.stop()
  ingest.writer.isHolding = false
  ingest.writer.release()
  await stopped
  await until(isClosed)
  expect(heard()).toBe('2 rsp 6 200 OK\n0 serverclose 0\n')
})

test('a command that is not known is refused and the next message taken', async () => {
  const { ingest, socket, heard } = await connected()
  socket.write('2 starttls 0\n3 syslog 6 <13>a1\n')
  await until(() => heard().endsWith('3 rsp 6 200 OK\n'))
  expect(heard()).toBe('2 rsp 21 500 command not known\n3 rsp 6 200 OK\n')
  expect(ingest.writer.rows).toHaveLength(1)
})

test('what is no RELP ends the connection, counted', async () => {
  const { ingest, socket, isClosed } = await connected()
  socket.write('<13>plain syslog\n')
  await until(isClosed)
  expect(ingest.counters.get('relp-fault-transaction')).toBe(1)
})
