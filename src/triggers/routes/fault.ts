import { parseDurationMs } from '#base/duration.ts'
import { didYouMean } from '#base/text.ts'

/** A fault of a value in `routes.yaml`; the loader knows where that value stands. */
export interface RouteFault { readonly path: readonly (string | number)[]; readonly message: string; readonly hint?: string | undefined }

/** A time from 0 to `mostMs`, written `30s`; undefined: it is none. */
export function timeOf(text: string, mostMs: number): number | undefined {
  const ms = parseDurationMs(text)
  return ms !== undefined && ms <= mostMs ? ms : undefined
}

/** Names that are there, for somebody who missed them. */
export function meantAmong(word: string, known: readonly string[]): string {
  const near = didYouMean(word, known)
  return near === undefined ? `there are: ${known.slice(0, 20).join(', ')}` : `did you mean ${near}?`
}

export const listOf = (value: string | readonly string[] | undefined): readonly string[] => (value === undefined ? [] : typeof value === 'string' ? [value] : value)
