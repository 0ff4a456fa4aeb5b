import { HUB_APP } from '#domain/wire.ts'
import { createAppCache, type AppCache } from './app-cache.ts'
import { mayHoldForApp, namesApp } from './condition.ts'
import type { LinePattern } from './plan.ts'

/** Conditions that may hold for messages of one application. */
export interface Candidates {
  /** Literal → numbers of conditions, rising. */
  readonly gated: ReadonlyMap<number, readonly number[]>
  /** Conditions that are tried on every message, rising. */
  readonly always: readonly number[]
  readonly ofHub: boolean
}

/** What the hub says of itself is matched only by rules that ask for it by name: a mail about a mail would have no end. */
const isFor = ({ match }: LinePattern, app: string): boolean => mayHoldForApp(match, app) && (app !== HUB_APP || namesApp(match, HUB_APP))

export const createCandidates = (lines: readonly LinePattern[]): AppCache<Candidates> =>
  createAppCache((app): Candidates => {
    const gated = new Map<number, number[]>()
    const always: number[] = []
    lines.forEach((line, number) => {
      if (!isFor(line, app)) return
      if (line.literals === undefined) always.push(number)
      for (const literal of line.literals ?? []) gated.getOrInsertComputed(literal, (): number[] => []).push(number)
    })
    return { gated, always, ofHub: app === HUB_APP }
  })

/** Conditions to try in full, by what the gate found, in the order of the set. */
export function chosen({ gated, always }: Candidates, found: ReadonlySet<number>): readonly number[] {
  if (found.size === 0) return always
  if (found.size === 1 && always.length === 0) for (const literal of found) return gated.get(literal) ?? always
  const numbers = new Set(always)
  for (const literal of found) for (const number of gated.get(literal) ?? []) numbers.add(number)
  return numbers.size === always.length ? always : [...numbers].sort((a, b) => a - b)
}
