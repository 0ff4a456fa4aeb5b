import type { CountAnswer, CountGroup, CountKey } from '../../port.ts'

/** Different values of one key, and different groups, that are counted apart; what comes later is in `others`. */
export const MAX_GROUPS = 100_000
/** A value that came after the bound. */
export const NO_PART = -1
/** Groups by two keys are named by one number: first part × this + second part. */
const PARTS = 2 ** 26

/**
 * What a count adds up. Chunk counters turn values into parts (small numbers, the same value the same part) and add to the
 * group of their parts; whoever knows a chunk's values without its rows does the same with larger numbers.
 */
export interface Tally {
  /** The part of a value of key `index` (0 or 1); `NO_PART` past the bound. */
  part(index: number, value: string | number): number
  /** Counts `count` messages of the group of these parts; keys that there are not have part 0. `exampleSeq`: the newest of them. */
  add(first: number, second: number, count: number, exampleSeq: number): void
  readonly total: number
  answer(limit: number): Pick<CountAnswer, 'total' | 'groups' | 'distinct' | 'isBounded' | 'others'>
}

interface Group { readonly first: number; readonly second: number; count: number; exampleSeq: number }

export function createTally(by: readonly CountKey[]): Tally {
  const values: (string | number)[][] = by.map(() => [])
  const parts = by.map(() => new Map<string | number, number>())
  const groups = new Map<number, Group>()
  let total = 0
  let isBounded = false

  return {
    get total() {
      return total
    },
    part(index, value) {
      const known = parts[index].get(value)
      if (known !== undefined) return known
      if (values[index].length >= MAX_GROUPS) return NO_PART
      parts[index].set(value, values[index].length)
      return values[index].push(value) - 1
    },
    add(first, second, count, exampleSeq) {
      total += count
      if (first === NO_PART || second === NO_PART) {
        isBounded = true
        return
      }
      const name = first * PARTS + second
      const group = groups.get(name)
      if (group !== undefined) {
        group.count += count
        if (exampleSeq > group.exampleSeq) group.exampleSeq = exampleSeq
      } else if (groups.size < MAX_GROUPS) groups.set(name, { first, second, count, exampleSeq })
      else isBounded = true
    },
    answer(limit) {
      const timeKey = by.findIndex((key) => key.kind === 'time')
      const isByTemplate = by.some((key) => key.kind === 'field' && key.field === 'template')
      const keysOf = ({ first, second }: Group): (string | number)[] => by.map((_, index) => values[index][index === 0 ? first : second])
      const all = by.length === 0 ? [] : [...groups.values()].map((group) => ({ keys: keysOf(group), group }))
      all.sort((a, b) => (timeKey < 0 ? 0 : Number(a.keys[timeKey]) - Number(b.keys[timeKey])) || b.group.count - a.group.count || compareKeys(a.keys, b.keys))
      const given = all.slice(0, limit).map(({ keys, group }): CountGroup => ({ keys, count: group.count, ...(isByTemplate ? { exampleSeq: group.exampleSeq } : {}) }))
      const others = by.length === 0 ? 0 : total - given.reduce((sum, group) => sum + group.count, 0)
      return { total, groups: given, distinct: all.length, isBounded, others }
    },
  }
}

/** Equal counts stand in the order of their values, so that an answer does not depend on what was met first. */
function compareKeys(a: readonly (string | number)[], b: readonly (string | number)[]): number {
  for (const [index, value] of a.entries()) {
    if (value < b[index]) return -1
    if (value > b[index]) return 1
  }
  return 0
}
