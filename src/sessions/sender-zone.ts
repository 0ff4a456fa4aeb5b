import type { TimeZone } from '#base/time-zone.ts'
import type { LearnedZone } from '#domain/source.ts'

/**
 * What the stamps without a zone of a sender mean; of a relay for each host name. Changed in place on the writer's thread, and read with
 * every such row: one shape for all of them, and times that are never small integers (NaN: none), since the engine tells those apart.
 */
export class SenderZone {
  readonly sourceId: number
  /** The host name of a relay's message; `` for the sender itself. */
  readonly host: string
  /** As configured: then nothing is learned. */
  readonly configured: TimeZone | undefined
  /** False where the messages of many machines cannot be told apart. */
  readonly learns: boolean
  /** Milliseconds east of UTC as learned; NaN: not yet known. */
  offsetMs = Number.NaN
  sinceMs = Number.NaN
  confirmedMs = Number.NaN
  /** When `confirmedMs` was written down last. */
  savedMs = Number.NaN
  /** What a single fresh stamp said last, west of UTC: enough for a look at the message beside it, not for its time. */
  hintMs = Number.NaN
  /** An offset that is on its way to be believed. */
  candidateMs = Number.NaN
  candidateLateMs = Number.NaN
  candidateSinceMs = Number.NaN
  candidates = 0

  constructor({ sourceId, host, configured, learns = true }: { readonly sourceId: number; readonly host: string; readonly configured: TimeZone | undefined; readonly learns?: boolean }) {
    this.sourceId = sourceId
    this.host = host
    this.configured = configured
    this.learns = learns
  }
}

/** Clocks that are a little off, and queues of moments. */
const FRESH_MS = 60_000
const QUARTER_HOUR_MS = 15 * 60_000
const HOUR_MS = 3_600_000
/** Zones reach from 12 hours behind UTC to 14 before it. */
const FARTHEST_MS = { west: -12 * HOUR_MS, east: 14 * HOUR_MS } as const
/** Between two samples of a clock that runs as ours does: more is a queue that hands over what it kept. */
const STEADY_MS = 5000
/** Consistent batches, and the time they are spread over, before an offset is believed, and before another takes its place. */
const BELIEVE = { samples: 4, spreadMs: 15_000 } as const
const CHANGE = { samples: 8, spreadMs: 60_000 } as const

/** With what hub.db knows of it. */
export function restoredZone(zone: SenderZone, known: LearnedZone | undefined): SenderZone {
  if (known === undefined) return zone
  zone.offsetMs = known.offsetMs
  zone.sinceMs = known.sinceMs
  zone.confirmedMs = known.confirmedMs
  zone.savedMs = known.confirmedMs
  return zone
}

export const isZoneKnown = (zone: SenderZone): boolean => zone.configured !== undefined || !Number.isNaN(zone.offsetMs)

/**
 * Takes one stamp without a zone that was received `lateMs` after what it says in UTC.
 * @returns whether the zone became known or another
 */
export function learnZone(zone: SenderZone, lateMs: number, receivedMs: number): boolean {
  const offsetMs = 0 - Math.round(lateMs / QUARTER_HOUR_MS) * QUARTER_HOUR_MS
  if (Math.abs(lateMs + offsetMs) > FRESH_MS || offsetMs < FARTHEST_MS.west || offsetMs > FARTHEST_MS.east) {
    zone.candidates = 0
    return false
  }
  zone.hintMs = 0 - offsetMs
  if (offsetMs === zone.offsetMs) {
    zone.confirmedMs = receivedMs
    zone.candidates = 0
    return false
  }
  if (zone.candidates === 0 || zone.candidateMs !== offsetMs || Math.abs(lateMs - zone.candidateLateMs) > STEADY_MS) {
    zone.candidateMs = offsetMs
    zone.candidateLateMs = lateMs
    zone.candidateSinceMs = receivedMs
    zone.candidates = 0
  }
  zone.candidates++
  const { samples, spreadMs } = Number.isNaN(zone.offsetMs) ? BELIEVE : CHANGE
  if (zone.candidates < samples || receivedMs - zone.candidateSinceMs < spreadMs) return false
  zone.offsetMs = offsetMs
  zone.sinceMs = receivedMs
  zone.confirmedMs = receivedMs
  zone.candidates = 0
  return true
}
