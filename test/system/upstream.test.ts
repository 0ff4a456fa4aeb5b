import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { expect, onTestFinished, test } from 'vitest'
import { anAuthority, writeCertificate } from '../support/certificates.ts'
import { freePort, startChild, until, type Child } from '../support/child.ts'
import { placeHub, startHub, sumOf, type HubPlace, type RunningHub } from '../support/hub.ts'

/** Forwarding with real servers: a chain of two hubs through kills, two that forward to each other, rsyslog. */
interface SinkView { readonly state: string; readonly backlog: number; readonly lost: number; readonly last_error: { readonly reason: string; readonly detail: string } | null; readonly upstream: { readonly in_flight: number; readonly resent: number } }
const line = (text: string): string => `<13>Nov 22 10:00:00 tch-001 app[7]: ${text}`
const sinkOf = async (hub: RunningHub): Promise<SinkView> => (await hub.json<{ sinks: SinkView[] }>('/api/v1/sinks')).sinks[0]!
const untilSent = (hub: RunningHub) => until('all to be forwarded', async () => {
  const sink = await sinkOf(hub)
  return sink.state === 'running' && sink.backlog === 0 && sink
}, { withinMs: 40_000 })

function temporary(): string {
  const folder = mkdtempSync(join(tmpdir(), 'hps-upstream-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}

async function aPlace(config: Readonly<Record<string, unknown>>): Promise<HubPlace> {
  const place = await placeHub({ rules: { directories: [] }, ...config })
  onTestFinished(() => place.remove())
  return place
}

async function started(place: HubPlace): Promise<RunningHub> {
  const hub = await startHub(place)
  onTestFinished(async () => void (hub.child.running() && (await hub.kill())))
  return hub
}

const listener = (port: number, more: object = {}) => ({ name: 'up', transport: 'relp', address: '127.0.0.1', port, ...more })
const forward = (port: number, more: object = {}) => ({ kind: 'forward', name: 'up', transport: 'relp', host: '127.0.0.1', port, ...more })

test('a chain of two hubs through kills of either: each message arrives, and what came twice is marked', { timeout: 100_000 }, async () => {
  const port = await freePort()
  const above = await aPlace({ syslog: { listeners: [listener(port)] } })
  const below = await aPlace({ sinks: [forward(port)] })
  const acknowledged: string[] = []
  let [first, second] = await Promise.all([started(below), started(above)])
  for (let round = 0; round < 6; round++) {
    const hub = first
    let isOver = false
    const sending = (async () => {
      for (let number = 0; !isOver; number++) {
        const texts = Array.from({ length: 200 }, (_, i) => `k${round}-${number}-${i}`)
        const answer = await hub.post(texts.map(line)).catch(() => undefined)
        if (answer?.status === 200) acknowledged.push(...texts)
        await delay(20)
      }
    })()
    await delay(500 + ((round * 137) % 300))
    if (round % 2 === 0) await first.kill()
    else await second.kill()
    isOver = true
    await sending
    if (round % 2 === 0) first = await started(below)
    else second = await started(above)
  }
  await untilSent(first)
  const stored = await second.searchAll('app:app')
  const byText = Map.groupBy(stored, ({ text }) => text)
  expect(acknowledged.length).toBeGreaterThan(1000)
  expect(acknowledged.filter((text) => !byText.has(text))).toEqual([])
  const unmarked = [...byText.values()].filter((same) => same.filter(({ faults }) => !faults.includes('doubled')).length !== 1)
  expect(unmarked.map((same) => same.map(({ seq, faults, structured_data }) => ({ seq, faults, structured_data })))).toEqual([])
  expect((await sinkOf(first)).lost).toBe(0)

  // the position of 200 messages ago, as after a power cut: they come again, with the same numbers, and each is marked
  expect(await first.stop()).toMatchObject({ code: 0 })
  const path = join(below.data, 'sinks', 'up.json')
  const position = JSON.parse(readFileSync(path, 'utf8')) as { seq: number; count: number }
  const { seq: fromSeq } = await seqOf(second, position.count - 200)
  writeFileSync(path, JSON.stringify({ ...position, seq: fromSeq, count: position.count - 200 }))
  rmSync(`${path}.last`, { force: true })
  first = await started(below)
  await untilSent(first)
  const again = (await second.searchAll('fault:doubled')).slice(-200).map(({ structured_data }) => structured_data)
  const originals = new Set((await second.searchAll('-fault:doubled')).map(({ structured_data }) => structured_data))
  expect(again.length).toBe(200)
  expect(again.filter((data) => !originals.has(data))).toEqual([])
})

/** What the first hub called the message that was this far in its stream. */
async function seqOf(hub: RunningHub, count: number): Promise<{ readonly seq: number }> {
  const found = (await hub.searchAll('-fault:doubled')).find(({ structured_data }) => structured_data.includes(` count="${count}"`))
  return { seq: Number(/ seq="(\d+)" stream=/.exec(found!.structured_data)![1]) }
}

test('two hubs that forward to each other, one by RELP with TLS, do so once', { timeout: 40_000 }, async () => {
  const folder = temporary()
  const authority = anAuthority()
  writeFileSync(join(folder, 'ca.pem'), authority.certificate)
  const certificate = writeCertificate(folder, 'b', authority.issue({ name: 'b.example' }))
  const [portA, portB] = [await freePort(), await freePort()]
  const [a, b] = await Promise.all([
    started(await aPlace({ syslog: { listeners: [listener(portA, { transport: 'tcp' })] }, sinks: [forward(portB, { query: 'app:app', tls: { ca_file: join(folder, 'ca.pem') } })] })),
    started(await aPlace({ syslog: { listeners: [listener(portB, { tls: certificate })] }, sinks: [forward(portA, { transport: 'tcp', query: 'app:app' })] })),
  ])
  await a.post(['one', 'two', 'three'].map(line))
  await until('each to have come back once', async () => sumOf(await a.metrics(), 'hps_sink_looped_messages_total') === 3)
  await delay(1000)
  expect((await a.searchAll('app:app')).length).toBe(6)
  expect((await b.searchAll('app:app')).length).toBe(3)
})

/** rsyslogd that takes messages and writes them, header and all, into a file. */
async function rsyslogServer(modules: string, input: string, first = ''): Promise<{ readonly child: Child; readonly lines: () => string[] }> {
  const folder = temporary()
  const [config, out] = [join(folder, 'rsyslog.conf'), join(folder, 'out')]
  writeFileSync(config, `global(workDirectory="${folder}" maxMessageSize="128k" ${first})
${modules}
${input}
template(name="whole" type="string" string="%pri%|%timereported:::date-rfc3339%|%hostname%|%app-name%|%procid%|%msgid%|%structured-data%|%msg%\n")
action(type="omfile" file="${out}" template="whole" asyncWriting="off")
`)
  const child = startChild('/usr/sbin/rsyslogd', ['-n', '-f', config, '-i', join(folder, 'pid')])
  onTestFinished(async () => void (await child.stop()))
  return { child, lines: () => (existsSync(out) ? readFileSync(out, 'utf8').split('\n').slice(0, -1) : []) }
}

test.for<[about: string, server: (port: number) => readonly [modules: string, input: string], transport: string]>([
  ['imrelp', (port) => ['module(load="imrelp")', `input(type="imrelp" port="${port}" maxDataSize="128k")`], 'relp'],
  ['imtcp', (port) => ['module(load="imtcp")', `input(type="imtcp" port="${port}")`], 'tcp'],
])('rsyslog gets each message by %s, also those of the time it was away', { timeout: 60_000 }, async ([, server, transport]) => {
  const port = await freePort()
  const hub = await started(await aPlace({ sinks: [forward(port, { transport, query: 'app:app' })] }))
  await hub.post(['<14>1 2026-11-22T10:00:00Z tch-001 hps-session - - - start host=tch-001 boot_time=1795341600'])
  await hub.post([line('before'), '<165>1 2026-11-22T10:00:00.123456+01:00 tch-001 app 42 ID47 [x@1 a="b\\]c"][hps@32473 seq="17"] kept', line(`long ${'y'.repeat(40_000)}`)])
  await until('the sink says why', async () => (await sinkOf(hub)).last_error?.reason === 'unreachable')
  const { lines } = await rsyslogServer(...server(port))
  await until('three messages', () => lines().length >= 3)
  const [first, kept, long] = lines()
  expect(first).toMatch(/^13\|2026-11-22T10:00:00(?:\.000)?(?:Z|\+00:00)\|tch-001\|app\|7\|-\|\[hps@32473 session="[0-9a-f]{6}"\]\[hub@32473 path="[0-9a-f]{16}" node="tch-001" seq="\d+" stream="[0-9a-f]{8}" count="1"\]\| ?before$/)
  expect(kept).toMatch(/^165\|2026-11-22T10:00:00.123456\+01:00\|tch-001\|app\|42\|ID47\|\[x@1 a="b\\\]c"\]\[hps@32473 session="[0-9a-f]{6}" seq="17"\]\[hub@32473 [^|]*count="2"\]\| ?kept$/)
  expect(long!.length).toBeGreaterThan(40_000)
  await untilSent(hub)
  expect((await sinkOf(hub)).state).toBe('running')
})

test('TLS: a server that nobody vouches for is refused and told of; one of the authority gets everything, by the certificate of the hub', { timeout: 60_000 }, async () => {
  const folder = temporary()
  const port = await freePort()
  const [authority, other] = [anAuthority(), anAuthority('Another')]
  writeFileSync(join(folder, 'ca.pem'), authority.certificate)
  writeFileSync(join(folder, 'used.pem'), other.certificate)
  const server = writeCertificate(folder, 'server', authority.issue({ name: 'logs.example' }))
  const own = writeCertificate(folder, 'hub', authority.issue({ name: 'hub.example' }))
  const tls = { ca_file: join(folder, 'used.pem'), certificate_file: own.certificate_file, key_file: own.key_file, server_name: 'logs.example' }
  const hub = await started(await aPlace({ sinks: [forward(port, { transport: 'tcp', query: 'app:app', tls })] }))
  const { lines } = await rsyslogServer(
    'module(load="imtcp" streamDriver.name="gtls" streamDriver.mode="1" streamDriver.authMode="x509/name" permittedPeer=["hub.example"])', `input(type="imtcp" port="${port}")`,
    `defaultNetstreamDriverCAFile="${join(folder, 'ca.pem')}" defaultNetstreamDriverCertFile="${server.certificate_file}" defaultNetstreamDriverKeyFile="${server.key_file}"`,
  )
  await hub.post([line('secret')])
  await until('the certificate to be refused', async () => (await sinkOf(hub)).last_error?.reason === 'tls')
  expect(lines()).toEqual([])
  writeFileSync(join(folder, 'used.pem'), authority.certificate)
  hub.child.process.kill('SIGHUP')
  await until('the message', () => lines().some((text) => text.endsWith('secret')))
})
