import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { anAuthority, writeCertificate } from '../support/certificates.ts'
import { freePort } from '../support/child.ts'
import { placeHub, startHub, sumOf, type HubPlace, type RunningHub } from '../support/hub.ts'
import { slowDisk, starved, type Brake } from '../support/overload/brakes.ts'
import type { Where } from '../support/overload/channels.ts'
import { isUrgentNumber } from '../support/overload/frames.ts'
import { ledgerOf, type LedgerLine } from '../support/overload/ledger.ts'
import type { OverloadOptions, OverloadResult } from '../support/overload/sender.ts'
import { probe, storedNumbers, takenPerSecond, untilQuiet } from '../support/overload/siege.ts'
import { startSender } from '../support/sender-process.ts'

/**
 * Ten times what the hub takes, by each path, for OVERLOAD_SECONDS: sent = stored + counted, to the message; the hub answers; who is
 * quiet is heard beside who is loud.
 */
type Way = Where['way']
const SECONDS = Number(process.env['OVERLOAD_SECONDS'] ?? 10)
const TIMES = 10
const MEASURE_MS = 4000
/** Before what is measured: the batches that stand empty fill. */
const FILL_MS = 3000
const SYNC_MS = 1000
/** A hub that is given a tenth of the time. */
const SLICES = { onMs: 20, offMs: 180 }
const LOUD = { payloadBytes: 1000, urgentEvery: 50 }
const QUIET = { payloadBytes: 50, urgentEvery: 2, perSecond: 20 }
/** More than any of the ways takes with the brake on, so that what is taken is what is measured. */
const FIRST_PER_SECOND = 12_000
/** So many that windows and answers that are waited for do not hold the loud one to less than the disk takes; of HTTP, more than the hub admits from one address. */
const LOUDLY: Partial<Record<Way, { readonly connections: number; readonly atOnce?: number }>> = { relp: { connections: 64 }, http: { connections: 6, atOnce: 1000 } }
const [MEASURE, FLOOD, BESIDE, APART] = [1, 2, 3, 4] as const
const LOUD_ADDRESS = '127.0.0.2'
const ANSWER_WITHIN_MS = { disk: 3000, time: 10_000 } as const
const DRAINED_WITHIN_MS = 60_000
const QUIET_MS = 2500

type Slow = keyof typeof ANSWER_WITHIN_MS

interface OverloadPlace extends HubPlace {
  /** Where the loud one and the quiet one beside it send. */
  readonly shared: { readonly port: number; readonly path: string }
  /** Another listener of the same kind. */
  readonly apart: { readonly port: number; readonly path: string }
}

async function anOverloadPlace(way: Way): Promise<OverloadPlace> {
  const keep = mkdtempSync(join(tmpdir(), 'hps-overload-'))
  const tls = writeCertificate(keep, 'hub', anAuthority().issue({ name: 'hub.test' }))
  const places = [{ port: await freePort(), path: join(keep, 'shared.sock') }, { port: await freePort(), path: join(keep, 'apart.sock') }] as const
  const listenerAt = ({ port, path }: (typeof places)[number], name: string): object => {
    if (way === 'unix') return { name, transport: 'unix', path }
    const transport = way === 'tls' || way === 'http' ? 'tcp' : way
    return { name, transport, address: '127.0.0.1', port, ...(way === 'tls' ? { tls } : {}) }
  }
  const place = await placeHub({ log_level: 'warn', syslog: { listeners: [listenerAt(places[0], 'shared'), listenerAt(places[1], 'apart')] } })
  const remove = (): void => {
    place.remove()
    rmSync(keep, { recursive: true })
  }
  return { ...place, remove, shared: places[0], apart: places[1] }
}

/** What the hub says it has lost, by reason. */
async function counted(hub: RunningHub): Promise<Readonly<Record<string, number>>> {
  const samples = await hub.metrics()
  const dropped = (reason: string): number => sumOf(samples, 'hps_ingest_dropped_total', `"${reason}"`)
  return { 'kernel-buffer': dropped('kernel-buffer'), 'no-free-batch': dropped('no-free-batch'), shed: sumOf(samples, 'hps_ingest_shed_total'), 'disk-refused': sumOf(samples, 'hps_writer_failed_rows_total') }
}

interface Siege {
  readonly taken: number
  readonly senders: readonly OverloadResult[]
  readonly probed: Awaited<ReturnType<ReturnType<typeof probe>['stop']>>
}

const brakes: Readonly<Record<Slow, (pid: number) => Promise<Brake>>> = { disk: (pid) => slowDisk(pid, SYNC_MS), time: (pid) => Promise.resolve(starved(pid, SLICES)) }

/** Measures what the hub takes, then offers ten times that beside senders that say little, and waits until all of it is settled. */
async function besiege(hub: RunningHub, place: OverloadPlace, { way, slow }: { readonly way: Way; readonly slow: Slow }): Promise<Siege> {
  const at = (where: OverloadPlace['shared'], from: string): Where => ({ way, from, token: hub.token, ...where, ...(way === 'http' ? { port: hub.httpPort } : {}) })
  const start = (options: OverloadOptions) => startSender<OverloadResult>('overload/sender.ts', options)
  const brake = await brakes[slow](hub.pid)
  try {
    const first = start({ ...LOUD, ...LOUDLY[way], sender: MEASURE, where: at(place.shared, LOUD_ADDRESS), perSecond: FIRST_PER_SECOND, seconds: (FILL_MS + MEASURE_MS) / 1000 })
    await takenPerSecond(hub, FILL_MS)
    const taken = await takenPerSecond(hub, MEASURE_MS)
    const measured = await first.finished()
    const asked = probe(hub, 100)
    const loud = start({ ...LOUD, ...LOUDLY[way], sender: FLOOD, where: at(place.shared, LOUD_ADDRESS), perSecond: Math.ceil(TIMES * taken), seconds: SECONDS })
    const beside = start({ ...QUIET, sender: BESIDE, where: at(place.shared, '127.0.0.3'), seconds: SECONDS })
    const apart = start({ ...QUIET, sender: APART, where: at(place.apart, '127.0.0.4'), seconds: SECONDS })
    // who is slowed ends when the brake is lifted
    await new Promise((resolve) => setTimeout(resolve, SECONDS * 1000))
    const probed = await asked.stop()
    await brake.lift()
    return { taken, senders: [measured, ...(await Promise.all([loud.finished(), beside.finished(), apart.finished()]))], probed }
  } finally {
    await brake.lift()
  }
}

/** @param check what is asked of the running hub; the answer is asked of the ledger that it leaves on disk */
async function underSiege(options: { readonly way: Way; readonly slow: Slow }, check: (hub: RunningHub, siege: Siege) => Promise<(ledger: readonly LedgerLine[]) => void>): Promise<void> {
  const place = await anOverloadPlace(options.way)
  const hub = await startHub(place)
  try {
    const siege = await besiege(hub, place, options)
    await untilQuiet(hub, QUIET_MS, DRAINED_WITHIN_MS)
    expect(siege.probed.faults).toEqual([])
    expect(siege.probed.answers).toBeGreaterThan(SECONDS / 2)
    expect(siege.probed.slowestMs, 'the slowest answer').toBeLessThan(ANSWER_WITHIN_MS[options.slow])
    const checkLedger = await check(hub, siege)
    expect((await hub.stop()).code).toBe(0)
    checkLedger(ledgerOf(place.data))
  } finally {
    if (hub.child.running()) await hub.kill()
    place.remove()
  }
}

const TIMEOUT_MS = 4 * SECONDS * 1000 + 120_000
const sum = (values: Iterable<number>): number => [...values].reduce((total, value) => total + value, 0)
const resultOf = ({ senders }: Siege, sender: number): OverloadResult => senders.find((one) => one.sender === sender)!

test.for<{ way: Way; slow: Slow; what: string }>([
  { way: 'udp', slow: 'disk', what: 'a disk that cannot keep up' },
  { way: 'udp', slow: 'time', what: 'a machine with no time for it' },
])('datagrams, ten times too many for $what: sent = stored + counted, and who is quiet is heard', { timeout: TIMEOUT_MS }, (options) =>
  underSiege(options, async (hub, siege) => {
    const [stored, reasons] = [await storedNumbers(hub), await counted(hub)]
    const of = siege.senders.map(({ sender, sent }) => ({ sender, sent, ...stored.of(sender, sent) }))
    const lost = sum(Object.values(reasons))
    process.stdout.write(`proof: udp, slow ${options.slow}: takes ${Math.round(siege.taken)}/s, ${of.map(({ sender, sent, distinct }) => `s${sender} ${sent} sent ${distinct} stored`).join(', ')}; counted ${JSON.stringify(reasons)}; slowest answer ${Math.round(siege.probed.slowestMs)} ms\n`)
    // it was an overload: the loud one has sent what was asked of it, and most of that found no room
    const loud = resultOf(siege, FLOOD)
    expect(loud.sent).toBeGreaterThan(0.9 * loud.offered)
    expect(lost).toBeGreaterThan(loud.sent / 2)
    expect(of.map(({ sender, doubled, neverSent }) => ({ sender, doubled, neverSent }))).toEqual(of.map(({ sender }) => ({ sender, doubled: 0, neverSent: 0 })))
    expect(sum(of.map(({ sent }) => sent)), 'sent = stored + counted').toBe(sum(of.map(({ distinct }) => distinct)) + lost)
    for (const quiet of of.filter(({ sender }) => sender === BESIDE || sender === APART)) {
      expect(quiet.missing.length, `sender ${quiet.sender}: no more than the kernel dropped`).toBeLessThanOrEqual(reasons['kernel-buffer']!)
    }
    const apart = of.find(({ sender }) => sender === APART)!
    // its listener has a receive buffer of its own, which is never full
    expect(apart.missing).toEqual([])
    if (options.slow === 'disk') {
      const beside = of.find(({ sender }) => sender === BESIDE)!
      expect(beside.missing.filter((n) => isUrgentNumber(QUIET, n)).length).toBeLessThanOrEqual(reasons['kernel-buffer']!)
    }
    return (ledger) => {
      const byReason = (reason: string): number => sum(ledger.filter((line) => line.reason === reason).map(({ count }) => count))
      expect(Object.fromEntries(Object.keys(reasons).map((reason) => [reason, byReason(reason)])), 'the ledger on disk').toEqual(reasons)
      // the kernel does not say whose datagrams it dropped; all else is the loud one's
      expect(ledger.filter(({ address, listener }) => listener !== 'shared' || (address !== LOUD_ADDRESS && address !== ''))).toEqual([])
      expect(ledger.filter(({ address, reason }) => address === '' && reason !== 'kernel-buffer')).toEqual([])
    }
  }),
)

test.for<{ way: Way }>([{ way: 'tcp' }, { way: 'relp' }, { way: 'unix' }, { way: 'tls' }, { way: 'http' }])('$way, offered ten times what the disk takes: senders are slowed and every message is stored', { timeout: TIMEOUT_MS }, ({ way }) =>
  underSiege({ way, slow: 'disk' }, async (hub, siege) => {
    const [stored, reasons] = [await storedNumbers(hub), await counted(hub)]
    const of = siege.senders.map(({ sender, sent }) => ({ sender, sent, ...stored.of(sender, sent) }))
    process.stdout.write(`proof: ${way}: takes ${Math.round(siege.taken)}/s, ${of.map(({ sender, sent, distinct }) => `s${sender} ${sent} sent ${distinct} stored`).join(', ')}; slowest answer ${Math.round(siege.probed.slowestMs)} ms\n`)
    const loud = resultOf(siege, FLOOD)
    expect(loud.offered / SECONDS).toBeGreaterThan(0.9 * TIMES * siege.taken)
    expect(loud.sent, 'it was slowed').toBeLessThan(loud.offered / 2)
    for (const sender of [BESIDE, APART]) expect(resultOf(siege, sender).sent, 'who says little is hardly slowed').toBeGreaterThan(0)
    expect(of.map(({ sender, missing, doubled, neverSent }) => ({ sender, missing: missing.slice(0, 5), doubled, neverSent }))).toEqual(of.map(({ sender }) => ({ sender, missing: [], doubled: 0, neverSent: 0 })))
    expect(reasons).toEqual({ 'kernel-buffer': 0, 'no-free-batch': 0, shed: 0, 'disk-refused': 0 })
    return (ledger) => expect(ledger).toEqual([])
  }),
)
