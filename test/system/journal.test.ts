import { execFileSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { startChild, until } from '../support/child.ts'
import { aHub, type RunningHub } from '../support/hub.ts'

/** systemd's own programs: one writes a journal, the other sends it (Debian: systemd-journal-remote). */
const REMOTE = '/usr/lib/systemd/systemd-journal-remote'
const UPLOAD = '/usr/lib/systemd/systemd-journal-upload'
const BOOT_ID = '0123456789abcdef0123456789abcdef'
const FIRST_US = 1_763_817_699_000_000

const entry = (n: number, fields: Readonly<Record<string, string>>): string =>
  `${Object.entries({ __REALTIME_TIMESTAMP: String(FIRST_US + n * 1000), __MONOTONIC_TIMESTAMP: String(n * 1000), _BOOT_ID: BOOT_ID, _HOSTNAME: 'tch-001', ...fields }).map(([name, value]) => `${name}=${value}`).join('\n')}\n`
const binary = (name: string, value: Buffer): Buffer => {
  const size = Buffer.alloc(8)
  size.writeBigUInt64LE(BigInt(value.length))
  return Buffer.concat([Buffer.from(`${name}\n`), size, value, Buffer.from('\n')])
}

/** Adds entries to a journal file, as a collector does. */
function write(file: string, entries: readonly (string | Buffer)[]): void {
  execFileSync(REMOTE, ['--output', file, '-'], { input: Buffer.concat(entries.flatMap((one) => [Buffer.from(one), Buffer.from('\n')])), stdio: ['pipe', 'ignore', 'pipe'] })
}

/** A hub that knows the machine that the tests run on: a journal is taken from nodes only. */
async function aHubWithNode(): Promise<RunningHub & AsyncDisposable> {
  const hub = await aHub()
  await hub.json('/api/v1/nodes/tch-001', { method: 'PUT', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ addresses: ['127.0.0.1'] }) })
  return hub
}

const upload = (hub: RunningHub, args: readonly string[]) =>
  startChild(UPLOAD, [`--url=${hub.url}`, `--save-state=${join(hub.folder, 'state')}`, ...args], { cwd: hub.folder })

test('systemd-journal-upload sends a journal, and every entry is a message', { timeout: 60_000 }, async () => {
  await using hub = await aHubWithNode()
  const file = join(hub.folder, 'remote-tch-001.journal')
  const dump = randomBytes(300_000)
  const plain = Array.from({ length: 3000 }, (_, n) => entry(n, { PRIORITY: '5', SYSLOG_IDENTIFIER: 'app', _PID: '77', _SYSTEMD_UNIT: 'app.service', MESSAGE: `number ${n}` }))
  write(file, [
    ...plain,
    entry(3000, { _TRANSPORT: 'kernel', PRIORITY: '4', SYSLOG_IDENTIFIER: 'kernel', _SOURCE_MONOTONIC_TIMESTAMP: '12345678', MESSAGE: 'usb 1-1: new device' }),
    Buffer.concat([Buffer.from(entry(3001, { PRIORITY: '2', SYSLOG_IDENTIFIER: 'dump' })), binary('COREDUMP', dump), binary('MESSAGE', Buffer.from('two\nlines'))]),
  ])
  const sender = upload(hub, ['--follow=no', `--file=${file}`])
  expect(await sender.ended, sender.output()).toBe(0)
  const messages = await hub.searchAll('format:journal')
  expect(messages.map(({ text }) => text)).toEqual([...plain.map((_, n) => `number ${n}`), '[   12.345678] usb 1-1: new device', 'two\nlines'])
  expect(messages[0]).toMatchObject({ node: 'tch-001', host: 'tch-001', app: 'app', procid: '77', severity: 'notice', facility: 'user', format: 'journal', faults: [], sent: new Date(FIRST_US / 1000).toISOString() })
  expect(messages[3000]).toMatchObject({ app: 'kernel', facility: 'kern', severity: 'warning' })
  expect(messages[3001]).toMatchObject({ app: 'dump', severity: 'crit' })
  expect((await hub.searchAll('sd._SYSTEMD_UNIT:app.service')).length).toBe(3000)
})

test('a journal that is followed comes as it is written, and a hub that stops is not waited for', { timeout: 60_000 }, async () => {
  await using hub = await aHubWithNode()
  const file = join(hub.folder, 'remote-tch-001.journal')
  write(file, [entry(0, { MESSAGE: 'first' })])
  const sender = upload(hub, ['--follow', `--file=${file}`])
  const texts = async () => (await hub.searchAll('format:journal')).map(({ text }) => text)
  await until('the first entry', async () => (await texts()).length === 1)
  write(file, [entry(1, { MESSAGE: 'second' })])
  await until('the second entry', async () => (await texts()).length === 2)
  expect(await texts()).toEqual(['first', 'second'])
  expect(sender.running()).toBe(true)
  const { code, tookMs } = await hub.stop()
  expect(code).toBe(0)
  expect(tookMs).toBeLessThan(10_000)
  await sender.stop()
})
