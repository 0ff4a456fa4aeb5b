import { listOf, type RouteFault } from './fault.ts'
import { DAYS, parseClock, parseDays, parseQuietZone, type QuietInterval } from './quiet.ts'
import type { QuietText, RoutesFile } from './schema.ts'

const ALL_DAYS = DAYS.map((_, day) => day)

/** What a schema cannot say of quiet hours. */
export function checkQuiet({ quiet_hours: named = {} }: RoutesFile): readonly RouteFault[] {
  return Object.entries(named).flatMap(([name, intervals]) =>
    intervals.flatMap((interval, index): RouteFault[] => {
      const path = ['quiet_hours', name, index]
      const faults: RouteFault[] = []
      for (const key of ['from', 'to'] as const) if (parseClock(interval[key]) === undefined) faults.push({ path: [...path, key], message: `\`${interval[key]}\` is no time of day`, hint: "e.g. '22:00'" })
      if (parseQuietZone(interval.tz ?? 'UTC') === undefined) faults.push({ path: [...path, 'tz'], message: `there is no time zone \`${interval.tz}\``, hint: 'an IANA name, e.g. Europe/Berlin' })
      for (const day of listOf(interval.days)) if (parseDays(day) === undefined) faults.push({ path: [...path, 'days'], message: `\`${day}\` is no day of the week`, hint: `${DAYS.join(', ')}, or e.g. mon-fri` })
      return faults
    }),
  )
}

export const readQuiet = ({ quiet_hours: named = {} }: RoutesFile): ReadonlyMap<string, readonly QuietInterval[]> =>
  new Map(Object.entries(named).map(([name, intervals]) => [name, intervals.map(readInterval)]))

function readInterval({ days, from, to, tz = 'UTC' }: QuietText): QuietInterval {
  const [fromMinute, toMinute] = [parseClock(from)!, parseClock(to)!]
  return {
    days: days === undefined ? ALL_DAYS : listOf(days).flatMap((day) => parseDays(day)!),
    fromMinute, toMinute: toMinute > fromMinute ? toMinute : toMinute + 1440, zone: parseQuietZone(tz)!,
  }
}
