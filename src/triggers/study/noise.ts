import type { AlertSeverity } from '#domain/alert.ts'
import type { AlertFate } from '#store/index.ts'
import { adviceOf } from './noise-advice.ts'
import type { NoiseReport, NoiseRule } from './noise-report.ts'

/** Over this soon, an alert was hardly worth a mail. */
const SHORT_MS = 5 * 60_000
const AGAIN_MS = 3_600_000
const MAX_NODES = 3
/** The share that the time of short ones covers. */
const MOST = 0.9

interface Sums {
  severity: AlertSeverity
  alerts: number
  unlasted: number
  open: number
  told: number
  toldInVain: number
  acknowledged: number
  closed: number
  unattended: number
  selfResolved: number
  flaps: number
  returned: number
  silenced: number
  readonly shortMs: number[]
  readonly byNode: Map<number, number>
  /** By key: when the last one was over. */
  readonly overMs: Map<string, number>
}
const nothing = (severity: AlertSeverity): Sums => ({
  severity, alerts: 0, unlasted: 0, open: 0, told: 0, toldInVain: 0, acknowledged: 0, closed: 0, unattended: 0, selfResolved: 0, flaps: 0, returned: 0, silenced: 0, shortMs: [], byNode: new Map(), overMs: new Map(),
})

export interface NoiseOptions {
  /** In the order in which they began. */
  readonly fates: Iterable<AlertFate>
  readonly nodeName: (id: number) => string
  /** Whether a silence covered it when it began to fire. */
  readonly isSilenced: (fate: AlertFate) => boolean
}

/** Which rules told people most of what nobody looked after, each with an advice. Pure over the alerts that are given. */
export function noiseOf({ fates, nodeName, isSilenced }: NoiseOptions): NoiseReport {
  const byRule = new Map<string, Sums>()
  for (const fate of fates) {
    const sums = byRule.getOrInsertComputed(fate.rule, () => nothing(fate.severity))
    sums.severity = fate.severity
    if (fate.firedMs === null) {
      if (fate.state === 'resolved') sums.unlasted++
      continue
    }
    addFired(sums, fate, fate.firedMs)
    if (isSilenced(fate)) sums.silenced++
  }
  const rules = [...byRule].map(([rule, sums]) => present(rule, sums, nodeName)).sort((a, b) => b.noise - a.noise || b.alerts - a.alerts || (a.rule < b.rule ? -1 : 1))
  return { rules, alerts: rules.reduce((sum, { alerts }) => sum + alerts, 0), told: rules.reduce((sum, { told }) => sum + told, 0) }
}

function addFired(sums: Sums, fate: AlertFate, firedMs: number): void {
  const { key, state, nodeId, firstMs, overMs, flaps, told, wasAcknowledged, wasClosed } = fate
  const isAttended = wasAcknowledged === 1 || wasClosed === 1
  sums.alerts++
  sums.told += told
  sums.flaps += flaps
  sums.acknowledged += wasAcknowledged
  sums.closed += wasClosed
  sums.byNode.set(nodeId, (sums.byNode.get(nodeId) ?? 0) + 1)
  if (firstMs - (sums.overMs.get(key) ?? -Infinity) < AGAIN_MS) sums.returned++
  if (overMs !== null) sums.overMs.set(key, overMs)
  if (state !== 'resolved') sums.open++
  if (isAttended) return
  sums.unattended++
  sums.toldInVain += told
  if (state !== 'resolved') return
  sums.selfResolved++
  const lastedMs = (overMs ?? firedMs) - firedMs
  if (lastedMs < SHORT_MS) sums.shortMs.push(Math.max(0, lastedMs))
}

function present(rule: string, sums: Sums, nodeName: (id: number) => string): NoiseRule {
  const { shortMs, byNode, toldInVain, overMs: _, ...rest } = sums
  const lasted = shortMs.toSorted((a, b) => a - b)
  const shortWithinMs = lasted[Math.max(0, Math.ceil(lasted.length * MOST) - 1)] ?? 0
  const nodes = [...byNode].filter(([id]) => id !== 0).sort((a, b) => b[1] - a[1] || a[0] - b[0]).slice(0, MAX_NODES).map(([id, alerts]) => ({ node: nodeName(id), alerts }))
  const figures = { ...rest, rule, short: lasted.length, shortWithinMs, nodes, noise: toldInVain + sums.flaps }
  return { ...figures, advice: adviceOf(figures) }
}
