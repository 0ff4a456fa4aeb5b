import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { createServer as createHttpServer } from 'node:http'
import { createServer, type AddressInfo } from 'node:net'
import { expect, test } from 'vitest'
import { demoProfiles, demoRegister, startDemoFleet, UNKNOWN_NODES } from '#demo/index.ts'
import { FLEET } from '../../../src/demo/fleet.ts'
import { seededRandom } from '../../../src/demo/random.ts'

test('each node sends from its own address, over UDP, TCP and HTTP, and all sockets are closed at the end', async () => {
  const heard = { udp: new Set<string>(), tcp: new Set<string>(), http: new Set<string>() }
  const stop = new AbortController()
  const udp = createSocket('udp4').on('message', (_, { address }) => heard.udp.add(address))
  udp.bind(0, '127.0.0.1')
  const tcp = createServer((socket) => void (heard.tcp.add(socket.remoteAddress!), socket.resume().on('error', () => socket.destroy()))).listen(0, '127.0.0.1')
  const http = createHttpServer((request, response) => void (heard.http.add(`${request.socket.remoteAddress} ${request.headers['user-agent']!.split('/')[0]} ${new URL(request.url!, 'http://h').searchParams.get('mac')}`), response.writeHead(200).end('#!ipxe\nexit 1\n'))).listen(0, '127.0.0.1')
  await Promise.all([once(udp, 'listening'), once(tcp, 'listening'), once(http, 'listening')])
  const portOf = (server: { address(): unknown }): number => (server.address() as AddressInfo).port

  const fleet = startDemoFleet({
    hubSyslog: { host: '127.0.0.1', udpPort: portOf(udp), tcpPort: portOf(tcp) },
    httpUrl: `http://127.0.0.1:${portOf(http)}/`,
    clock: () => Date.parse('2026-11-22T15:00:00Z'),
    random: seededRandom(7),
    signal: stop.signal,
    // time passes as fast as the sockets take it, until everybody was heard
    sleep: () =>
      new Promise((resolve) =>
        setImmediate(() => {
          if (heard.udp.size >= 13 && heard.tcp.size >= 5 && heard.http.size >= 12) stop.abort()
          resolve()
        }),
      ),
  })
  await fleet.stopped
  const addresses = Array.from({ length: 12 }, (_, index) => `127.1.0.${index + 1}`)
  // the boot server speaks from the first loopback address; iPXE and the kernel of every node by UDP
  expect(heard.udp).toEqual(new Set(['127.0.0.1', ...addresses]))
  expect(heard.tcp).toEqual(new Set(fleet.nodes.filter(({ dialect }) => dialect.endsWith('tcp')).map(({ address }) => address)))
  expect(heard.http).toEqual(new Set(fleet.nodes.map(({ address, mac }) => `${address} iPXE ${mac}`)))
  udp.close()
  tcp.close()
  http.close()
})

test('a hub that is away does not end the demo', async () => {
  const stop = new AbortController()
  let naps = 0
  const fleet = startDemoFleet({
    hubSyslog: { host: '127.0.0.1', udpPort: 9, tcpPort: 9 }, httpUrl: 'http://127.0.0.1:9', clock: Date.now, random: seededRandom(7), signal: stop.signal,
    sleep: () => new Promise((resolve) => setImmediate(() => (++naps > 5_000 && stop.abort(), resolve()))),
  })
  await expect(fleet.stopped).resolves.toBeUndefined()
})

test('the register has a profile for every node but the two that are left to the person at the keyboard', () => {
  const register = demoRegister()
  expect(register.map(({ name }) => name)).toEqual(FLEET.map(({ name }) => name).filter((name) => !UNKNOWN_NODES.includes(name)))
  expect(register.every(({ profile }) => profile in demoProfiles())).toBe(true)
  expect(register).toHaveLength(10)
})
