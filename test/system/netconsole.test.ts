import { createSocket } from 'node:dgram'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { SessionView } from '../../src/api/parts.ts'
import { freePort, until } from '../support/child.ts'
import { aHub, ROOT, sumOf, type RunningHub } from '../support/hub.ts'

/** The kernel log of a real boot as netconsole sends it: records of the kernel, one a datagram. */
const RECORDS = readFileSync(join(ROOT, 'test/unit/sessions/fixtures/kernel-boot.txt'), 'utf8').split('\n').flatMap((frame, n) => {
  const [, pri, seconds, micros, text] = /^<(\d+)>\w{3} \d+ [\d:]+ kernel: \[ *(\d+)\.(\d+)\] (.*)$/.exec(frame) ?? []
  return pri === undefined ? [] : [`6.1.0-18-amd64,${pri},${n},${Number(seconds) * 1_000_000 + Number(micros)},-;${text}\n SUBSYSTEM=test\n`]
})

let hub: RunningHub & AsyncDisposable
let port: number
beforeAll(async () => {
  port = await freePort()
  hub = await aHub({ syslog: { listeners: [{ name: 'netconsole', transport: 'udp', address: '127.0.0.1', port, form: 'netconsole' }] }, store: { seal_after: '2s' } })
  await hub.json('/api/v1/nodes/tch-001', { method: 'PUT', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ addresses: ['127.0.0.1'] }) })
})
afterAll(() => hub?.[Symbol.asyncDispose]())

async function send(datagrams: readonly string[]): Promise<void> {
  const socket = createSocket('udp4')
  for (const datagram of datagrams) await new Promise((resolve) => socket.send(datagram, port, '127.0.0.1', resolve))
  socket.close()
}
const sessions = async () => (await hub.json<{ readonly sessions: readonly SessionView[] }>('/api/v1/sessions?node=tch-001')).sessions
const count = async (query: string): Promise<number> => (await hub.searchAll(query)).length

test('what a kernel sends opens the session of its boot, and can be found by what the kernel says of it', async () => {
  await send(RECORDS)
  await until('all records', async () => (await count('format:kmsg')) === RECORDS.length)
  expect(await sessions()).toMatchObject([{ origin: 'kernel', state: 'open' }])
  expect(await count('node:tch-001 app:kernel sd.SUBSYSTEM:test')).toBe(RECORDS.length)
})

test('the same once more, as from /dev/kmsg, opens no session', async () => {
  await send(RECORDS)
  await until('all records again', async () => (await count('format:kmsg')) === 2 * RECORDS.length)
  await until('the replay', async () => (await sessions())[0]!.replayed > RECORDS.length / 2)
  expect(await sessions()).toHaveLength(1)
})

test('what is kept, also once it is sealed, is what was sent', async () => {
  const raws = async (): Promise<string[]> => {
    const messages = (await hub.searchAll('format:kmsg')).slice(0, 20)
    return Promise.all(messages.map(async ({ seq }) => (await hub.get(`/api/v1/logs/${seq}/raw`)).text()))
  }
  expect(await raws()).toEqual(RECORDS.slice(0, 20))
  await until('the segment is sealed', async () => sumOf(await hub.metrics(), 'hps_store_sealed_rows_total') >= 2 * RECORDS.length)
  expect(await raws()).toEqual(RECORDS.slice(0, 20))
  expect(await count('app:kernel sd.SUBSYSTEM:test')).toBe(2 * RECORDS.length)
})

test('a console and a boot loader: what came in pieces is one message each', async () => {
  const header = '<6>tch-001 ipxe: '
  await send(['[    9.000001] half ', 'a line\n', header + 'x'.repeat(127), `${header}y`])
  await until('both lines', async () => (await hub.searchAll('format:netconsole')).length === 1 && (await hub.searchAll('format:ipxe')).length === 1)
  expect((await hub.searchAll('format:netconsole'))[0]).toMatchObject({ text: '[    9.000001] half a line', app: 'kernel', faults: expect.arrayContaining(['joined']) as unknown })
  expect((await hub.searchAll('format:ipxe'))[0]).toMatchObject({ text: `${'x'.repeat(127)}y`, faults: ['joined'] })
  const samples = await hub.metrics()
  expect(sumOf(samples, 'hps_ingest_datagrams_total')).toBe(sumOf(samples, 'hps_ingest_messages_total', 'transport="udp"') + sumOf(samples, 'hps_ingest_pieces_total', 'what="joined"'))
})
