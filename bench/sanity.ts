import type { Latency } from './latency.ts'
import type { Outcome } from './scenarios.ts'

/** What must hold at any size and on any machine: nothing is lost, nothing is made up, and the generator is the cheaper side. */
export interface SanityCheck {
  readonly what: string
  readonly ok: boolean
}

/** Rows of the hub's own log that may be stored beside what was sent. */
const OWN_ROWS = 200

export function sanityChecks(outcomes: readonly Outcome[], latency?: Latency): SanityCheck[] {
  const checks: SanityCheck[] = []
  for (const { scenario, receiver, sent, stored, counted, found, sender, cost } of outcomes) {
    const name = `${scenario}, ${receiver}`
    if (scenario !== 'udp') {
      checks.push({ what: `${name}: all ${sent} messages stored, none twice (${stored})`, ok: stored >= sent && stored <= sent + (receiver === 'hub' ? OWN_ROWS : 0) })
      if (receiver.startsWith('rsyslog') || receiver === 'hub') {
        checks.push({ what: `${name}: the generator spends less CPU (${sender.cpuSeconds.toFixed(2)} s) than the receiver (${cost.cpuSeconds.toFixed(2)} s)`, ok: sender.cpuSeconds < cost.cpuSeconds })
      }
    } else if (receiver === 'hub') {
      const unaccounted = sent - stored - counted
      checks.push({ what: `${name}: sent = stored + counted (${sent} = ${stored} + ${counted})`, ok: unaccounted <= 0 && unaccounted >= -OWN_ROWS })
    } else {
      checks.push({ what: `${name}: it stored something (${stored} of ${sent})`, ok: stored > 0 && stored <= sent })
    }
    if (found !== undefined) checks.push({ what: `${name}: a search finds the last message`, ok: found })
  }
  if (latency !== undefined) checks.push({ what: `latency: the live tail showed every probe (${latency.probes - latency.missed} of ${latency.probes}), or said that it skipped (${latency.skips} times)`, ok: latency.probes > 0 && (latency.missed === 0 || latency.skips > 0) })
  return checks
}
