import type { Alert } from '#domain/alert.ts'
import type { Policy } from '../policy.ts'

/** An alert that mutes others while it fires. */
interface Inhibitor { readonly alert: Alert; readonly policy: Policy; readonly inhibit: NonNullable<Policy['inhibit']> }

export interface InhibitionOptions {
  /** Open alerts; those that fire, of live rules with `inhibit`, are taken. */
  readonly open: Iterable<Alert>
  readonly policyOf: (alert: Alert) => Policy
  readonly fieldOf: (alert: Alert, field: string) => string | undefined
}

/**
 * Which alert says it all for another. An alert never inhibits itself; a field that either side lacks never is equal; where
 * alerts inhibit each other in a ring, the oldest of the ring is told. Pure: over the alerts that it was made of.
 */
export function createInhibition({ open, policyOf, fieldOf }: InhibitionOptions): (alert: Alert) => Alert | undefined {
  const byRule = new Map<string, Inhibitor[]>()
  for (const alert of open) {
    const policy = policyOf(alert)
    if (!isFiring(alert) || policy.status !== 'live' || policy.inhibit === undefined) continue
    byRule.getOrInsertComputed(alert.rule, (): Inhibitor[] => []).push({ alert, policy, inhibit: policy.inhibit })
  }
  /** Of each rule that inhibits: its alerts by the values of `equal`. */
  const places = [...byRule.values()].map((inhibitors) => {
    const { inhibit } = inhibitors[0]!
    const groups = new Map<string, Inhibitor[]>()
    for (const inhibitor of inhibitors) {
      const place = placeOf(inhibitor.alert, inhibit.equal)
      if (place !== undefined) groups.getOrInsertComputed(place, (): Inhibitor[] => []).push(inhibitor)
    }
    return { inhibit, groups }
  })

  function placeOf(alert: Alert, equal: readonly string[]): string | undefined {
    const values = equal.map((field) => fieldOf(alert, field))
    return values.some((value) => value === undefined || value === '') ? undefined : JSON.stringify(values)
  }

  function* inhibitorsOf(alert: Alert): Generator<Inhibitor> {
    for (const { inhibit, groups } of places) {
      if (!inhibit.rules.some((rule) => isRule(rule, alert.rule))) continue
      const place = placeOf(alert, inhibit.equal)
      if (place === undefined) continue
      for (const inhibitor of groups.get(place) ?? []) if (inhibitor.alert.id !== alert.id) yield inhibitor
    }
  }

  /** Whether `from` inhibits `to`, by others or by itself. */
  function reaches(from: Alert, to: Alert): boolean {
    if (!byRule.has(from.rule)) return false
    const seen = new Set<number>([to.id])
    const waiting = [to]
    for (let alert = waiting.pop(); alert !== undefined; alert = waiting.pop()) {
      for (const { alert: source } of inhibitorsOf(alert)) {
        if (source.id === from.id) return true
        if (!seen.has(source.id)) waiting.push(source)
        seen.add(source.id)
      }
    }
    return false
  }

  return (alert) => {
    if (places.length === 0 || !isFiring(alert)) return undefined
    for (const { alert: source } of inhibitorsOf(alert)) if (!(isOlder(alert, source) && reaches(alert, source))) return source
    return undefined
  }
}

const isFiring = ({ state }: Alert): boolean => state === 'firing' || state === 'acknowledged'
const isRule = (pattern: string, rule: string): boolean => (pattern.endsWith('*') ? rule.startsWith(pattern.slice(0, -1)) : rule === pattern)
const isOlder = (a: Alert, b: Alert): boolean => (a.firedMs ?? a.firstMs) - (b.firedMs ?? b.firstMs) < 0 || ((a.firedMs ?? a.firstMs) === (b.firedMs ?? b.firstMs) && a.id < b.id)
