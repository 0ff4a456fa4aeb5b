import { parseDurationMs } from '#base/duration.ts'
import { didYouMean } from '#base/text.ts'
import type { Path } from './rule.ts'

/** A fault of a value in a rule file; the loader knows where that value stands. */
export interface RuleFault {
  readonly path: Path
  readonly message: string
  readonly hint?: string | undefined
}

/** Where a reader stands in the file, and where it puts what is wrong. */
export interface Reading { readonly path: Path; readonly faults: RuleFault[] }
export const below = ({ path, faults }: Reading, ...steps: Path): Reading => ({ path: [...path, ...steps], faults })
export const refuse = ({ path, faults }: Reading, message: string, hint?: string): void => void faults.push({ path, message, hint })

/** Longest list of words that a hint shows. */
const MAX_WORDS = 30

export function meant(word: string, known: readonly string[]): string {
  const near = didYouMean(word, known)
  return near === undefined ? `there are: ${known.slice(0, MAX_WORDS).join(', ')}${known.length > MAX_WORDS ? ' …' : ''}` : `did you mean ${near}?`
}

/** A word of a closed list. */
export function checkWord(word: string, known: readonly string[], { at, what }: { readonly at: Reading; readonly what: string }): void {
  if (!known.includes(word)) refuse(at, `there is no ${what} \`${word}\``, meant(word, known))
}

const YEAR_MS = 366 * 86_400_000

/** `25m` in milliseconds, within bounds; 0 with a fault. */
export function readTime(value: string, at: Reading, bounds: { readonly least: string; readonly most?: string } = { least: '1s' }): number {
  const ms = parseDurationMs(value)
  const mostMs = bounds.most === undefined ? YEAR_MS : parseDurationMs(bounds.most)!
  if (ms !== undefined && ms >= parseDurationMs(bounds.least)! && ms <= mostMs) return ms
  refuse(at, `\`${value}\` is not a time from ${bounds.least} to ${bounds.most ?? '366d'}`, 'e.g. 90s, 25m, 1h30m, 7d')
  return 0
}

export const list = <T>(value: T | readonly T[]): readonly T[] => (Array.isArray(value) ? (value as readonly T[]) : [value as T])
/** The place of one of the values of `list`. */
export const itemPlace = (at: Reading, value: unknown, index: number): Reading => (Array.isArray(value) ? below(at, index) : at)
