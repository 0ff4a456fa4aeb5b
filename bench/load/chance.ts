/** A small seeded generator (mulberry32): the same seed gives the same corpus on every machine. */
export interface Chance {
  /** An integer, 0 ≤ n < `limit`. */
  below(limit: number): number
  hex(digits: number): string
  pick<T>(choices: readonly T[]): T
}

export function chance(seed: number): Chance {
  let state = seed
  const below = (limit: number): number => {
    state = (state + 0x6d2b79f5) | 0
    let t = Math.imul(state ^ (state >>> 15), 1 | state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return Math.floor((((t ^ (t >>> 14)) >>> 0) / 4_294_967_296) * limit)
  }
  return {
    below,
    hex: (digits) => Array.from({ length: digits }, () => '0123456789abcdef'[below(16)]).join(''),
    pick: (choices) => choices[below(choices.length)]!,
  }
}
