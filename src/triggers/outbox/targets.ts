import { backoffMs } from '#base/backoff.ts'
import { targetKey, type OutboxRow } from '#store/index.ts'
import type { Delivery } from './delivery.ts'
import { BASE_MS } from './schedule.ts'

/** Rows in the hands of one target at once; of one that fails a single one, which finds out whether it is back. */
const PER_TARGET = 2
/** The longest that a failing target is left alone, whatever the pauses of its rows are: it is to be missed no longer than this. */
const MAX_LEFT_ALONE_MS = 5 * 60_000
/** Targets that are remembered; beyond it the one that changed first is forgotten, and tried as if it were well. */
const MAX_TARGETS = 1000

interface Target { underWay: number; failures: number; untilMs: number }

export interface Targets {
  /** Those that get nothing now: they have enough in their hands, or fail and are left alone. */
  busy(nowMs: number): ReadonlySet<string>
  began(row: OutboxRow): void
  ended(row: OutboxRow, delivery: Delivery, now: { readonly nowMs: number; readonly random: number }): void
  isFailing(row: OutboxRow): boolean
  /** When the next target that is left alone is to be tried again; undefined: none is left alone. */
  nextMs(nowMs: number): number | undefined
  readonly failing: number
}

/** How the places that notices go to are: one that fails is tried by one row at a time, later each time, and by all again once it took one. In memory: after a start each is well until it fails. */
export function createTargets(): Targets {
  const targets = new Map<string, Target>()

  function of(row: OutboxRow): Target {
    const key = targetKey(row)
    const known = targets.get(key)
    if (known !== undefined) return known
    const made: Target = { underWay: 0, failures: 0, untilMs: 0 }
    if (targets.size >= MAX_TARGETS) for (const [other, { underWay }] of targets) if (underWay === 0) {
      targets.delete(other)
      break
    }
    targets.set(key, made)
    return made
  }

  return {
    busy(nowMs) {
      const busy = new Set<string>()
      for (const [key, { underWay, failures, untilMs }] of targets) if (underWay >= (failures > 0 ? 1 : PER_TARGET) || (failures > 0 && untilMs > nowMs)) busy.add(key)
      return busy
    },
    began: (row) => void of(row).underWay++,
    ended(row, delivery, { nowMs, random }) {
      const target = of(row)
      target.underWay--
      if (delivery.kind === 'sent') target.failures = 0
      // a refusal of this one notice says nothing about the next
      if (delivery.kind === 'sent' || delivery.isPermanent) return
      target.failures++
      const pauseMs = backoffMs(Math.min(target.failures, 30), random, { baseMs: BASE_MS, maxMs: MAX_LEFT_ALONE_MS })
      target.untilMs = nowMs + Math.max(pauseMs, Math.min(delivery.retryAfterMs ?? 0, MAX_LEFT_ALONE_MS))
    },
    isFailing: (row) => (targets.get(targetKey(row))?.failures ?? 0) > 0,
    nextMs(nowMs) {
      let next: number | undefined
      for (const { failures, untilMs } of targets.values()) if (failures > 0 && untilMs > nowMs && (next === undefined || untilMs < next)) next = untilMs
      return next
    },
    get failing() {
      let failing = 0
      for (const { failures } of targets.values()) if (failures > 0) failing++
      return failing
    },
  }
}
