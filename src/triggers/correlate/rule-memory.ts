import { patternsOf } from '../rules/patterns.ts'
import type { Rule } from '../rules/rule.ts'
import type { Fulfilled, NewFinding } from './correlator.ts'
import { groupsOf, mayBePartial, planOf, type Given } from './key-plan.ts'
import { kindOf } from './kinds/kind-of.ts'
import type { Kind, Part, Tools } from './kinds/kind.ts'
import { OpenMarks } from './open-marks.ts'
import { Reporter } from './reporter.ts'
import { RuleKeys, SPACES, type KeysOptions } from './rule-keys.ts'
import type { Subject } from './subject.ts'

export type RuleMemoryOptions = Omit<KeysOptions, 'plan'> & Pick<Tools, 'bounds' | 'inventory' | 'reachedMs' | 'isLate' | 'keyless'> & { readonly found: NewFinding[] }

/** What a message ends is done before what it begins, and the later steps of a sequence before the earlier. */
const ORDER: Readonly<Record<Part['role'], number>> = { resolve: 0, reset: 1, without: 1, cancel: 2, expect: 3, step: 4, on: 5, after: 5 }

interface RolePlan { readonly role: Part['role']; readonly step: number; readonly groups: ReadonlySet<string> }

/** One rule: its keys, and how its kind of condition remembers. */
export class RuleMemory {
  readonly keys: RuleKeys
  readonly kind: Kind | undefined
  /** Keys that the bounds took: in all, and when it was last told. */
  dropped = 0
  droppedTold = 0
  #rule: Rule
  #patterns: readonly RolePlan[] = []
  #marks: OpenMarks | undefined
  readonly #report: Reporter
  readonly #inventory: Tools['inventory']

  constructor(options: RuleMemoryOptions) {
    const { rule } = options
    this.#rule = rule
    this.keys = new RuleKeys({ ...options, plan: planOf(rule.by) })
    this.#report = new Reporter({ rule: () => this.#rule, found: options.found, marks: () => this.#marks })
    this.#inventory = options.inventory
    this.kind = kindOf({ ...options, when: rule.when, keys: this.keys, report: this.#report }, options.found)
    this.adopt(rule)
  }

  get rule(): Rule {
    return this.#rule
  }

  /** The rule as it is now: what it resolves on, emits and says may change while its memory goes on. */
  adopt(rule: Rule): void {
    this.#rule = rule
    this.#patterns = patternsOf(rule).map((pattern) => ({ role: pattern.role, step: pattern.role === 'step' ? pattern.step : 0, groups: groupsOf(pattern.on) }))
    const groupsOfRule = new Set(this.#patterns.flatMap(({ groups }) => [...groups]))
    const needsMarks = rule.resolveOn !== undefined && mayBePartial(this.keys.plan, rule.resolveOn, groupsOfRule)
    this.#marks = needsMarks ? (this.#marks ?? new OpenMarks(this.keys)) : undefined
  }

  take(fulfilled: readonly Fulfilled[], subject: Subject): void {
    const parts = fulfilled.map(({ pattern, captures }): Part => {
      const { role, step, groups } = this.#patterns[pattern]!
      return { role, step, given: { subject, captures, groups, inventory: this.#inventory() } }
    })
    if (parts.length > 1) parts.sort((a, b) => ORDER[a.role] - ORDER[b.role] || b.step - a.step)
    for (const part of parts) {
      if (part.role === 'resolve') this.#resolve(part.given)
      else this.kind?.take(part)
    }
  }

  due(slot: number, nowMs: number): void {
    if (this.keys.spaceOf(slot) === SPACES.open) {
      if (this.#marks === undefined) this.keys.remove(slot)
      else this.#marks.due(slot, nowMs)
    } else this.kind?.due(slot, nowMs)
  }

  /** Throws a `RangeError` where the state cannot be one. */
  restored(slot: number, nowMs: number): void {
    if (this.keys.spaceOf(slot) !== SPACES.open) this.kind?.restored(slot, nowMs)
    else if (this.#marks === undefined) throw new RangeError('the rule keeps no such marks')
    else this.#marks.restored(slot)
  }

  drop(slot: number, nowMs: number): void {
    if (this.keys.spaceOf(slot) === SPACES.state) this.kind?.dropping?.(slot, nowMs)
    this.keys.remove(slot)
    this.dropped++
  }

  /** A key that is all known is cleared whether or not something is remembered about it: its alert may be older than the memory. */
  #resolve(given: Given): void {
    const { keys } = this
    const report = { reason: 'resolve-matched', subject: given.subject, captures: given.captures } as const
    for (const slot of keys.agreeing(given)) this.kind?.ended?.(slot)
    const exact = keys.exactly(given)
    if (exact !== undefined) this.#report.clear(exact, report)
    else for (const slot of keys.agreeing(given, SPACES.open)) this.#report.clear(keys.keyOf(slot), report)
  }
}
