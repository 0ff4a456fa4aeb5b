import { createSocket } from 'node:dgram'
import { afterEach, expect, test } from 'vitest'
import { aSyslogConfig, startIngest, until } from '../../../fixtures/ingest/fake-writer.ts'

/** What a machine sends with `netconsole=` while it starts, over a socket; each line here is a datagram. */
type Started = Awaited<ReturnType<typeof startIngest>>
const open: Started[] = []
afterEach(async () => {
  for (const ingest of open.splice(0)) if (!ingest.events.some(({ kind }) => kind === 'stopped')) await ingest.stop()
})

async function startWithConsole(): Promise<Started> {
  const ingest = await startIngest(aSyslogConfig({ listeners: [
    { name: 'udp', transport: 'udp', address: '127.0.0.1', port: 0 },
    { name: 'netconsole', transport: 'udp', address: '127.0.0.1', port: 0, form: 'netconsole' },
  ] }))
  open.push(ingest)
  return ingest
}

async function replay(port: number, datagrams: readonly string[]): Promise<void> {
  const socket = createSocket('udp4')
  for (const datagram of datagrams) await new Promise((resolve) => socket.send(datagram, port, '127.0.0.1', resolve))
  socket.close()
}

const BASIC = [
  '[    0.000000] Linux version 6.1.0-18-amd64 (debian-kernel@lists.debian.org)\n',
  '[    0.000000] Command line: initrd=initrd.magic hps.session=a1b2c3 netconsole=@/eth0,@10.0.0.1/\n',
  '[    1.204511] Freeing unused kernel image memory: ',
  '2680K\n[    1.204600] Write protecting the kernel read-only data: 26624k\n',
  '[    2.000001] systemd[1]: Starting\n[    2.000002] systemd[1]: Started\n[    2.000003] login:',
]
const RECORD = `ACPI: ${'tables '.repeat(150)}end`
const cut = (from: number, to: number): string => `6.1.0-18-amd64,6,417,1758426,-,caller=T1,ncfrag=${from}/${RECORD.length};${RECORD.slice(from, to)}`
const EXTENDED = [
  '6.1.0-18-amd64,5,1,0,-;Linux version 6.1.0-18-amd64 (debian-kernel@lists.debian.org)\n',
  '6.1.0-18-amd64,6,416,1700000,-;usb 1-1: new device\n SUBSYSTEM=usb\n DEVICE=c189:1\n hps.session=a1b2c3\n',
  cut(900, RECORD.length),
  '6.1.0-18-amd64,12,418,1800000,-;systemd[1]: hello\n',
  cut(0, 900),
  '6.1.0-18-amd64,4,419,1900000,-,ncfrag=0/2000;the rest of this one is lost',
]

test.for(['udp', 'netconsole'])('extended netconsole on the listener %s: fragments out of order, one missing', async (listener) => {
  const ingest = await startWithConsole()
  await replay(ingest.portOf(listener), EXTENDED)
  await until(() => ingest.writer.rows.length === 5)
  expect(ingest.writer.rows.map(({ procid, text, faults }) => [procid, text, faults.filter((fault) => fault !== 'no-host').join(' ')])).toEqual([
    ['1', 'Linux version 6.1.0-18-amd64 (debian-kernel@lists.debian.org)', ''],
    ['416', 'usb 1-1: new device', ''],
    ['418', 'systemd[1]: hello', ''],
    ['417', RECORD, 'joined'],
    ['419', 'the rest of this one is lost', 'piece-missing'],
  ])
  expect(ingest.writer.rows[1]).toMatchObject({ label: 'a1b2c3', structuredData: ' SUBSYSTEM=usb\n DEVICE=c189:1\n hps.session=a1b2c3', raw: Buffer.from(EXTENDED[1]!), app: 'kernel', format: 'kmsg' })
  expect(ingest.writer.rows[3]!.raw.toString()).toBe(`6.1.0-18-amd64,6,417,1758426,-,caller=T1,ncfrag=0/${RECORD.length};${RECORD}`)
  const of = (name: 'datagrams' | 'messages-udp' | 'pieces-joined' | 'pieces-missing') => ingest.counters.get(name)
  expect([of('datagrams'), of('messages-udp') + of('pieces-joined'), of('pieces-missing')]).toEqual([6, 6, 1])
})

test('basic netconsole: lines that share a datagram, and one that has two', async () => {
  const ingest = await startWithConsole()
  await replay(ingest.portOf('netconsole'), BASIC)
  await until(() => ingest.writer.rows.length === 7)
  expect(ingest.writer.rows.map(({ text }) => text)).toEqual([
    '[    0.000000] Linux version 6.1.0-18-amd64 (debian-kernel@lists.debian.org)',
    '[    0.000000] Command line: initrd=initrd.magic hps.session=a1b2c3 netconsole=@/eth0,@10.0.0.1/',
    '[    1.204511] Freeing unused kernel image memory: 2680K',
    '[    1.204600] Write protecting the kernel read-only data: 26624k',
    '[    2.000001] systemd[1]: Starting',
    '[    2.000002] systemd[1]: Started',
    '[    2.000003] login:',
  ])
  expect(ingest.writer.rows.every(({ format, app, faults }) => format === 'netconsole' && app === 'kernel' && !faults.includes('piece-missing'))).toBe(true)
  expect(ingest.writer.rows[1]!.label).toBe('a1b2c3')
  const of = (name: 'datagrams' | 'messages-udp' | 'pieces-joined' | 'pieces-split') => ingest.counters.get(name)
  expect([of('datagrams'), of('messages-udp') + of('pieces-joined') - of('pieces-split')]).toEqual([5, 5])
})

test('what is held when the hub stops is written', async () => {
  const ingest = await startWithConsole()
  await replay(ingest.portOf('netconsole'), ['half a line', cut(0, 900), `<6>tch-001 ipxe: ${'x'.repeat(127)}`])
  await until(() => ingest.counters.get('lines-held') === 3)
  await ingest.stop()
  expect(ingest.writer.rows.map(({ format, faults }) => [format, faults.includes('piece-missing')])).toEqual([['netconsole', false], ['kmsg', true], ['ipxe', true]])
})

test('a listener that is not required is done without where its port is taken, and that is told', async () => {
  const first = await startWithConsole()
  const port = first.portOf('netconsole')
  const second = await startIngest(aSyslogConfig({ listeners: [
    { name: 'udp', transport: 'udp', address: '127.0.0.1', port: 0 },
    { name: 'netconsole', transport: 'udp', address: '127.0.0.1', port, form: 'netconsole', required: false },
  ] }))
  open.push(second)
  expect(second.listeners.map(({ name }) => name)).toEqual(['udp'])
  expect(second.events).toContainEqual(expect.objectContaining({ kind: 'log', level: 'warn', fields: expect.objectContaining({ listener: 'netconsole', port }) as unknown }))
})
