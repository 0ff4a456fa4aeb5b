import { ALERT_SEVERITIES, type AlertSeverity } from '#domain/alert.ts'

/** When and how alerts of a route are told. */
export interface Timing {
  readonly groupBy: readonly string[]
  readonly waitMs: number
  readonly intervalMs: number
  /** undefined: an alert is not told again. */
  readonly everyMs: number | undefined
  readonly sendResolved: boolean
  readonly sendAcknowledged: boolean
}
export const DEFAULT_TIMING: Timing = { groupBy: ['rule'], waitMs: 30_000, intervalMs: 300_000, everyMs: 4 * 3_600_000, sendResolved: true, sendAcknowledged: true }

/** A test of one field: one of these values. */
export interface RouteTest { readonly field: string; readonly values: readonly string[] }

export interface Route {
  /** Positions from the top, `0.2`; '' for the root: what a group is told apart by. */
  readonly id: string
  /** undefined: nobody. */
  readonly receiver: string | undefined
  readonly timing: Timing
  readonly tests: readonly RouteTest[]
  readonly isContinued: boolean
  readonly routes: readonly Route[]
}

/** The value of a field of an alert or of its node; undefined: it has none. */
export type FieldOf = (field: string) => string | undefined

/** The routes that an alert takes: the deepest that fit, in the order of the file; at least the root. */
export function routesOf(root: Route, fieldOf: FieldOf): readonly Route[] {
  const below: Route[] = []
  for (const route of root.routes) {
    if (!route.tests.every((test) => holds(test, fieldOf(test.field)))) continue
    below.push(...routesOf(route, fieldOf))
    if (!route.isContinued) break
  }
  return below.length === 0 ? [root] : below
}

function holds({ field, values }: RouteTest, value: string | undefined): boolean {
  if (value === undefined) return false
  return values.some((wanted) => {
    if (field === 'severity' && wanted.startsWith('>=')) return isAtLeast(value, wanted.slice(2))
    return wanted.endsWith('*') ? value.startsWith(wanted.slice(0, -1)) : value === wanted
  })
}

function isAtLeast(severity: string, least: string): boolean {
  const rank = ALERT_SEVERITIES.indexOf(severity as AlertSeverity)
  return rank >= 0 && rank <= ALERT_SEVERITIES.indexOf(least as AlertSeverity)
}
