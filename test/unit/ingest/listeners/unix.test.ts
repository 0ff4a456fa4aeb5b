import { once } from 'node:events'
import { existsSync, linkSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { connect, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, expect, test } from 'vitest'
import { aSyslogConfig, startIngest, until } from '../../../fixtures/ingest/fake-writer.ts'

const undo: (() => unknown)[] = []
afterEach(async () => {
  for (const step of undo.splice(0).reverse()) await step()
})

function aPath(): string {
  const folder = mkdtempSync(join(tmpdir(), 'hps-unix-'))
  undo.push(() => rmSync(folder, { recursive: true, force: true }))
  return join(folder, 'log.sock')
}

const startAt = (path: string, mode?: string) =>
  startIngest(aSyslogConfig({ listeners: [{ name: 'local', transport: 'unix', address: '::', path, ...(mode === undefined ? {} : { mode }) }] }))

test('lines and counted messages come from the sender unix, and the socket goes when the hub stops', async () => {
  const path = aPath()
  const ingest = await startAt(path)
  expect(ingest.listeners).toEqual([{ name: 'local', transport: 'unix', address: path, port: 0 }])
  connect(path).end('<13>Nov 22 13:21:39 cron[7]: line\n13 <13>b: count\n')
  await until(() => ingest.writer.rows.length === 2)
  expect(ingest.writer.rows.map(({ app, text }) => [app, text])).toEqual([['cron', 'line'], ['b', 'count']])
  expect(ingest.writer.rows[0]!.source).toEqual({ ref: 1, address: 'unix', transport: 'unix', listener: 'local' })
  expect(ingest.counters.get('messages-unix')).toBe(2)
  await ingest.stop()
  expect(existsSync(path)).toBe(false)
})

test.for([
  { mode: undefined, bits: 0o660 },
  { mode: '0666', bits: 0o666 },
  { mode: '600', bits: 0o600 },
])('mode $mode lets in whom it says', async ({ mode, bits }) => {
  const path = aPath()
  const ingest = await startAt(path, mode)
  undo.push(() => ingest.stop())
  expect(statSync(path).mode & 0o777).toBe(bits)
})

test('the socket of a hub that was killed is replaced', async () => {
  const path = aPath()
  // a server that is closed takes its file along: a second name of it stays, as after a kill
  const dead = createServer().listen(`${path}.first`)
  await once(dead, 'listening')
  linkSync(`${path}.first`, path)
  dead.close()
  await once(dead, 'close')
  const ingest = await startAt(path)
  undo.push(() => ingest.stop())
  expect(ingest.listeners).toHaveLength(1)
})

test('a socket that somebody listens on is left alone', async () => {
  const path = aPath()
  const other = createServer().listen(path)
  await once(other, 'listening')
  undo.push(() => other.close())
  const ingest = await startAt(path)
  expect(ingest.events).toEqual([{ kind: 'bind-failed', listener: 'local', reason: `EADDRINUSE: another program listens on ${path}` }])
  expect(existsSync(path)).toBe(true)
})

test('a file that is no socket is left alone', async () => {
  const path = aPath()
  writeFileSync(path, 'precious')
  const ingest = await startAt(path)
  expect(ingest.events).toEqual([{ kind: 'bind-failed', listener: 'local', reason: `${path} is there already and is no socket` }])
})
