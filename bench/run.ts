import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { cpus, totalmem } from 'node:os'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { figureTable, outcomeTable } from './table.ts'
import { judge } from './figures.ts'
import { corpusFile } from './load/corpus.ts'
import { measureLatency, type Latency } from './latency.ts'
import { startHubReceiver } from './peers/hub.ts'
import { startNaive } from './peers/naive.ts'
import type { Receiver } from './peers/receiver.ts'
import { startRsyslog } from './peers/rsyslog.ts'
import { startSink } from './peers/sink.ts'
import { sanityChecks } from './sanity.ts'
import { measureTcp, measureUdp, type Outcome } from './scenarios.ts'

/**
 * The hub beside rsyslog (Debian's, to a flat file) and npm's `syslog-server`, on the same bytes in the same run.
 *   npm run bench -- [--messages 2000000] [--only hub,rsyslog,naive,sink] [--scenario burst,sustained,udp,latency] [--smoke]
 * Prints a table and writes bench/results/<time>.json; `--smoke` is small, judges no speed, and fails when something was lost.
 */
const { values } = parseArgs({
  options: {
    messages: { type: 'string' },
    smoke: { type: 'boolean', default: false },
    only: { type: 'string', default: 'sink,rsyslog,hub,naive' },
    scenario: { type: 'string', default: 'burst,sustained,udp,latency' },
    'udp-rate': { type: 'string' },
    'udp-seconds': { type: 'string' },
  },
})
const messages = Number(values.messages ?? (values.smoke ? 200_000 : 2_000_000))
const sustainedTimes = values.smoke ? 2 : 10
const udpPerSecond = Number(values['udp-rate'] ?? (values.smoke ? 5000 : 100_000))
const udpSeconds = Number(values['udp-seconds'] ?? (values.smoke ? 3 : 10))
const UDP_BUFFER_BYTES = 4 * 1024 * 1024
const wanted = (list: string, name: string): boolean => list.split(',').includes(name)

const PEERS: readonly { readonly group: string; readonly start: () => Promise<Receiver> }[] = [
  { group: 'sink', start: startSink },
  { group: 'rsyslog', start: () => startRsyslog('imtcp') },
  { group: 'rsyslog', start: () => startRsyslog('imptcp') },
  { group: 'hub', start: startHubReceiver },
  { group: 'naive', start: startNaive },
]

const corpus = corpusFile(messages)
const outcomes: Outcome[] = []

async function measure(start: () => Promise<Receiver>, load: (receiver: Receiver) => Promise<Outcome>): Promise<void> {
  const receiver = await start()
  try {
    const outcome = await load(receiver)
    outcomes.push(outcome)
    process.stderr.write(`${outcome.scenario} ${outcome.receiver}: ${outcome.perSecond}/s, ${outcome.cpuMicrosPerMessage.toFixed(2)} us/message\n`)
  } finally {
    await receiver.stop()
  }
}

// Every load meets a receiver that was just started: no scenario inherits the memory or the files of another.
for (const scenario of ['burst', 'sustained'] as const) {
  if (!wanted(values.scenario, scenario)) continue
  for (const { group, start } of PEERS) {
    if (!wanted(values.only, group) || group === 'naive' || (group === 'sink' && scenario === 'sustained')) continue
    await measure(start, (receiver) => measureTcp(receiver, { scenario, corpus, times: scenario === 'burst' ? 1 : sustainedTimes }))
  }
}
if (wanted(values.scenario, 'udp')) {
  for (const { group, start } of PEERS) {
    if (wanted(values.only, group) && (group === 'hub' || group === 'naive')) {
      await measure(start, (receiver) => measureUdp(receiver, { corpus, perSecond: udpPerSecond, seconds: udpSeconds }))
    }
  }
}

let latency: Latency | undefined
if (wanted(values.scenario, 'latency') && wanted(values.only, 'hub')) {
  const receiver = await startHubReceiver()
  try {
    latency = await measureLatency(receiver.hub, { corpus, perSecond: values.smoke ? 2000 : 100_000, seconds: values.smoke ? 2 : 10 })
  } finally {
    await receiver.stop()
  }
}

if (udpBufferLimitBytes() < UDP_BUFFER_BYTES) {
  process.stdout.write(`note: net.core.rmem_max is ${udpBufferLimitBytes()}, so UDP receivers get less than the 4 MiB that the figures are meant for: sysctl -w net.core.rmem_max=${UDP_BUFFER_BYTES}\n\n`)
}
const figures = judge(outcomes, latency)
process.stdout.write(`${outcomeTable(outcomes)}\n\n${figureTable(figures)}\n`)
const checks = sanityChecks(outcomes, latency)
for (const { what, ok } of checks) process.stdout.write(`${ok ? 'ok    ' : 'FAILED'} ${what}\n`)
writeResults()
const failed = checks.filter(({ ok }) => !ok).length
process.stdout.write(`checks: ${checks.length - failed} passed, ${failed} failed\n`)
process.exitCode = failed > 0 || checks.length === 0 ? 1 : 0

function udpBufferLimitBytes(): number {
  return Number(readFileSync('/proc/sys/net/core/rmem_max', 'utf8'))
}

function writeResults(): void {
  const folder = fileURLToPath(new URL('./results/', import.meta.url))
  mkdirSync(folder, { recursive: true })
  const machine = {
    cpu: cpus()[0]?.model ?? 'unknown',
    cores: cpus().length,
    memoryBytes: totalmem(),
    kernel: readFileSync('/proc/version', 'utf8').split(' ')[2],
    node: process.version,
    udpBufferLimitBytes: udpBufferLimitBytes(),
  }
  const at = new Date().toISOString()
  const name = values.smoke ? 'smoke.tmp.json' : `${at.slice(0, 19).replaceAll(':', '')}.json`
  const content = { at, messages, sustainedTimes, udpPerSecond, udpSeconds, machine, outcomes, latency, figures }
  writeFileSync(`${folder}${name}`, `${JSON.stringify(content, undefined, 2)}\n`)
  process.stdout.write(`written to bench/results/${name}\n`)
}
