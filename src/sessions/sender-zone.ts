import type { TimeZone } from '#base/time-zone.ts'

/** What the stamps without a zone of a sender mean; of a relay for each host name. Changed in place on the writer's thread. */
export interface SenderZone {
  readonly sourceId: number
  /** The host name of a relay's message; `` for the sender itself. */
  readonly host: string
  /** As configured: then nothing is learned. */
  readonly configured: TimeZone | undefined
  /** False where the messages of many machines cannot be told apart. */
  readonly learns: boolean
  /** Milliseconds east of UTC as learned; NaN: not yet known. */
  offsetMs: number
  sinceMs: number
  confirmedMs: number
  /** When `confirmedMs` was written down last. */
  savedMs: number
  /** What a single fresh stamp said last: enough for a look at the message beside it, not for its time. */
  hintMs: number | undefined
  /** An offset that is on its way to be believed. */
  candidateMs: number
  candidateLateMs: number
  candidateSinceMs: number
  candidates: number
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

export const newSenderZone = ({ offsetMs = Number.NaN, sinceMs = 0, confirmedMs = 0, learns = true, ...fields }: Pick<SenderZone, 'sourceId' | 'host' | 'configured'> & Partial<Pick<SenderZone, 'offsetMs' | 'sinceMs' | 'confirmedMs' | 'learns'>>): SenderZone =>
  ({ ...fields, learns, offsetMs, sinceMs, confirmedMs, savedMs: confirmedMs, hintMs: undefined, candidateMs: 0, candidateLateMs: 0, candidateSinceMs: 0, candidates: 0 })

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
    Object.assign(zone, { candidateMs: offsetMs, candidateLateMs: lateMs, candidateSinceMs: receivedMs, candidates: 0 })
  }
  zone.candidates++
  const { samples, spreadMs } = Number.isNaN(zone.offsetMs) ? BELIEVE : CHANGE
  if (zone.candidates < samples || receivedMs - zone.candidateSinceMs < spreadMs) return false
  Object.assign(zone, { offsetMs, sinceMs: receivedMs, confirmedMs: receivedMs, candidates: 0 })
  return true
}
