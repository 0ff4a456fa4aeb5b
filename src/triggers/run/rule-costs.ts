import type { WorkerCounters } from '#telemetry/index.ts'
import type { RulesCounter } from '../counters.ts'
import type { LeftOut, RuleCost, StoppedRule } from '../protocol.ts'
import type { Rule } from '../rules/rule.ts'
import { createBreaker, RETRY_AFTER_MS, type Breaker } from './breaker.ts'
import { createRuleMeter, type RuleMeter } from './meter.ts'

export interface RuleCostsOptions {
  readonly counters: Pick<WorkerCounters<RulesCounter>, 'add' | 'set' | 'get'>
  /** Time that only goes forward. */
  readonly elapsedMs: () => number
  /** Processor time of this thread. */
  readonly cpuMs: () => number
  /** Of the first set. */
  readonly leftOut: readonly LeftOut[]
}

/** What rules cost, and which of them are stopped for it. */
export interface RuleCosts {
  /** Rules of the set in use that are not stopped. */
  readonly active: readonly Rule[]
  readonly meter: RuleMeter
  readonly stopped: readonly StoppedRule[]
  /** Another set: every rule has another chance. */
  replace(rules: readonly Rule[]): void
  /** To be called every second or so. @returns whether `active` is another list now */
  look(now: { readonly clockMs: number; readonly behind: number }): boolean
  /** Since the set came, of rules that had anything to do or know of any key. @param keys how many, by rule */
  totals(keys: ReadonlyMap<string, number>): readonly RuleCost[]
}

type Spent = Omit<RuleCost, 'rule' | 'keys'>
const NOTHING: Spent = { candidates: 0, matches: 0, cpuMs: 0 }

export function createRuleCosts({ counters, elapsedMs, cpuMs, leftOut }: RuleCostsOptions): RuleCosts {
  let all: readonly Rule[] = []
  let active: readonly Rule[] = []
  const stopped = new Map<string, StoppedRule>()
  let atFirst = leftOut
  let meter = createRuleMeter(0, elapsedMs)
  let breaker: Breaker = createBreaker(meter.sums)
  /** Of the time before a rule was stopped or tried again. */
  let before = new Map<string, Spent>()

  function spent(): Map<string, Spent> {
    const { candidates, matches, busyMs } = meter.sums
    const sums = new Map(before)
    active.forEach(({ id }, index) => {
      if (candidates[index] === 0 && matches[index] === 0) return
      const { candidates: some, matches: held, cpuMs } = before.get(id) ?? NOTHING
      sums.set(id, { candidates: some + candidates[index]!, matches: held + matches[index]!, cpuMs: cpuMs + busyMs[index]! })
    })
    return sums
  }

  function totals(keys: ReadonlyMap<string, number>): readonly RuleCost[] {
    const sums = spent()
    return all.flatMap(({ id }) => {
      const [cost, known] = [sums.get(id), keys.get(id) ?? 0]
      return cost === undefined && known === 0 ? [] : [{ rule: id, ...(cost ?? NOTHING), keys: known }]
    })
  }

  function begin(): void {
    active = all.filter(({ id }) => !stopped.has(id))
    meter = createRuleMeter(active.length, elapsedMs)
    breaker = createBreaker(meter.sums)
    counters.set('stopped', stopped.size)
  }

  return {
    get active() {
      return active
    },
    get meter() {
      return meter
    },
    get stopped() {
      return [...stopped.values()]
    },
    replace(rules) {
      all = rules
      stopped.clear()
      for (const one of atFirst) stopped.set(one.rule, { ...one, share: undefined })
      atFirst = []
      before = new Map()
      begin()
    },
    look({ clockMs, behind }) {
      const over = [...stopped.values()].filter(({ untilMs }) => untilMs <= clockMs)
      for (const { rule } of over) stopped.delete(rule)
      const trips = breaker.look({ elapsedMs: elapsedMs(), cpuMs: cpuMs(), messages: counters.get('messages'), behind })
      for (const { rule, share } of trips) {
        const { id } = active[rule]!
        stopped.set(id, { rule: id, share, untilMs: clockMs + RETRY_AFTER_MS })
        counters.add('trips')
      }
      if (over.length === 0 && trips.length === 0) return false
      before = spent()
      begin()
      return true
    },
    totals,
  }
}
