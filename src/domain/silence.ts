/**
 * The rhythm of somebody who speaks: how long it is quiet between two of its messages, learned from what it does. Kept small: of the
 * gaps of each length (in powers of two seconds) the longest, and when one was seen last. Changed in place, on one thread.
 */
export interface Rhythm {
  /** When it spoke last. */
  spokeMs: number
  /** When a gap was looked at last: at most one a second. */
  countedMs: number
  /** From here on its silence counts; behind `spokeMs` where something excused it (the hub was down, work was planned, it boots): such a gap teaches nothing. */
  floorMs: number
  /** Its silence was told: a gap as long as this teaches only when it comes twice. */
  isTold: boolean
  /** Gaps that taught, and how long it was listened to. */
  gaps: number
  learnedMs: number
  /** Shortest first, at most one for each length. */
  readonly lengths: GapLength[]
}
export interface GapLength { readonly octave: number; longestMs: number; seenMs: number; isUsual: boolean }

/** Why a silence is told. */
export const SILENCE_REASONS = ['stopped', 'reboot', 'boot', 'other-way', 'nobody'] as const
export type SilenceReason = (typeof SILENCE_REASONS)[number]
export const SILENCES: Readonly<Record<SilenceReason, string>> = {
  stopped: 'It stopped.',
  reboot: 'It announced a reboot and did not come back.',
  boot: 'It began to boot and did not speak.',
  'other-way': 'This sender of the node stopped; the node still speaks by another one.',
  nobody: 'Most of those who should have spoken are silent: the network of the hub, most likely.',
}

/** Who can be silent; `hub`: the hub hears nobody. */
export const SILENCE_SUBJECTS = ['node', 'source', 'hub'] as const
export type SilenceSubject = (typeof SILENCE_SUBJECTS)[number]

const SECOND_MS = 1000
const HOUR_MS = 3_600_000
const DAY_MS = 86_400_000
/** Gaps of more than 24 days are of one length. */
const MAX_OCTAVE = 22
/** A rhythm of fewer gaps is none. */
const MIN_GAPS = 5
/** A length that was not seen again for so long is forgotten, or for this many times itself. */
const REMEMBERED_MS = 14 * DAY_MS
const REMEMBERED_TIMES = 4

export const newRhythm = (atMs: number): Rhythm => ({ spokeMs: atMs, countedMs: atMs, floorMs: atMs, isTold: false, gaps: 0, learnedMs: 0, lengths: [] })

/** It spoke. */
export function hear(rhythm: Rhythm, atMs: number): void {
  if (atMs - rhythm.countedMs >= SECOND_MS) {
    if (rhythm.floorMs <= rhythm.spokeMs) {
      learn(rhythm, atMs - rhythm.spokeMs)
      rhythm.learnedMs += atMs - rhythm.countedMs
    }
    rhythm.countedMs = atMs
    rhythm.isTold = false
  }
  if (atMs > rhythm.spokeMs) rhythm.spokeMs = atMs
}

function learn(rhythm: Rhythm, gapMs: number): void {
  const { lengths, spokeMs } = rhythm
  const atMs = spokeMs + gapMs
  const octave = Math.min(MAX_OCTAVE, 32 - Math.clz32(gapMs / SECOND_MS))
  const isUsual = !rhythm.isTold || lengths.some((length) => isRemembered(length, spokeMs) && length.longestMs >= gapMs / 2)
  rhythm.gaps++
  let at = 0
  while (at < lengths.length && lengths[at]!.octave < octave) at++
  const known = lengths[at]
  if (known === undefined || known.octave !== octave) {
    lengths.splice(at, 0, { octave, longestMs: gapMs, seenMs: atMs, isUsual })
    return
  }
  known.longestMs = isRemembered(known, spokeMs) ? Math.max(known.longestMs, gapMs) : gapMs
  known.seenMs = atMs
  known.isUsual = isUsual
}

const isRemembered = ({ seenMs, longestMs }: GapLength, nowMs: number): boolean => nowMs - seenMs <= Math.max(REMEMBERED_MS, REMEMBERED_TIMES * longestMs)

/** The longest gap that is usual for it; undefined: not known well enough, which takes a few gaps and `learnMs` together. */
export function usualMs(rhythm: Rhythm, learnMs: number): number | undefined {
  if (rhythm.gaps < MIN_GAPS || rhythm.learnedMs < learnMs) return undefined
  // as of when it spoke: a silence does not make it forget
  return rhythm.lengths.findLast((length) => length.isUsual && isRemembered(length, rhythm.spokeMs))?.longestMs
}

/** How long it may be quiet: three times as long as usual, of hours and days half as long again. */
export const limitMs = (usual: number, minMs: number): number => Math.max(minMs, usual + Math.min(2 * usual, Math.max(2 * HOUR_MS, usual / 2)))

/** The alerts of silences go by the name of this rule; no rule file has it. */
export const SILENCE_RULE = 'silence'
