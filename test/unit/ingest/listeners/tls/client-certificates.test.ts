import { expect, test } from 'vitest'
import { anAuthority } from '../../../../support/certificates.ts'
import { until } from '../../../../fixtures/ingest/fake-writer.ts'
import { aTlsPlace, type TlsPlace } from '../../../../fixtures/ingest/tls-place.ts'
import { nameIn } from '../../../../../src/ingest/listeners/tls/client-name.ts'

const with_ = ({ certificate, key }: { readonly certificate: string; readonly key: string }) => ({ cert: certificate, key })
const CLIENTS = {
  'of the authority': { of: ({ authority }: TlsPlace) => with_(authority.issue({ name: 'tch-001' })), certificate: 'tch-001', fault: undefined },
  'that has expired': { of: ({ authority }: TlsPlace) => with_(authority.issue({ name: 'tch-001', expiresMs: Date.now() - 1000 })), certificate: undefined, fault: 'client-certificate-expired' },
  'of somebody else': { of: () => with_(anAuthority('Somebody else').issue({ name: 'tch-001' })), certificate: undefined, fault: 'client-certificate-untrusted' },
  'that is missing': { of: () => ({}), certificate: undefined, fault: 'client-certificate-missing' },
} as const
const ROWS = Object.entries(CLIENTS).flatMap(([what, client]) => (['TLSv1.2', 'TLSv1.3'] as const).map((version) => ({ what, version, ...client })))

test.for(ROWS.filter(({ fault }) => fault === undefined))('required: a certificate $what, $version', async ({ of, version, certificate }) => {
  await using place = await aTlsPlace({ clients: 'required' })
  const client = await place.client({ ...of(place), minVersion: version, maxVersion: version })
  client.write('<13>a: hello\n')
  await until(() => place.ingest.writer.rows.length === 1)
  expect(place.ingest.writer.rows[0]!.source).toMatchObject({ address: '127.0.0.1', certificate })
})

test.for(ROWS.filter(({ fault }) => fault !== undefined))('required: a certificate $what, $version, is refused', async ({ of, version, fault }) => {
  await using place = await aTlsPlace({ clients: 'required' })
  // with TLS 1.3 the client believes itself connected before the hub has seen its certificate
  const client = await place.client({ ...of(place), minVersion: version, maxVersion: version }).catch(() => undefined)
  client?.write('<13>a: hello\n')
  await until(() => place.ingest.counters.get('connections-closed-handshake') === 1)
  expect(place.ingest.counters.get(`tls-fault-${fault!}`)).toBe(1)
  expect(place.ingest.counters.get('tls-handshakes')).toBe(0)
  expect(place.ingest.writer.rows).toEqual([])
})

test.for(ROWS)('optional: a certificate $what, $version', async ({ of, version, certificate, fault }) => {
  await using place = await aTlsPlace({ clients: 'optional' })
  const client = await place.client({ ...of(place), minVersion: version, maxVersion: version })
  client.write('<13>a: hello\n')
  await until(() => place.ingest.writer.rows.length === 1)
  expect(place.ingest.writer.rows[0]!.source.certificate).toBe(certificate)
  const isDoubtful = fault !== undefined && fault !== 'client-certificate-missing'
  expect(place.ingest.counters.get('tls-clients-unverified')).toBe(isDoubtful ? 1 : 0)
  expect(place.ingest.events.filter((event) => event.kind === 'log').map(({ fields }) => fields['reason'])).toEqual(isDoubtful ? [fault] : [])
})

test('two clients of one address with certificates of their own are two senders', async () => {
  await using place = await aTlsPlace({ clients: 'required' })
  for (const name of ['tch-001', 'tch-002']) (await place.client(with_(place.authority.issue({ name })))).write(`<13>a: ${name}\n`)
  await until(() => place.ingest.writer.rows.length === 2)
  for (const { source, text } of place.ingest.writer.rows) expect(source.certificate).toBe(text)
})

test('without a client authority nobody is asked', async () => {
  await using place = await aTlsPlace()
  const client = await place.client(with_(place.authority.issue({ name: 'tch-001' })))
  client.write('<13>a: hello\n')
  await until(() => place.ingest.writer.rows.length === 1)
  expect(place.ingest.writer.rows[0]!.source).toEqual({ ref: 1, address: '127.0.0.1', transport: 'tcp', listener: 'secure' })
})

test.for([
  { alternatives: 'DNS:Tch-001.example.org, DNS:other', subject: 'CN=cn', name: 'tch-001.example.org' },
  { alternatives: 'IP Address:10.0.0.1', subject: 'O=Fleet\nCN=tch-002', name: 'tch-002' },
  { alternatives: undefined, subject: 'CN=first\nCN=last', name: 'last' },
  { alternatives: 'DNS:"evil, DNS:tch-001, DNS:x"', subject: 'CN=cn', name: 'cn' },
  { alternatives: 'DNS:*.example.org', subject: 'CN=cn', name: undefined },
  { alternatives: undefined, subject: 'CN=a node', name: undefined },
  { alternatives: undefined, subject: 'CN=', name: undefined },
  { alternatives: undefined, subject: 'O=Fleet', name: undefined },
  { alternatives: `DNS:${'x'.repeat(254)}`, subject: undefined, name: undefined },
])('$alternatives and $subject name $name', ({ alternatives, subject, name }) => {
  expect(nameIn(alternatives, subject)).toBe(name)
})
