/** When a message was said: by its own stamp when that is clearly old, else when it was received. */

/** Differences up to this are the network, a queue of moments, or a clock that is a little off. */
const FRESH_MS = 60_000
/** A stamp older than this comes from a clock that was never set. */
const UNBELIEVABLE_MS = 400 * 86_400_000
const QUARTER_HOUR_MS = 15 * 60_000
/** Zones reach from 12 hours behind UTC to 14 before it. */
const FARTHEST_ZONE_MS = 14 * 3_600_000

export interface Stamp {
  readonly receivedMs: number
  /** NaN: the message carried none. */
  readonly sentMs: number
  /** The stamp said its zone (RFC 3164 never does). */
  readonly hasZone: boolean
  /** What a zone-less stamp of this sender is off by, learned from fresh ones; undefined: not yet known. */
  readonly zoneMs: number | undefined
}
export interface MessageTime {
  readonly ms: number
  readonly isOld: boolean
  /** What this stamp taught about the sender's zone. */
  readonly zoneMs: number | undefined
  /** Old, without a zone, and the sender's is unknown: right up to whole quarter hours. */
  readonly isVague: boolean
}

export function messageTime({ receivedMs, sentMs, hasZone, zoneMs }: Stamp): MessageTime {
  const lateMs = receivedMs - sentMs
  const fresh = { ms: receivedMs, isOld: false, zoneMs, isVague: false }
  if (Number.isNaN(sentMs) || lateMs > UNBELIEVABLE_MS) return fresh
  if (hasZone) return lateMs > FRESH_MS ? { ms: sentMs, isOld: true, zoneMs, isVague: false } : fresh
  if (zoneMs !== undefined) return lateMs - zoneMs > FRESH_MS ? { ms: sentMs + zoneMs, isOld: true, zoneMs, isVague: false } : fresh
  const quarters = Math.round(lateMs / QUARTER_HOUR_MS) * QUARTER_HOUR_MS
  if (Math.abs(lateMs - quarters) <= FRESH_MS && Math.abs(quarters) <= FARTHEST_ZONE_MS) return { ...fresh, zoneMs: quarters }
  return lateMs > FRESH_MS ? { ms: sentMs, isOld: true, zoneMs, isVague: true } : fresh
}

/** Two implied boot times this close are one boot: clocks drift, and lines wait in buffers. */
export const SAME_BOOT_MS = 10_000

/** < 0: `implied` is an earlier boot than `known`; 0: the same; > 0: a later one. */
export function compareBoots(impliedMs: number, knownMs: number, time: MessageTime): number {
  const differenceMs = impliedMs - knownMs
  if (Math.abs(differenceMs) <= SAME_BOOT_MS) return 0
  if (time.isVague && Math.abs(differenceMs) <= FARTHEST_ZONE_MS + SAME_BOOT_MS) {
    const quarters = Math.round(differenceMs / QUARTER_HOUR_MS) * QUARTER_HOUR_MS
    if (Math.abs(differenceMs - quarters) <= SAME_BOOT_MS) return 0
  }
  return differenceMs
}
