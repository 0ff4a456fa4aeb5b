import type { Outcome } from '../outcome.ts'
import type { Check } from '../part.ts'

/** Rows of the hub's own log that may be stored beside what was sent. */
export const OWN_ROWS = 200

/** Nothing is lost, nothing is made up, and the generator is the cheaper side. */
export function tcpChecks(outcomes: readonly Outcome[]): Check[] {
  const checks: Check[] = []
  for (const { scenario, receiver, sent, stored, found, sender, cost } of outcomes) {
    const name = `${scenario}, ${receiver}`
    const isHub = receiver === 'hub'
    checks.push({ what: `${name}: all ${sent} messages stored, none twice (${stored})`, ok: stored >= sent && stored <= sent + (isHub ? OWN_ROWS : 0) })
    if (sent >= CPU_COMPARED_FROM && (isHub || receiver.startsWith('rsyslog'))) {
      checks.push({ what: `${name}: the generator spends less CPU (${sender.cpuSeconds.toFixed(2)} s) than the receiver (${cost.cpuSeconds.toFixed(2)} s)`, ok: sender.cpuSeconds < cost.cpuSeconds })
    }
    if (found !== undefined) checks.push({ what: `${name}: a search finds the last message`, ok: found })
  }
  return checks
}

/** Below this the start of the generator's process is most of what it costs. */
const CPU_COMPARED_FROM = 500_000
