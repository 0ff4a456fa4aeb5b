import { once } from 'node:events'
import { connect, createServer, type AddressInfo } from 'node:net'
import { expect, test } from 'vitest'
import { createTlsGate } from '../../../../../src/ingest/listeners/tls/gate.ts'
import { anAuthority } from '../../../../support/certificates.ts'
import { aSyslogConfig, startIngest, until } from '../../../../fixtures/ingest/fake-writer.ts'
import { aTlsPlace, type TlsPlace } from '../../../../fixtures/ingest/tls-place.ts'

const linesOf = (place: TlsPlace): readonly string[] => place.ingest.writer.rows.map(({ text }) => text)
const logsOf = (place: TlsPlace) => place.ingest.events.filter((event) => event.kind === 'log')

test.for(['TLSv1.2', 'TLSv1.3'] as const)('both framings arrive over %s', async (version) => {
  await using place = await aTlsPlace()
  const client = await place.client({ minVersion: version, maxVersion: version })
  client.end('<13>a: line\n13 <13>b: count\n')
  await until(() => place.ingest.writer.rows.length === 2)
  expect(linesOf(place)).toEqual(['line', 'count'])
  expect(place.ingest.writer.rows[0]!.source).toMatchObject({ address: '127.0.0.1', transport: 'tcp', listener: 'secure' })
  await until(() => place.ingest.counters.get('connections-open') === 0)
  expect(place.ingest.counters.get('tls-handshakes')).toBe(1)
  expect(place.ingest.counters.get('connections-closed-peer')).toBe(1)
})

test('RELP goes over TLS, answers and all', async () => {
  await using place = await aTlsPlace({ transport: 'relp' })
  const client = await place.client()
  let heard = ''
  client.on('data', (chunk: Buffer) => (heard += chunk.toString()))
  client.write('1 syslog 6 <13>a1\n2 close 0\n')
  await once(client, 'close')
  expect(heard).toBe('1 rsp 6 200 OK\n2 rsp 0\n0 serverclose 0\n')
})

test('a slow writer stops the reading of secure connections, and nothing of them is lost', async () => {
  await using place = await aTlsPlace()
  place.ingest.writer.isHolding = true
  const client = await place.client()
  const count = 90_000 // more rows than all batches hold
  client.end(Array.from({ length: count }, (_, i) => `<13>Nov 22 13:21:39 tch-001 app[7]: message ${i}\n`).join(''))
  await until(() => place.ingest.counters.get('connections-paused') === 1)
  place.ingest.writer.isHolding = false
  place.ingest.writer.release()
  await until(() => place.ingest.writer.rows.length >= count)
  expect(linesOf(place).findIndex((text, i) => text !== `message ${i}`)).toBe(-1)
})

test('a connection that is open goes on while the certificate is renewed, and the next one sees the new certificate', async () => {
  await using place = await aTlsPlace()
  const before = await place.client()
  before.write('<13>a: before\n')
  place.write(place.authority.issue({ name: 'hub-renewed' }))
  place.ingest.command({ kind: 'certificates' })
  await until(() => place.ingest.events.some((event) => event.kind === 'certificate' && event.subject === 'CN=hub-renewed'))
  before.write('<13>a: after\n')
  const after = await place.client({ servername: 'hub-renewed' })
  await until(() => place.ingest.writer.rows.length === 2)
  expect(before.getPeerX509Certificate()!.subject).toBe('CN=hub')
  expect(after.getPeerX509Certificate()!.subject).toBe('CN=hub-renewed')
  expect(place.ingest.counters.get('tls-certificates-read')).toBe(2)
})

test.for([
  { what: 'a line', bytes: '<13>Nov 22 13:21:39 tch-001 app: hello\n', fault: 'plain-text' },
  { what: 'a counted message', bytes: '40 <13>Nov 22 13:21:39 tch-001 app: hello!!', fault: 'plain-text' },
  { what: 'a request', bytes: 'GET / HTTP/1.1\r\nHost: hub\r\n\r\n', fault: 'http' },
  { what: 'a RELP client', bytes: '1 open 20 relp_version=0\nabcde\n', fault: 'plain-text' },
] as const)('$what without TLS is counted as $fault, and logged with its address', async ({ bytes, fault }) => {
  await using place = await aTlsPlace()
  const socket = await place.plain()
  socket.write(bytes)
  await once(socket, 'close')
  await until(() => place.ingest.counters.get('connections-closed-handshake') === 1)
  expect(place.ingest.counters.get(`tls-fault-${fault}`)).toBe(1)
  expect(logsOf(place)).toEqual([{ kind: 'log', level: 'warn', message: 'TLS handshakes failed', fields: { listener: 'secure', reason: fault, address: '127.0.0.1', count: 1 } }])
  expect(place.ingest.writer.rows).toEqual([])
})

test.for([
  { what: 'an old version', options: { maxVersion: 'TLSv1.1', minVersion: 'TLSv1.1', ciphers: 'DEFAULT@SECLEVEL=0' }, fault: 'version-or-cipher' },
  { what: 'a cipher that needs another kind of key', options: { maxVersion: 'TLSv1.2', ciphers: 'AES128-SHA' }, fault: 'version-or-cipher' },
] as const)('$what is counted as $fault', async ({ options, fault }) => {
  await using place = await aTlsPlace()
  await expect(place.client(options as object)).rejects.toThrow()
  await until(() => place.ingest.counters.get('connections-closed-handshake') === 1)
  expect(place.ingest.counters.get(`tls-fault-${fault}`)).toBe(1)
})

test('a client that goes away in the middle is counted as reset', async () => {
  await using place = await aTlsPlace()
  const socket = await place.plain()
  socket.write(Buffer.from('1603010200', 'hex'))
  await until(() => place.ingest.counters.get('tls-handshakes-open') === 1)
  socket.end()
  await until(() => place.ingest.counters.get('tls-fault-reset') === 1)
  await until(() => place.ingest.counters.get('tls-handshakes-open') === 0)
})

test('half-open handshakes count as connections, and the next one is refused', async () => {
  await using place = await aTlsPlace({ max_connections: 4 })
  for (const _ of [1, 2]) await place.plain()
  await until(() => place.ingest.counters.get('connections-open') === 2)
  const third = await place.plain()
  await once(third, 'close')
  expect(place.ingest.counters.get('connections-refused-address')).toBe(1)
})

test('a hub that stops does not wait for handshakes', async () => {
  const place = await aTlsPlace()
  await place.plain()
  await until(() => place.ingest.counters.get('tls-handshakes-open') === 1)
  await place[Symbol.asyncDispose]()
  await until(() => place.ingest.counters.get('connections-open') === 0)
  expect(place.ingest.counters.get('connections-closed-stop')).toBe(1)
})

test('a certificate that cannot be used at start is a listener that cannot be bound', async () => {
  const tls = { certificate_file: '/nowhere/hub.pem', key_file: '/nowhere/hub.key', clients: 'none' } as const
  const ingest = await startIngest(aSyslogConfig({ listeners: [{ name: 'secure', transport: 'tcp', address: '127.0.0.1', port: 0, tls }] }))
  expect(ingest.events).toEqual([{ kind: 'bind-failed', listener: 'secure', reason: expect.stringContaining("ENOENT: no such file or directory, open '/nowhere/hub.") }])
})

test('a client that says nothing is cut off in time', async () => {
  const { certificate, key } = anAuthority().issue({ name: 'hub' })
  const credentials = { certificate: Buffer.from(certificate), key: Buffer.from(key), clientAuthorities: undefined, subject: '', fromMs: 0, expiresMs: 0 }
  const gate = createTlsGate({ clients: 'none', credentials, handshakeTimeoutMs: 20 })
  const fault = Promise.withResolvers<string>()
  const server = createServer((socket) => gate.admit(socket, { onSecure: () => undefined, onFault: (reason) => fault.resolve(reason) })).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const client = connect((server.address() as AddressInfo).port, '127.0.0.1')
  await once(client, 'close')
  server.close()
  expect(await fault.promise).toBe('timeout')
})
