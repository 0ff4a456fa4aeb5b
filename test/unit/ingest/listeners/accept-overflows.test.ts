import { spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { createServer, type AddressInfo } from 'node:net'
import { expect, onTestFinished, test } from 'vitest'
import { acceptOverflowsIn, readAcceptOverflows } from '../../../../src/ingest/listeners/accept-overflows.ts'

test.for([
  { what: 'the column of that name', table: 'TcpExt: SyncookiesSent ListenOverflows ListenDrops\nTcpExt: 1 22 23\nIpExt: InNoRoutes\nIpExt: 0\n', overflows: 22 },
  { what: 'a kernel without it', table: 'TcpExt: SyncookiesSent\nTcpExt: 1\n', overflows: undefined },
  { what: 'nothing', table: '', overflows: undefined },
])('$what: $overflows', ({ table, overflows }) => {
  expect(acceptOverflowsIn(table)).toBe(overflows)
})

test('a program that accepts nothing loses connections, and the kernel says so', async () => {
  const server = createServer().listen({ port: 0, host: '127.0.0.1', backlog: 1 })
  onTestFinished(() => void server.close())
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  const before = readAcceptOverflows()!
  // nothing is accepted while this thread waits for the program that connects
  spawnSync('timeout', ['2', 'bash', '-c', `for n in 1 2 3 4 5 6; do exec {fd}<>/dev/tcp/127.0.0.1/${port}; done`])
  expect(readAcceptOverflows()).toBeGreaterThan(before)
})
