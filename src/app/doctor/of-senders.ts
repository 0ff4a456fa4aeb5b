import type { DoctorCheck, SourceView } from '#api/index.ts'
import { ok, warn } from './verdicts.ts'

/** A clock that is further off misleads whoever reads two logs side by side. */
const CLOCK_OFF_MS = 60_000
const MAX_NAMED = 5

/** Senders whose stamps cannot be relied on. */
export const examineSenders = (sources: readonly SourceView[]): readonly DoctorCheck[] => [clocks(sources), zones(sources)]

function clocks(sources: readonly SourceView[]): DoctorCheck {
  const off = sources.filter(({ clock }) => clock !== null && Math.abs(clock.offset_ms) > CLOCK_OFF_MS)
  if (off.length === 0) return ok('sender-clocks', 'no sender is known to have a clock that is a minute off')
  return warn('sender-clocks', `${off.length} of ${sources.length} senders have a clock that is more than a minute off: ${named(off)}`, 'hps sources; then let them use NTP (deploy/chrony, DHCP option 42)')
}

function zones(sources: readonly SourceView[]): DoctorCheck {
  const unknown = sources.filter(({ zone }) => zone.by === 'unknown')
  if (unknown.length === 0) return ok('sender-zones', 'the zone of every stamp is known')
  return warn('sender-zones', `${unknown.length} of ${sources.length} senders stamp without a zone, and it is not known yet: ${named(unknown)}`, 'say it in the configuration: sources: [{ address: ADDRESS, zone: Europe/Berlin }]; hps sources shows what is learned')
}

const named = (sources: readonly SourceView[]): string => sources.slice(0, MAX_NAMED).map(({ address }) => address).join(', ') + (sources.length > MAX_NAMED ? ', …' : '')
