import type { Batch } from '#domain/batch.ts'
import { PARSE_FAULTS, type ParseFault } from '#domain/message.ts'
import { learnClock } from './clock-offset.ts'
import { messageTime, type MessageTime } from './message-time.ts'
import { isZoneKnown, learnZone, type SenderZone } from './sender-zone.ts'
import type { Sources, Speaker } from './sources.ts'
import type { Voice } from './voice.ts'

const bitsOf = (...faults: readonly ParseFault[]): number => faults.reduce((bits, fault) => bits | (1 << PARSE_FAULTS.indexOf(fault)), 0)
const ZONELESS = bitsOf('no-zone', 'unknown-zone')
const NO_YEAR = bitsOf('no-year')
/** The clock behind the stamp was never set, or is no clock of days. */
const UNBELIEVABLE = bitsOf('clock-not-set', 'uptime-stamp', 'bad-timestamp')

const YEAR_2000_MS = Date.UTC(2000, 0)
const DAY_MS = 86_400_000
/** A stamp older than this comes from a clock that was never set, or from an archive. */
const OLDEST_MS = 400 * DAY_MS
const HALF_YEAR_MS = 182 * DAY_MS
/** A zone that is confirmed again and again is written down this often. */
const SAVE_ZONE_EVERY_MS = 10 * 60_000

/** The stamp wants the zone of its sender: ingest has read it as UTC. */
export const isZoneless = (faults: number): boolean => (faults & ZONELESS) !== 0

/** Puts `sentMs` of a row whose stamp has no zone right, where the zone of its sender is known. */
export function setSentTime(zone: SenderZone, { sentMs, receivedMs, faults }: Batch, row: number): void {
  const { configured, offsetMs } = zone
  const localMs = sentMs[row]!
  if (configured !== undefined) sentMs[row] = configured.toUtcMs(localMs, receivedMs[row]!)
  else if (offsetMs === offsetMs) sentMs[row] = localMs - offsetMs
  else return
  if (Math.abs(receivedMs[row]! - sentMs[row]!) > HALF_YEAR_MS && (faults[row]! & NO_YEAR) !== 0) sentMs[row] = nearestYear(zone, localMs, receivedMs[row]!)
}

/** Half a year away the zone decides which year is nearest; a leap day has only its own. */
function nearestYear({ configured, offsetMs }: SenderZone, localMs: number, receivedMs: number): number {
  const date = new Date(localMs)
  const year = date.getUTCFullYear()
  const [month, day] = [date.getUTCMonth(), date.getUTCDate()]
  const years = month === 1 && day === 29 ? [year] : [year, year - 1, year + 1]
  return years
    .map((other) => {
      const otherMs = localMs + Date.UTC(other, month, day) - Date.UTC(year, month, day)
      return configured?.toUtcMs(otherMs, receivedMs) ?? otherMs - offsetMs
    })
    .reduce((best, ms) => (Math.abs(ms - receivedMs) < Math.abs(best - receivedMs) ? ms : best))
}

/** When the message of this row was said; `setSentTime` has seen it. */
export function timeOfRow(batch: Batch, row: number, { voice }: Speaker): MessageTime {
  const faults = batch.faults[row]!
  const zone = voice!.zone
  const hasZone = (faults & ZONELESS) === 0 || isZoneKnown(zone)
  const sentMs = (faults & UNBELIEVABLE) === 0 ? batch.sentMs[row]! : Number.NaN
  const time = messageTime({ receivedMs: batch.receivedMs[row]!, sentMs, hasZone, zoneMs: Number.isNaN(zone.hintMs) ? undefined : zone.hintMs })
  // The next row of this batch may want to know; the zone itself is learned from several.
  if (zone.learns) zone.hintMs = time.zoneMs ?? Number.NaN
  return time
}

/** Learns the zone of a voice, and the clocks of its sender and its node, from its row of this batch. */
export function learnTime({ zones }: Pick<Sources, 'zones'>, { source, zone, binding, sampleRow: row }: Voice, batch: Batch): void {
  const faults = batch.faults[row]!
  const sentMs = batch.sentMs[row]!
  const receivedMs = batch.receivedMs[row]!
  const lateMs = receivedMs - sentMs
  if ((faults & UNBELIEVABLE) !== 0 || !(sentMs >= YEAR_2000_MS && lateMs >= -DAY_MS && lateMs <= OLDEST_MS)) return
  if ((faults & ZONELESS) !== 0 && zone.configured === undefined) {
    if (!zone.learns) return
    const isKnown = isZoneKnown(zone)
    const isNew = learnZone(zone, isKnown ? lateMs - zone.offsetMs : lateMs, receivedMs)
    if (isNew || (isKnown && receivedMs - zone.savedMs > SAVE_ZONE_EVERY_MS && zone.confirmedMs === receivedMs)) {
      zone.savedMs = receivedMs
      zones.dirty.add(zone)
    }
    // The row was not set right, or by what proved wrong.
    if (!isKnown || isNew) return
  }
  learnClock(source.clockState, lateMs, receivedMs)
  if (binding?.node !== undefined) learnClock(binding.node.clockState, lateMs, receivedMs)
}
