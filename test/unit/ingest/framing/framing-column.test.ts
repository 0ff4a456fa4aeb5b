import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { connect } from 'node:net'
import { afterEach, expect, test } from 'vitest'
import { aSyslogConfig, startIngest, until } from '../../../fixtures/ingest/fake-writer.ts'

const undo: (() => unknown)[] = []
afterEach(async () => {
  for (const step of undo.splice(0).reverse()) await step()
})

async function started() {
  const address = '127.0.0.1'
  const ingest = await startIngest(aSyslogConfig({
    listeners: [
      { name: 'udp', transport: 'udp', address, port: 0 },
      { name: 'netconsole', transport: 'udp', address, port: 0, form: 'netconsole' },
      { name: 'tcp', transport: 'tcp', address, port: 0 },
      { name: 'relp', transport: 'relp', address, port: 0 },
    ],
  }))
  undo.push(() => ingest.stop())
  return ingest
}

async function say(port: number, parts: readonly string[]): Promise<void> {
  const socket = connect({ port, host: '127.0.0.1' })
  undo.push(() => socket.destroy())
  await once(socket, 'connect')
  socket.setNoDelay(true)
  for (const part of parts) {
    await new Promise((resolve) => socket.write(part, resolve))
    await new Promise((resolve) => setImmediate(resolve))
  }
}

const counted = (text: string) => `${text.length} ${text}`
const journal = Buffer.from('MESSAGE=an entry\nPRIORITY=6\n\n')

test.for([
  ['a datagram', 'udp', ['<14>a: x'], ['datagram']],
  ['a line of a console', 'netconsole', ['e1000e: link is up\n'], ['console']],
  ['a datagram with a header on a port for consoles', 'netconsole', ['<14>a: x'], ['datagram']],
  ['lines, whatever ends them', 'tcp', ['<14>a: x\n<14>b: y\r\n<14>c: z\0'], ['newline', 'newline', 'newline']],
  ['counted messages', 'tcp', [counted('<14>a: x') + counted('<14>b: y')], ['octet-count', 'octet-count']],
  ['both in turn, split anywhere', 'tcp', ['<14>a: x', '\n8 <1', '4>b: y<14>c', ': z\n', counted('<14>d: x')], ['newline', 'octet-count', 'newline', 'octet-count']],
  ['what a wrong count leaves behind', 'tcp', ['5 <14>a: too short a count\n'], ['octet-count', 'newline']],
  ['counts without a priority', 'tcp', [`5 hello5 world${counted('<14>a: x')}`], ['octet-count', 'octet-count', 'octet-count']],
  ['RELP', 'relp', ['1 open 0\n2 syslog 8 <14>a: x\n3 syslog 8 <14>b: y\n'], ['relp', 'relp']],
] as const)('%s', async ([, listener, parts, framings]) => {
  const ingest = await started()
  if (listener === 'tcp' || listener === 'relp') await say(ingest.portOf(listener), parts)
  else {
    const socket = createSocket('udp4')
    undo.push(() => socket.close())
    for (const part of parts) socket.send(part, ingest.portOf(listener), '127.0.0.1')
  }
  await until(() => ingest.writer.rows.length === framings.length)
  expect(ingest.writer.rows.map(({ framing }) => framing)).toEqual(framings)
})

test.for([
  ['http-lines', { kind: 'http', id: 1, address: '10.0.0.1', form: 'lines', bytes: Buffer.from('text\n<14>a: x\n') }, 2],
  ['ndjson', { kind: 'http', id: 1, address: '10.0.0.1', form: 'ndjson', bytes: Buffer.from('{"msg":"x"}\nno json\n') }, 2],
  ['journal', { kind: 'http', id: 1, address: '10.0.0.1', form: 'journal', bytes: journal }, 1],
  ['own', { kind: 'hub', bytes: Buffer.from('<46>1 - hub hps-hub - - - x\n') }, 1],
] as const)('%s', async ([framing, command, rows]) => {
  const ingest = await started()
  ingest.command(command)
  await until(() => ingest.writer.rows.length === rows)
  expect(new Set(ingest.writer.rows.map((row) => row.framing))).toEqual(new Set([framing]))
})

test('what was refused for want of room keeps its framing', async () => {
  const ingest = await started()
  ingest.writer.isHolding = true
  const line = `${counted('<14>a: counted')}<14>b: a line\n`
  await say(ingest.portOf('tcp'), [line.repeat(60_000)])
  await until(() => ingest.counters.get('connections-paused') > 0)
  ingest.writer.isHolding = false
  ingest.writer.release()
  await until(() => ingest.writer.rows.length === 120_000)
  expect(ingest.writer.rows.findIndex(({ app, framing }) => framing !== (app === 'a' ? 'octet-count' : 'newline'))).toBe(-1)
})

test('the first message of each RELP connection is marked, and no other', async () => {
  const ingest = await started()
  for (const n of [1, 2]) await say(ingest.portOf('relp'), ['1 open 0\n', `2 syslog 8 <14>a: ${n}\n3 syslog 8 <14>b: ${n}\n`, `4 syslog 8 <14>c: ${n}\n`])
  await until(() => ingest.writer.rows.length === 6)
  expect(ingest.writer.rows.filter(({ hints }) => hints.includes('opening')).map(({ app, text }) => `${app}${text}`).toSorted()).toEqual(['a1', 'a2'])
})
