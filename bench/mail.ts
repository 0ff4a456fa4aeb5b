import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { SMTPServer } from 'smtp-server'
import type { AddressInfo } from 'node:net'
import { until } from '../test/support/child.ts'
import { placeHub, sumOf, type HubPlace, type RunningHub } from '../test/support/hub.ts'
import { sendUdp } from '../test/support/senders.ts'
import type { CorpusFile } from './load/corpus.ts'
import { startPaced } from './load/paced.ts'
import { quantile } from './quantile.ts'

/** From the write of a datagram until the SMTP server has accepted the mail about it, under a steady load. */
export interface MailTiming {
  readonly loadPerSecond: number
  readonly loadSent: number
  readonly probes: number
  /** Mails that came, each probe once; more are copies. */
  readonly mails: number
  readonly missed: number
  readonly copies: number
  readonly p50Ms: number
  readonly p99Ms: number
  readonly worstMs: number
  /** SMTP connections that were opened. */
  readonly connections: number
}

const PROBE_EVERY_MS = 50
const LAST_WITHIN_MS = 60_000

const RULES = `
format: 1
pack: bench
rules:
- id: bench.mail-probe
  title: 'probe {{probe}}'
  severity: critical
  when: {match: {app: mailprobe, regex: 'probe-(?<probe>[0-9]+) failed'}}
  by: [probe]
  notify: {to: bench, context: {before: 5, after: 0}}
  tests:
  - name: a probe
    steps:
    - '0s n1 mailprobe.crit: probe-7 failed'
    - expect: {firing: {probe: '7'}}
`
/** In the corpus root comes to each node from hundreds of addresses, 1,500 times a second: that is a storm of alerts, and is measured as one. */
const SITE = `
format: 1
overrides: {security.root-login-new: {status: off}}
`
const ROUTES = `
format: 1
receivers: [{name: bench, mail: [bench@example.org], max_per_hour: 10000}]
route: {receiver: nobody, wait: 0s, group_by: [alert]}
`

/** A server that takes every mail and says which probe it was about, when it has all of it. */
export async function startSink(took: (probe: string) => void) {
  let connections = 0
  const server = new SMTPServer({
    authOptional: true, disabledCommands: ['STARTTLS'],
    onConnect(_session, done) {
      connections++
      done()
    },
    onData(stream, _session, done) {
      let head = ''
      stream.on('data', (chunk: Buffer) => void (head.length < 4096 && (head += chunk.toString('latin1'))))
      stream.on('end', () => {
        done()
        const [, probe] = /^Subject: \[CRITICAL\] probe (\d+)/m.exec(head) ?? []
        if (probe !== undefined) took(probe)
      })
    },
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return { port: (server.server.address() as AddressInfo).port, connections: () => connections, stop: () => new Promise<void>((resolve) => server.close(resolve)) }
}

/** A place for a hub with its library, one rule for the probes, and a route that waits for nothing. */
export async function placeMailHub({ smtpPort, hasStorm }: { readonly smtpPort: number; readonly hasStorm: boolean }): Promise<HubPlace> {
  const rules = mkdtempSync(join(tmpdir(), 'hps-bench-rules-'))
  writeFileSync(join(rules, 'bench.yaml'), RULES)
  mkdirSync(join(rules, 'local'))
  if (!hasStorm) writeFileSync(join(rules, 'local', 'site.yaml'), SITE)
  const place = await placeHub({
    log_level: 'warn', syslog: { udp_buffer: '4MiB' }, sources: [{ address: '127.0.0.1', roles: ['relay'] }],
    mail: { host: '127.0.0.1', port: smtpPort, tls: 'none', from: 'hps@hub.example.org' },
    rules: { directories: ['rules', rules] },
  })
  mkdirSync(place.data, { recursive: true, mode: 0o700 })
  writeFileSync(join(place.data, 'routes.yaml'), ROUTES)
  const remove = (): void => {
    place.remove()
    rmSync(rules, { recursive: true, force: true })
  }
  return { ...place, remove }
}

export async function measureMail(hub: RunningHub, { corpus, perSecond, seconds, sink }: { readonly corpus: CorpusFile; readonly perSecond: number; readonly seconds: number; readonly sink: { readonly arrivals: ReadonlyMap<string, readonly number[]>; connections(): number } }): Promise<MailTiming> {
  await until('the rules', async () => sumOf(await hub.metrics(), 'hps_rules_loaded') === 1, { withinMs: 60_000 })
  const load = await startPaced(hub.syslogPort, { path: corpus.path, perSecond })
  const sentAt = new Map<string, number>()
  const count = Math.floor((seconds * 1000) / PROBE_EVERY_MS)
  for (let n = 0; n < count; n++) {
    sentAt.set(String(n), performance.now())
    await sendUdp(hub.syslogPort, [`<2>1 - tch-000 mailprobe - - - probe-${n} failed`])
    await delay(PROBE_EVERY_MS)
  }
  await until('the last mails', () => sink.arrivals.size >= count, { withinMs: LAST_WITHIN_MS }).catch(() => undefined)
  const { sent } = await load.stop()
  const tookMs = [...sink.arrivals].map(([probe, [at]]) => at! - sentAt.get(probe)!)
  const mails = [...sink.arrivals.values()].reduce((sum, all) => sum + all.length, 0)
  return {
    loadPerSecond: perSecond, loadSent: sent, probes: count, mails, missed: count - tookMs.length, copies: mails - tookMs.length,
    p50Ms: quantile(tookMs, 0.5), p99Ms: quantile(tookMs, 0.99), worstMs: Math.max(0, ...tookMs), connections: sink.connections(),
  }
}
