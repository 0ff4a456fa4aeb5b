import type { Rhythm } from '#domain/silence.ts'
import type { Expectation } from './expectation.ts'

/** Silences told in a minute; more wait for the next. */
export const MAX_TOLD_A_MINUTE = 20
/** So many must be silent together, and more than half of those who should have spoken. */
export const MIN_TOGETHER = 5

export interface Question<T extends Rhythm> {
  /** Everybody who is not told to be silent. */
  readonly all: Iterable<T>
  readonly expect: (rhythm: T) => Expectation | undefined
  readonly nowMs: number
  /** Nobody is silent before that. */
  readonly minMs: number
  /** Since when the hub hears nobody, if so. */
  readonly nobodySinceMs: number | undefined
  /** How many more may be told now. */
  readonly room: number
}

export interface Verdict<T> {
  /** These are silent; the first that had to speak first. */
  readonly silent: readonly { readonly who: T; readonly expectation: Expectation }[]
  /** The hub hears nobody: it begins, goes on, or is over. */
  readonly nobody: { readonly sinceMs: number; readonly expected: number; readonly unheard: number } | 'over' | undefined
}

/** Who is silent now, and whether that is the hub's own trouble. */
export function decideSilences<T extends Rhythm>(question: Question<T>): Verdict<T> {
  const { all, expect, nowMs, minMs, nobodySinceMs, room } = question
  if (nobodySinceMs !== undefined) {
    const { expected, unheard } = together(question, nobodySinceMs)
    return { silent: [], nobody: unheard * 2 > expected ? { sinceMs: nobodySinceMs, expected, unheard } : 'over' }
  }
  const due: { readonly who: T; readonly expectation: Expectation }[] = []
  for (const who of all) {
    if (nowMs - Math.max(who.spokeMs, who.floorMs) < minMs) continue
    const expectation = expect(who)
    if (expectation !== undefined && nowMs - expectation.fromMs > expectation.limitMs) due.push({ who, expectation })
  }
  const stopped = due.filter(({ expectation }) => expectation.reason === 'stopped')
  if (stopped.length > 0) {
    const found = together(question, Math.min(...stopped.map(({ expectation }) => expectation.fromMs)))
    if (found.unheard >= MIN_TOGETHER && found.unheard * 2 > found.expected) return { silent: [], nobody: found }
  }
  return { silent: due.toSorted((a, b) => dueMs(a.expectation) - dueMs(b.expectation)).slice(0, room), nobody: undefined }
}

const dueMs = ({ fromMs, limitMs }: Expectation): number => fromMs + limitMs

/** Of those who usually would have spoken since `sinceMs`: how many there are, how many did not, and when the last of these spoke. */
function together<T extends Rhythm>({ all, expect, nowMs, minMs }: Question<T>, sinceMs: number): { readonly sinceMs: number; readonly expected: number; readonly unheard: number } {
  let expected = 0
  let unheard = 0
  let lastMs = 0
  for (const who of all) {
    const expectation = expect(who)
    if (expectation?.reason !== 'stopped') continue
    const usualMs = Math.max(expectation.usualMs, minMs / 2)
    if (usualMs > nowMs - sinceMs) continue
    expected++
    if (nowMs - who.spokeMs <= usualMs) continue
    unheard++
    lastMs = Math.max(lastMs, who.spokeMs)
  }
  return { sinceMs: lastMs, expected, unheard }
}
