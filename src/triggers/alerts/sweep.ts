import type { Mute } from '#domain/alert.ts'
import type { AlertRecords, HubEventRecords } from '#store/index.ts'
import type { Metrics } from '#telemetry/index.ts'
import { MUTES_OF_ALERTS } from '../metrics.ts'
import type { Mutes } from './notifier-port.ts'

/** Alerts that are over are kept for so long, and so many of them; so many are removed in one go. */
const KEPT_MS = 90 * 86_400_000
export const MAX_RESOLVED_ALERTS = 100_000
const PRUNED_AT_ONCE = 5000
/** Hub events are kept as long, for trying rules on the past. */
const MAX_EVENTS = 1_000_000
/** Of the alerts that fire, the newest are looked at for what mutes them. */
const MUTED_LOOKED_AT = 10_000

export interface SweepOptions {
  readonly alerts: Pick<AlertRecords, 'prune' | 'list'>
  readonly events: Pick<HubEventRecords, 'prune'>
  readonly mutes: Mutes
  readonly clock: () => number
  readonly metrics: Pick<Metrics, 'add' | 'set'>
}

/** Removes alerts that have been over for long and hub events of long ago, and counts alerts that are muted; to be called about once a minute. */
export function createSweep({ alerts, events, mutes, clock, metrics }: SweepOptions): () => void {
  return () => {
    const nowMs = clock()
    const removed = alerts.prune({ beforeMs: nowMs - KEPT_MS, keep: MAX_RESOLVED_ALERTS, limit: PRUNED_AT_ONCE })
    if (removed > 0) metrics.add('hps_alerts_pruned_total', {}, removed)
    events.prune({ beforeMs: nowMs - KEPT_MS, keep: MAX_EVENTS })
    const mutesOf = mutes.at(nowMs)
    const counts = new Map<Mute, number>()
    for (const alert of alerts.list({ states: ['firing', 'acknowledged'], limit: MUTED_LOOKED_AT })) for (const { mute } of mutesOf(alert)) counts.set(mute, (counts.get(mute) ?? 0) + 1)
    for (const mute of MUTES_OF_ALERTS) metrics.set('hps_alerts_muted', counts.get(mute) ?? 0, { mute })
  }
}
