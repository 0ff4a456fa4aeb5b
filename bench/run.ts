import { readOptions } from './options.ts'
import type { Bench, Part, Scenario } from './part.ts'
import { udpBufferLimitBytes, writeResults } from './results.ts'
import { DISK } from './scenarios/disk.ts'
import { LATENCY } from './scenarios/latency.ts'
import { MAIL } from './scenarios/mail.ts'
import { MEMORY } from './scenarios/memory.ts'
import { BACKTEST } from './scenarios/backtest.ts'
import { RULE_LOADS } from './scenarios/rules.ts'
import { SEARCH } from './scenarios/search.ts'
import { START } from './scenarios/start.ts'
import { TCP_LOADS } from './scenarios/tcp.ts'
import { UDP } from './scenarios/udp.ts'
import { fillHub, type StoredHub } from './stored-hub.ts'
import { figureTable, outcomeTable } from './table.ts'

/**
 * The log figures of the hub, beside rsyslog (Debian's, to a flat file) and npm's `syslog-server`, on the same bytes in the same run.
 *   npm run bench -- [--scenario burst,sustained,…] [--messages N] [--only hub,rsyslog,naive,sink] [--minutes 30] [--runs 20] [--verify] [--smoke]
 * Prints tables and writes bench/results/<time>.json; `--smoke` is small, judges no speed, and fails when something is lost or an answer is wrong.
 */
const ALL: readonly Scenario[] = [...TCP_LOADS, UDP, LATENCY, MAIL, DISK, MEMORY, SEARCH, START, RULE_LOADS, BACKTEST]
/** Scenarios of the hub alone. */
const OF_HUB: readonly Scenario[] = [LATENCY, MAIL, DISK, MEMORY, SEARCH, START, BACKTEST]

const options = readOptions(process.argv.slice(2))
const parts = new Map<string, Part>()
let stored: Promise<StoredHub> | undefined
const bench: Bench = {
  options,
  stored: () => (stored ??= fillHub(options.storedMessages)),
  say: (line) => void process.stderr.write(`${line}\n`),
}

try {
  for (const scenario of ALL) {
    if (!options.scenarios.includes(scenario.name) || (OF_HUB.includes(scenario) && !options.receivers.includes('hub'))) continue
    const startMs = performance.now()
    parts.set(scenario.name, await attempt(scenario))
    bench.say(`${scenario.name} took ${((performance.now() - startMs) / 1000).toFixed(1)} s`)
  }
} finally {
  if (stored !== undefined) await stored.then((hub) => hub.remove(), () => undefined)
}

if (udpBufferLimitBytes() < 4 << 20) {
  process.stdout.write(`note: net.core.rmem_max is ${udpBufferLimitBytes()}, so UDP receivers get less than the 4 MiB that the figures are meant for: sysctl -w net.core.rmem_max=${4 << 20}\n\n`)
}
const all = [...parts.values()]
const outcomes = all.flatMap((part) => part.outcomes ?? [])
const checks = all.flatMap((part) => part.checks)
if (outcomes.length > 0) process.stdout.write(`${outcomeTable(outcomes)}\n\n`)
process.stdout.write(`${figureTable(all.flatMap((part) => part.figures))}\n\n`)
for (const { what, ok } of checks) process.stdout.write(`${ok ? 'ok    ' : 'FAILED'} ${what}\n`)
process.stdout.write(`written to bench/results/${writeResults({ options, parts })}\n`)
const failed = checks.filter(({ ok }) => !ok).length
process.stdout.write(`checks: ${checks.length - failed} passed, ${failed} failed\n`)
process.exitCode = failed > 0 || checks.length === 0 ? 1 : 0

/** A scenario that breaks off is a failed check; what the others measured is still told. */
async function attempt(scenario: Scenario): Promise<Part> {
  try {
    return await scenario.run(bench)
  } catch (error) {
    const reason = error instanceof Error ? `${error.message}${error.cause instanceof Error ? `: ${error.cause.message}` : ''}` : String(error)
    return { figures: [], checks: [{ what: `${scenario.name}: ran to its end (${reason})`, ok: false }] }
  }
}
