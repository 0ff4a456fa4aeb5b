import type { CountProvision } from './metrics.ts'
import type { BootDecision, BootFacts } from './parts.ts'

/** Decisions under way at once; the next caller is told to come again. */
export const MAX_UNDER_WAY = 4000

export interface SharedAsksOptions {
  readonly decide: (facts: BootFacts) => Promise<BootDecision>
  /** The answer to one too many. */
  readonly busy: () => BootDecision
  readonly count: Pick<CountProvision, 'underWay'>
}

/** Asks of one machine that come while its decision is being made get the same answer: firmware that repeats itself costs one decision. */
export function shareAsks({ decide, busy, count }: SharedAsksOptions): (facts: BootFacts) => Promise<BootDecision> {
  const underWay = new Map<string, Promise<BootDecision>>()
  return (facts) => {
    const key = JSON.stringify([facts.mac?.toLowerCase().replace(/[:.-]/g, ''), facts.address, facts.hubUrl, facts.uuid, facts.serial])
    const sharing = underWay.get(key)
    if (sharing !== undefined) return sharing
    if (underWay.size >= MAX_UNDER_WAY) return Promise.resolve(busy())
    const decision = decide(facts).finally(() => {
      underWay.delete(key)
      count.underWay(underWay.size)
    })
    underWay.set(key, decision)
    count.underWay(underWay.size)
    return decision
  }
}
