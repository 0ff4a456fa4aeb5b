import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { expect, onTestFinished, test } from 'vitest'
import { anAuthority, writeCertificate } from '../support/certificates.ts'
import { freePort, until } from '../support/child.ts'
import type { HostileOptions, HostileResult } from '../support/hostile/sender.ts'
import { placeHub, ROOT, startHub, sumOf, type HubPlace, type RunningHub } from '../support/hub.ts'
import { cpuSecondsOf, growth, memoryOf } from '../support/process-memory.ts'
import { startSender } from '../support/sender-process.ts'

/**
 * Ten thousand idle and a thousand slow connections, and everything else that connects to a log port and is no log sender, for
 * SOAK_MINUTES: memory stays flat, the hub answers and takes messages, every connection is accounted for and released.
 */
const MINUTES = Number(process.env['SOAK_MINUTES'] ?? 1)
const IDLE = { tcp: 7000, relp: 1000, unix: 1000, tls: 1000 }
const SLOW = { tcp: 500, relp: 200, unix: 100, tls: 200 }
const HELD = 11_000
const ATTACKS_PER_SECOND = Number(process.env['SOAK_ATTACKS'] ?? 20)
/** More than this the median of the last third must not be over that of the middle one. The allocator keeps what it was given at its busiest, and approaches that in steps: half an hour was seen to bring 20 MiB. */
const MAX_GROWTH_MIB = MINUTES >= 10 ? 32 : 48
const MAX_PEAK_MIB = 700
const ANSWER_WITHIN_MS = 5000
const SAMPLE_EVERY_MS = 1000
const STEADY_PER_SAMPLE = 10

interface SoakPlace extends HubPlace { readonly target: HostileOptions['target'] }

async function aSoakPlace(): Promise<SoakPlace> {
  const keep = mkdtempSync(join(tmpdir(), 'hps-soak-'))
  const tls = writeCertificate(keep, 'hub', anAuthority().issue({ name: 'hub.test' }))
  const [tcpPort, relpPort, tlsPort, socketPath] = [await freePort(), await freePort(), await freePort(), join(keep, 'log.sock')]
  const address = '127.0.0.1'
  const place = await placeHub({
    log_level: 'warn',
    syslog: {
      max_connections: 24_000,
      listeners: [
        { name: 'tcp', transport: 'tcp', address, port: tcpPort },
        { name: 'relp', transport: 'relp', address, port: relpPort },
        { name: 'tls', transport: 'tcp', address, port: tlsPort, tls },
        { name: 'local', transport: 'unix', path: socketPath },
      ],
    },
  })
  const remove = (): void => {
    place.remove()
    rmSync(keep, { recursive: true })
  }
  return { ...place, remove, target: { tcpPort, relpPort, tlsPort, socketPath } }
}

/** Each connection is a descriptor; a login shell gives 1,024. */
const MANY_FILES = ['sh', '-c', 'ulimit -n 65536 2>/dev/null; exec "$0" "$@"', join(ROOT, 'hps')]

interface Watched {
  readonly residentMiB: readonly number[]
  readonly slowestAnswerMs: number
  readonly steady: number
  readonly faults: readonly string[]
}

/** Samples memory, asks and sends until the time is over. */
async function watch(hub: RunningHub, { endsMs, isBesieged }: { readonly endsMs: number; readonly isBesieged: () => boolean }): Promise<Watched> {
  const residentMiB: number[] = []
  const faults: string[] = []
  let [slowestAnswerMs, steady] = [0, 0]
  const timed = async (what: string, ask: () => Promise<Response>): Promise<void> => {
    const startMs = performance.now()
    const status = await ask().then(async (response) => (await response.arrayBuffer(), response.status), String)
    if (status !== 200) faults.push(`${what}: ${status}`)
    slowestAnswerMs = Math.max(slowestAnswerMs, performance.now() - startMs)
  }
  while (performance.now() < endsMs) {
    residentMiB.push(memoryOf(hub.pid).residentMiB)
    if (!isBesieged()) throw new Error('the hostile sender has ended')
    await timed('readyz', () => hub.get('/readyz'))
    await timed('search', () => hub.get('/api/v1/logs?q=steadyword&limit=1'))
    await timed('post', () => hub.post(Array.from({ length: STEADY_PER_SAMPLE }, () => `steadyword n${steady++}.`)))
    if (residentMiB.length % 60 === 0) {
      const samples = await hub.metrics()
      process.stdout.write(`proof: minute ${residentMiB.length / 60}: ${Math.round(residentMiB.at(-1)!)} MiB, ${sumOf(samples, 'hps_ingest_connections_open')} open, ${sumOf(samples, 'hps_ingest_held_bytes')} bytes held, ${Math.round(cpuSecondsOf(hub.pid))} s CPU\n`)
    }
    await delay(SAMPLE_EVERY_MS)
  }
  return { residentMiB, slowestAnswerMs, steady, faults }
}

test(`${HELD} connections that say nothing or little, and every attack, for ${MINUTES} min: memory is flat, the hub answers, and no connection is unaccounted for`, { timeout: (MINUTES + 3) * 60_000 }, async () => {
  const place = await aSoakPlace()
  const hub = await startHub(place, { command: MANY_FILES })
  onTestFinished(async () => {
    if (hub.child.running()) await hub.kill()
    place.remove()
  })
  const hostile = startSender<HostileResult>('hostile/sender.ts', { target: place.target, idle: IDLE, slow: SLOW, attacksPerSecond: ATTACKS_PER_SECOND, largeEveryMs: Math.min(15_000, MINUTES * 5000) } satisfies HostileOptions)
  onTestFinished(() => void hostile.child.process.kill('SIGKILL'))
  await until('the connections to be held', () => hostile.child.stdout().includes('held') || (!hostile.child.running() && Promise.reject(new Error(hostile.child.output()))), { withinMs: 60_000 })
  await until('the hub to have accepted them', async () => sumOf(await hub.metrics(), 'hps_ingest_connections_open') >= HELD, { withinMs: 60_000 }) // where the queue of the kernel overflowed, handshakes are repeated after 1, 3, 7, 15, 31 s

  const seen = await watch(hub, { endsMs: performance.now() + MINUTES * 60_000, isBesieged: () => hostile.child.running() })
  const during = await hub.metrics()
  const result = await hostile.stop()
  const after = await until('every connection to be released', async () => {
    const samples = await hub.metrics()
    // the gauge of what is held is looked at once a second
    return sumOf(samples, 'hps_ingest_connections_open') === 0 && sumOf(samples, 'hps_ingest_held_bytes') === 0 && samples
  })
  const total = (name: string, having = ''): number => sumOf(after, name, having)
  const peak = memoryOf(hub.pid).peakMiB
  const figures = { ...result, accepted: total('hps_ingest_connections_accepted_total'), closed: total('hps_ingest_connections_closed_total'), refused: total('hps_ingest_connections_refused_total'), growthMiB: growth(seen.residentMiB), endMiB: seen.residentMiB.at(-1), peakMiB: peak, slowestAnswerMs: Math.round(seen.slowestAnswerMs), heldBytesDuring: sumOf(during, 'hps_ingest_held_bytes') }
  process.stdout.write(`proof: soak ${JSON.stringify(figures)}\n`)

  expect(seen.faults).toEqual([])
  expect(seen.slowestAnswerMs).toBeLessThan(ANSWER_WITHIN_MS)
  expect(result).toMatchObject({ held: HELD, failed: 0, lost: 0 })
  expect(result.largeAttacks).toBeGreaterThanOrEqual(5)
  // by way of the hub itself and by way of the sender
  expect(total('hps_ingest_connections_accepted_total')).toBe(total('hps_ingest_connections_closed_total'))
  expect(total('hps_ingest_connections_accepted_total') + total('hps_ingest_connections_refused_total')).toBe(result.opened)
  expect(total('hps_ingest_connections_refused_total')).toBe(0)
  expect(total('hps_ingest_held_bytes'), 'bytes held for nobody').toBe(0)
  expect(total('hps_ingest_tls_handshakes_open')).toBe(0)
  expect(total('hps_ingest_connections_paused')).toBe(0)
  // what was said is there: whole, cut, or in half, and never as if nothing had been wrong
  expect(total('hps_ingest_cut_bytes_total')).toBeGreaterThan(result.largeAttacks * 50_000_000)
  for (const fault of ['unterminated-frame', 'truncated']) expect(total('hps_ingest_faults_total', `"${fault}"`), fault).toBeGreaterThan(0)
  for (const reason of ['plain-text', 'reset']) expect(total('hps_ingest_tls_handshake_failures_total', `"${reason}"`), reason).toBeGreaterThan(0)
  expect(total('hps_ingest_relp_faults_total')).toBeGreaterThan(0)
  const { total: stored } = await hub.json<{ readonly total: number }>('/api/v1/logs/count?q=steadyword')
  expect(stored).toBe(seen.steady)
  expect(growth(seen.residentMiB), 'MiB more in the last third').toBeLessThan(MAX_GROWTH_MIB)
  expect(peak).toBeLessThan(MAX_PEAK_MIB)
  expect((await hub.stop()).code).toBe(0)
})
