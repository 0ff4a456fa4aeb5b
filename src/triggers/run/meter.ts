/**
 * What each rule costs, sampled: every call for a long text, one of eight for a short one, counted eightfold. Two readings of the
 * clock cost as much as an easy condition.
 */
export interface RuleMeter {
  /** Before a condition of a rule is tried on a text; a negative number: this call is not timed. */
  start(rule: number, characters: number): number
  /** Before the rule's memory is asked, since a condition held; as `start`. */
  matched(rule: number): number
  end(rule: number, startMs: number): void
}

/** Sums since the set was loaded, by position of the rule. */
export interface MeterSums {
  readonly candidates: Float64Array
  readonly matches: Float64Array
  readonly busyMs: Float64Array
}

const LONG_CHARACTERS = 1024
const EVERY = 8

export function createRuleMeter(rules: number, elapsedMs: () => number): RuleMeter & { readonly sums: MeterSums } {
  const sums: MeterSums = { candidates: new Float64Array(rules), matches: new Float64Array(rules), busyMs: new Float64Array(rules) }
  const { candidates, matches, busyMs } = sums
  let weight = 1
  let calls = 0
  const sample = (isLong: boolean): number => {
    if (!isLong && ++calls % EVERY !== 0) return -1
    weight = isLong ? 1 : EVERY
    return elapsedMs()
  }
  return {
    sums,
    start(rule, characters) {
      candidates[rule]!++
      return sample(characters > LONG_CHARACTERS)
    },
    matched(rule) {
      matches[rule]!++
      return sample(false)
    },
    end(rule, startMs) {
      busyMs[rule]! += (elapsedMs() - startMs) * weight
    },
  }
}
