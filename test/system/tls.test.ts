import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { beforeAll, expect, test } from 'vitest'
import { anAuthority, writeCertificate } from '../support/certificates.ts'
import { freePort, run, until } from '../support/child.ts'
import { placeHub, startHub, sumOf, untilFound, type HubPlace, type RunningHub } from '../support/hub.ts'
import { rsyslogd, syslogNg, unpackSyslogNg } from '../support/peers/log-daemons.ts'
import { startRelpSender } from '../support/relp-sender.ts'
import { logger } from '../support/senders.ts'

/** Real senders speak TLS to the hub: rsyslog (GnuTLS) with omfwd and omrelp, syslog-ng (OpenSSL), openssl and curl. */
beforeAll(unpackSyslogNg)

/** Time enough to start a sender. */
const EXPIRES_IN_MS = 15_000

type Clients = 'none' | 'optional' | 'required'

interface SecurePlace extends HubPlace {
  readonly authority: ReturnType<typeof anAuthority>
  readonly tlsPort: number
  readonly relpPort: number
  readonly socket: string
  readonly authorityFile: string
}

async function aSecurePlace({ clients = 'none', expiresMs }: { readonly clients?: Clients; readonly expiresMs?: number } = {}): Promise<SecurePlace> {
  const keep = mkdtempSync(join(tmpdir(), 'hps-tls-'))
  const authority = anAuthority()
  const authorityFile = join(keep, 'authority.pem')
  writeFileSync(authorityFile, authority.certificate)
  const files = writeCertificate(keep, 'hub', authority.issue({ name: 'hub.test', ...(expiresMs === undefined ? {} : { expiresMs }) }))
  const [tls, socket] = [{ ...files, clients, client_ca_file: authorityFile }, join(keep, 'log.sock')]
  let [tlsPort, relpPort, place] = [0, 0, undefined as HubPlace | undefined]
  // a port that was free may be given out once more
  while (place === undefined || new Set([tlsPort, relpPort, place.httpPort]).size < 3) {
    place?.remove()
    tlsPort = await freePort()
    relpPort = await freePort()
    place = await placeHub({
      syslog: {
        listeners: [
          { name: 'tls', transport: 'tcp', address: '127.0.0.1', port: tlsPort, tls },
          { name: 'relps', transport: 'relp', address: '127.0.0.1', port: relpPort, tls },
          { name: 'local', transport: 'unix', path: socket },
        ],
      },
    })
  }
  const placed = place
  const remove = (): void => {
    placed.remove()
    rmSync(keep, { recursive: true })
  }
  return { ...placed, authority, tlsPort, relpPort, socket, authorityFile, remove }
}

async function withHub(place: SecurePlace, work: (hub: RunningHub, place: SecurePlace) => Promise<void>): Promise<void> {
  const hub = await startHub(place)
  try {
    await work(hub, place)
    expect(hub.child.output()).not.toContain('PRIVATE KEY')
  } finally {
    await hub.stop()
    place.remove()
  }
}

/** Lines of omfwd with GnuTLS; `trusts` is the file of the authority. */
const gtls = (trusts: string, port: number): readonly [string, { readonly first: string }] => [
  `port="${port}" protocol="tcp" TCP_Framing="octet-counted" template="RSYSLOG_SyslogProtocol23Format" StreamDriver="gtls" StreamDriverMode="1" StreamDriverAuthMode="x509/name" StreamDriverPermittedPeers="hub.test" action.resumeRetryCount="-1" action.resumeInterval="1"`,
  { first: `global(DefaultNetstreamDriverCAFile="${trusts}")` },
]
const lines = (word: string, count: number): readonly string[] => Array.from({ length: count }, (_, n) => `${word} ${n}`)
const numbers = (count: number): readonly number[] => Array.from({ length: count }, (_, n) => n)
async function numbersOf(hub: RunningHub, app: string): Promise<readonly number[]> {
  return (await hub.searchAll(`app:${app} line`)).map(({ text }) => Number(text.split(' ').at(-1)))
}

test('rsyslog with GnuTLS verifies the hub and brings two thousand messages', () =>
  aSecurePlace().then((at) => withHub(at, async (hub, place) => {
    await using sender = await rsyslogd(...gtls(place.authorityFile, place.tlsPort))
    await sender.log(['-t', 'gtls'], lines('line', 2000))
    await untilFound(hub, 'app:gtls "line 1999"')
    expect(await numbersOf(hub, 'gtls')).toEqual(numbers(2000))
  })))

test('omrelp speaks TLS: each message is acknowledged', () =>
  aSecurePlace({ clients: 'required' }).then((at) => withHub(at, async (hub, place) => {
    // without a certificate of its own librelp wants anonymous key exchange, which has no name to verify and which the hub does not speak
    const own = writeCertificate(place.folder, 'node', place.authority.issue({ name: 'tch-relp' }))
    const options = `tls="on" tls.caCert="${place.authorityFile}" tls.myCert="${own.certificate_file}" tls.myPrivKey="${own.key_file}" tls.authMode="name" tls.permittedPeer=["hub.test"]`
    await using sender = await startRelpSender({ port: place.relpPort, options })
    const file = join(place.folder, 'lines')
    writeFileSync(file, lines('line', 2000).map((line) => `${line}\n`).join(''))
    await logger(['--socket', sender.socket, '-t', 'relps', '-f', file])
    // it sends over two connections at once, so the order between them is free
    const found = await until('all of them', async () => (await numbersOf(hub, 'relps')).length >= 2000 && numbersOf(hub, 'relps'))
    expect(found.toSorted((a, b) => a - b)).toEqual(numbers(2000))
    const samples = await hub.metrics()
    expect(sumOf(samples, 'hps_ingest_relp_acknowledged_total')).toBe(sumOf(samples, 'hps_ingest_messages_total', 'transport="relp"'))
  })))

test('syslog-ng verifies the hub and shows a certificate of its own', () =>
  aSecurePlace({ clients: 'required' }).then((at) => withHub(at, async (hub, place) => {
    const own = writeCertificate(place.folder, 'node', place.authority.issue({ name: 'tch-ng' }))
    const tls = `tls(ca-file("${place.authorityFile}") cert-file("${own.certificate_file}") key-file("${own.key_file}") peer-verify(required-trusted))`
    await using sender = await syslogNg(`syslog("127.0.0.1" port(${place.tlsPort}) transport("tls") ${tls})`)
    await sender.log(['-t', 'ng'], lines('line', 2000))
    await untilFound(hub, 'app:ng "line 1999"')
    expect(await numbersOf(hub, 'ng')).toEqual(numbers(2000))
    const [first] = await hub.search('app:ng', { limit: 1 })
    expect(first).toMatchObject({ node: 'tch-ng', method: 'certificate', confidence: 100 })
    const { sources } = await hub.json<{ readonly sources: readonly { readonly certificate: string | null }[] }>('/api/v1/sources')
    expect(sources.map(({ certificate }) => certificate)).toContain('tch-ng')
  })))

test('a certificate is renewed while messages flow: the open connection stays, new ones see the new one, a bad one changes nothing', () =>
  aSecurePlace({ expiresMs: Date.now() + 2 * 86_400_000 }).then((at) => withHub(at, async (hub, place) => {
    const ready = async (): Promise<string> => (await hub.get('/readyz?verbose', { headers: { accept: 'text/plain' } })).text()
    const keep = join(place.socket, '..')
    const subjectSeen = async (): Promise<string> => /subject=.*/.exec((await run('sh', ['-c', `openssl s_client -connect 127.0.0.1:${place.tlsPort} </dev/null 2>&1`])).output)?.[0] ?? ''
    expect(await ready()).toMatch(/\[warn\] certificates: relps: the certificate expires at .*; tls: the certificate expires at|\[warn\] certificates: tls: the certificate expires at/)
    await using sender = await rsyslogd(...gtls(place.authorityFile, place.tlsPort))
    await sender.log(['-t', 'gtls'], lines('line', 100))
    await untilFound(hub, 'app:gtls "line 99"')
    const before = sumOf(await hub.metrics(), 'hps_ingest_connections_accepted_total')

    const expiresMs = Date.now() + 60 * 86_400_000
    writeCertificate(keep, 'hub', place.authority.issue({ name: 'hub.renewed', expiresMs }))
    process.kill(hub.pid, 'SIGHUP')
    await until('the new certificate', async () => (await subjectSeen()).includes('hub.renewed'))
    expect(await ready()).toContain('[pass] certificates')
    expect(sumOf(await hub.metrics(), 'hps_ingest_tls_certificate_expiry_timestamp_seconds', 'listener="tls"')).toBe(Math.floor(expiresMs / 1000))
    const handshakes = sumOf(await hub.metrics(), 'hps_ingest_tls_handshakes_total')
    await sender.log(['-t', 'gtls'], ['line 100'])
    await untilFound(hub, 'app:gtls "line 100"')
    const after = await hub.metrics()
    expect(sumOf(after, 'hps_ingest_tls_handshakes_total')).toBe(handshakes)
    expect(sumOf(after, 'hps_ingest_connections_accepted_total')).toBeGreaterThan(before)

    writeFileSync(join(keep, 'hub.key'), place.authority.key)
    process.kill(hub.pid, 'SIGHUP')
    await until('the fault', async () => /\[warn\] certificates:.*the key does not belong to the certificate/.test(await ready()))
    expect(await subjectSeen()).toContain('hub.renewed')
    expect(hub.child.output().match(/A changed certificate cannot be used/g)).toHaveLength(2) // one a listener
  })))

test('with an expired certificate the hub runs, says so, and counts those that turn away; a new one mends it', () =>
  aSecurePlace({ expiresMs: Date.now() - 1000 }).then((at) => withHub(at, async (hub, place) => {
    await using sender = await rsyslogd(...gtls(place.authorityFile, place.tlsPort))
    await sender.log(['-t', 'gtls'], lines('line', 10))
    await until('rsyslog to turn away', () => sender.child.output().includes('expired'))
    await run('curl', ['-s', '--cacert', place.authorityFile, `https://127.0.0.1:${place.tlsPort}/`])
    expect(sumOf(await hub.metrics(), 'hps_ingest_tls_handshake_failures_total', '"refused-by-client"')).toBe(1)
    expect(await hub.search('app:gtls')).toEqual([])
    expect(await (await hub.get('/readyz/certificates?verbose', { headers: { accept: 'text/plain' } })).text()).toMatch(/\[warn\] certificates: .*tls: the certificate expired at .*\nready\n$/)
    writeCertificate(join(place.socket, '..'), 'hub', place.authority.issue({ name: 'hub.test' }))
    process.kill(hub.pid, 'SIGHUP')
    await untilFound(hub, 'app:gtls "line 9"')
  })))

test('a certificate expires while the hub runs: the open connection goes on, new ones are turned away, and health and metrics say so before and after', () =>
  aSecurePlace().then((at) => withHub(at, async (hub, place) => {
    const health = async (): Promise<string> => (await hub.get('/readyz/certificates?verbose', { headers: { accept: 'text/plain' } })).text()
    const expirySeconds = async (): Promise<number> => sumOf(await hub.metrics(), 'hps_ingest_tls_certificate_expiry_timestamp_seconds', 'listener="tls"')
    const expiresMs = Date.now() + EXPIRES_IN_MS
    writeCertificate(join(place.socket, '..'), 'hub', place.authority.issue({ name: 'hub.test', expiresMs }))
    process.kill(hub.pid, 'SIGHUP')
    await until('the certificate that expires', async () => (await expirySeconds()) === Math.floor(expiresMs / 1000))
    await using open = await rsyslogd(...gtls(place.authorityFile, place.tlsPort))
    await open.log(['-t', 'early'], lines('line', 10))
    await untilFound(hub, 'app:early "line 9"')
    expect(await health()).toMatch(/\[warn\] certificates: .*tls: the certificate expires at /)
    await until('it to expire', async () => /\[warn\] certificates: .*tls: the certificate expired at .*\nready\n$/.test(await health()))
    expect(await expirySeconds()).toBeLessThan(Date.now() / 1000)

    const handshakes = sumOf(await hub.metrics(), 'hps_ingest_tls_handshakes_total')
    await open.log(['-t', 'early'], ['line 10'])
    await untilFound(hub, 'app:early "line 10"')
    expect(sumOf(await hub.metrics(), 'hps_ingest_tls_handshakes_total'), 'no new connection').toBe(handshakes)
    const verified = async (): Promise<string> => (await run('sh', ['-c', `openssl s_client -connect 127.0.0.1:${place.tlsPort} -CAfile ${place.authorityFile} -verify_return_error </dev/null 2>&1`])).output
    expect(await verified()).toContain('certificate has expired')
    await until('it to be counted', async () => sumOf(await hub.metrics(), 'hps_ingest_tls_handshake_failures_total', '"refused-by-client"') === 1)

    const renewedMs = Date.now() + 60 * 86_400_000
    writeCertificate(join(place.socket, '..'), 'hub', place.authority.issue({ name: 'hub.test', expiresMs: renewedMs }))
    process.kill(hub.pid, 'SIGHUP')
    await until('the new one to be believed', async () => (await verified()).includes('Verify return code: 0 (ok)'))
    await open.log(['-t', 'early'], ['line 11'])
    await untilFound(hub, 'app:early "line 11"')
    expect(await numbersOf(hub, 'early')).toEqual(numbers(12))
    expect(await health()).toContain('[pass] certificates')
    expect(await expirySeconds()).toBe(Math.floor(renewedMs / 1000))
  })))

test('what does not become secure is counted by its reason', () =>
  aSecurePlace({ clients: 'required' }).then((at) => withHub(at, async (hub, place) => {
    const to = `127.0.0.1:${place.tlsPort}`
    const old = writeCertificate(place.folder, 'old', place.authority.issue({ name: 'tch-old', expiresMs: Date.now() - 1000 }))
    const strange = writeCertificate(place.folder, 'strange', anAuthority('Somebody').issue({ name: 'tch-001' }))
    const shown = ({ certificate_file, key_file }: typeof old): string => `-cert ${certificate_file} -key ${key_file}`
    const attempts: readonly (readonly [string, string])[] = [
      ['plain-text', `logger -n 127.0.0.1 -P ${place.tlsPort} -T hello`],
      ['plain-text', `logger -n 127.0.0.1 -P ${place.tlsPort} -T --octet-count hello`],
      ['http', `curl -s http://${to}/`],
      ['version-or-cipher', `openssl s_client -connect ${to} -tls1_1 -cipher DEFAULT@SECLEVEL=0`],
      ['version-or-cipher', `openssl s_client -connect ${to} -tls1_2 -cipher AES128-SHA`],
      ['refused-by-client', `openssl s_client -connect ${to} -verify_return_error`],
      ['refused-by-client', `openssl s_client -connect ${to} -tls1_2 -verify_return_error`],
      ['refused-by-client', `curl -s https://${to}/`],
      ['client-certificate-missing', `openssl s_client -connect ${to}`],
      ['client-certificate-missing', `openssl s_client -connect ${to} -tls1_2`],
      ['client-certificate-expired', `openssl s_client -connect ${to} ${shown(old)}`],
      ['client-certificate-untrusted', `openssl s_client -connect ${to} ${shown(strange)}`],
      ['reset', `bash -c 'printf "\\x16\\x03\\x01\\x02" >/dev/tcp/127.0.0.1/${place.tlsPort}'`],
    ]
    const expected: Record<string, number> = {}
    for (const [reason, command] of attempts) {
      expected[reason] = (expected[reason] ?? 0) + 1
      await run('sh', ['-c', `${command} </dev/null`])
      await until(`${reason} after ${command}`, async () => sumOf(await hub.metrics(), 'hps_ingest_tls_handshake_failures_total', `"${reason}"`) === expected[reason])
    }
    const samples = await hub.metrics()
    expect(sumOf(samples, 'hps_ingest_tls_handshake_failures_total')).toBe(attempts.length)
    expect(sumOf(samples, 'hps_ingest_tls_handshakes_total')).toBe(0)
    // one line for each reason, though several failed
    expect(hub.child.output().match(/TLS handshakes failed/g)).toHaveLength(Object.keys(expected).length)
  })))

test.for([
  { what: 'a line', args: [], format: 'rfc3164' },
  { what: 'counted messages', args: ['--octet-count'], format: 'rfc3164' },
  { what: 'RFC 5424', args: ['--rfc5424'], format: 'rfc5424' },
])('logger -u sends $what to the unix socket', ({ args, format }) =>
  aSecurePlace().then((at) => withHub(at, async (hub, place) => {
    await logger(['--socket', place.socket, '--socket-errors=on', ...args, '-t', 'local', 'hello', 'there'])
    const [found] = await untilFound(hub, 'app:local')
    expect(found).toMatchObject({ text: 'hello there', format, source: 'unix' })
    // it wants a datagram socket, which Node cannot open: it says so and does not lose the message in silence
    expect((await run('logger', ['-d', '--socket', place.socket, '--socket-errors=on', 'hello'])).code).not.toBe(0)
  })))
