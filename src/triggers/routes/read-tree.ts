import { ALERT_SEVERITIES } from '#domain/alert.ts'
import { listOf, meantAmong, timeOf, type RouteFault } from './fault.ts'
import { NOBODY } from './routes.ts'
import type { RoutesFile, RouteText } from './schema.ts'
import { DEFAULT_TIMING, type Route, type Timing } from './tree.ts'

/** The longest that a notice may wait, and the longest until an alert is told again. */
const MAX_WAIT_MS = 86_400_000
const MAX_EVERY_MS = 30 * 86_400_000
/** An alert that is told again more often than this is no news. */
const MIN_EVERY_MS = 60_000

export function checkTree({ route, receivers, default: otherwise }: RoutesFile): readonly RouteFault[] {
  if (route === undefined) return []
  const names = [...receivers.map(({ name }) => name), NOBODY]
  const faults = checkRoute(route, { path: ['route'], names })
  return route.receiver === undefined && otherwise === undefined ? [{ path: ['route'], message: 'the first route has no `receiver`', hint: 'name one, or `default:`' }, ...faults] : faults
}

interface CheckContext { readonly path: readonly (string | number)[]; readonly names: readonly string[] }

function checkRoute(route: RouteText, { path, names }: CheckContext): readonly RouteFault[] {
  const faults: RouteFault[] = []
  const { receiver, every } = route
  if (receiver !== undefined && !names.includes(receiver)) faults.push({ path: [...path, 'receiver'], message: `there is no receiver \`${receiver}\``, hint: meantAmong(receiver, names) })
  for (const key of ['wait', 'interval'] as const) {
    const time = route[key]
    if (time !== undefined && timeOf(time, MAX_WAIT_MS) === undefined) faults.push({ path: [...path, key], message: `\`${time}\` is not a time from 0s to 1d`, hint: 'e.g. 30s, 5m' })
  }
  if (every !== undefined && every !== 'never' && (timeOf(every, MAX_EVERY_MS) ?? 0) < MIN_EVERY_MS) faults.push({ path: [...path, 'every'], message: `\`${every}\` is not a time from 1m to 30d`, hint: 'e.g. 4h, or never' })
  for (const value of listOf(route.match?.['severity'])) {
    const word = value.replace(/^>=/, '')
    if (!(ALERT_SEVERITIES as readonly string[]).includes(word)) faults.push({ path: [...path, 'match', 'severity'], message: `there is no severity \`${word}\``, hint: meantAmong(word, ALERT_SEVERITIES) })
  }
  return [...faults, ...(route.routes ?? []).flatMap((below, index) => checkRoute(below, { path: [...path, 'routes', index], names }))]
}

/** The tree of a file that was checked; `otherwise` is its default receiver. */
export const readTree = (root: NonNullable<RoutesFile['route']>, otherwise: string | undefined): Route => readRoute(root, { id: '', receiver: otherwise, timing: DEFAULT_TIMING })

function readRoute(text: RouteText, above: Pick<Route, 'id' | 'receiver' | 'timing'>): Route {
  const receiver = text.receiver === NOBODY ? undefined : (text.receiver ?? above.receiver)
  const timing = readTiming(text, above.timing)
  return {
    id: above.id, receiver, timing, isContinued: text.continue ?? false,
    tests: Object.entries(text.match ?? {}).map(([field, values]) => ({ field, values: listOf(values) })),
    routes: (text.routes ?? []).map((below, index) => readRoute(below, { id: above.id === '' ? String(index) : `${above.id}.${index}`, receiver, timing })),
  }
}

function readTiming(text: RouteText, above: Timing): Timing {
  const time = (value: string | undefined): number | undefined => (value === undefined ? undefined : timeOf(value, MAX_EVERY_MS))
  return {
    groupBy: text.group_by ?? above.groupBy, waitMs: time(text.wait) ?? above.waitMs, intervalMs: time(text.interval) ?? above.intervalMs,
    everyMs: text.every === 'never' ? undefined : (time(text.every) ?? above.everyMs),
    sendResolved: text.send_resolved ?? above.sendResolved, sendAcknowledged: text.send_acknowledged ?? above.sendAcknowledged,
  }
}
