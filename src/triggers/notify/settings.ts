import type { Alert } from '#domain/alert.ts'
import type { Policy } from '../policy.ts'
import type { Receiver, Routes } from '../routes/routes.ts'
import { DEFAULT_TIMING, routesOf, type FieldOf, type Route } from '../routes/tree.ts'

/** How a group is told: kept with it, so that a start or a reload does not change what waits. */
export interface GroupSettings {
  /** `digest`: what was held back for a receiver. */
  readonly kind: 'alerts' | 'digest'
  /** What its alerts have in common. */
  readonly values: Readonly<Record<string, string>>
  readonly waitMs: number
  readonly intervalMs: number
  readonly everyMs: number | undefined
  readonly sendResolved: boolean
  readonly sendAcknowledged: boolean
}

/** A group that an alert belongs to. */
export interface Belonging { readonly receiver: string; readonly key: string; readonly settings: GroupSettings }

/** The key of a receiver's digest; no other key is like it. */
export const DIGEST_KEY = 'digest'
/** What is too much for a receiver is told after this long, and then once an hour. */
const FIRST_DIGEST_MS = 10 * 60_000
const DIGEST_EVERY_MS = 3_600_000

const digestSettings = { kind: 'digest', values: {}, sendResolved: true, sendAcknowledged: false } as const

/** The digest of what was too much for a receiver, or of everything for one that wants nothing else. */
export const digestOf = (receiver: Pick<Receiver, 'digestMs'> | undefined): GroupSettings => {
  const digestMs = receiver?.digestMs
  return digestMs === undefined ? { ...digestSettings, waitMs: FIRST_DIGEST_MS, intervalMs: DIGEST_EVERY_MS, everyMs: undefined } : { ...digestSettings, waitMs: digestMs, intervalMs: digestMs, everyMs: digestMs }
}

/** What was kept with a group; of one that cannot be read, what holds where nothing is said. */
export function readSettings({ key, fields }: { readonly key: string; readonly fields: string }): GroupSettings {
  try {
    const settings = JSON.parse(fields) as GroupSettings | null
    if (typeof settings === 'object' && settings !== null && 'kind' in settings) return settings
  } catch {
    // damaged: told below all the same
  }
  const { waitMs, intervalMs, everyMs, sendResolved, sendAcknowledged } = DEFAULT_TIMING
  return key === DIGEST_KEY ? digestOf(undefined) : { kind: 'alerts', values: {}, waitMs, intervalMs, everyMs, sendResolved, sendAcknowledged }
}

/** Who is told of an alert, and in which groups: the receiver that its rule names, else those of the routes; `also`: one more, of an escalation. */
export function belongingsOf(alert: Alert, { policy, routes, fieldOf, only }: { readonly policy: Policy; readonly routes: Routes; readonly fieldOf: FieldOf; readonly only?: string | undefined }): readonly Belonging[] {
  const taken = routesOf(routes.root, fieldOf)
  const named = only ?? policy.notify?.to
  const pairs: { route: Route; name: string }[] = []
  if (named !== undefined) pairs.push({ route: taken[0]!, name: routes.receiver(named)?.name ?? named })
  else for (const route of taken) {
    const name = route.receiver ?? (isBare(routes) && policy.notify !== undefined ? routes.receiver('')?.name : undefined)
    if (name !== undefined) pairs.push({ route, name })
  }
  const found = new Map<string, Belonging>()
  for (const { route, name } of pairs) {
    const belonging = belongingOf(alert, { route, policy, fieldOf, receiver: routes.receiver(name), name })
    found.set(`${belonging.receiver} ${belonging.key}`, belonging)
  }
  return [...found.values()]
}

/** Without `route:` a rule that asks for a notice and names nobody tells the default receiver. */
const isBare = ({ root }: Routes): boolean => root.receiver === undefined && root.routes.length === 0

interface BelongingParts { readonly route: Route; readonly policy: Policy; readonly fieldOf: FieldOf; readonly receiver: Receiver | undefined; readonly name: string }

function belongingOf(alert: Alert, { route, policy, fieldOf, receiver, name }: BelongingParts): Belonging {
  if (receiver?.digestMs !== undefined) return { receiver: name, key: DIGEST_KEY, settings: digestOf(receiver) }
  const { timing } = route
  const values: Record<string, string> = {}
  for (const field of timing.groupBy) {
    const value = field === 'alert' ? String(alert.id) : fieldOf(field)
    if (value !== undefined) values[field] = value
  }
  const { waitMs = timing.waitMs, everyMs = timing.everyMs } = policy.notify ?? {}
  // rules that say when are in groups of their own, so that each group has one wait and one repeat
  const own = [policy.notify?.waitMs ?? null, policy.notify?.everyMs ?? null]
  return {
    receiver: name,
    key: JSON.stringify([route.id, timing.groupBy.map((field) => values[field] ?? null), ...(own.every((time) => time === null) ? [] : own)]),
    settings: { kind: 'alerts', values, waitMs, intervalMs: timing.intervalMs, everyMs, sendResolved: timing.sendResolved, sendAcknowledged: timing.sendAcknowledged },
  }
}
