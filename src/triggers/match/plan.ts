import type { HubEvent, HubEventKind } from '#domain/hub-event.ts'
import { patternsOf } from '../rules/patterns.ts'
import type { EventMatch, Match, Rule } from '../rules/rule.ts'
import { isAny } from '../correlate/is-any.ts'
import type { Hearing } from '../correlate/correlator.ts'
import { requiredLiterals } from './literal.ts'

/** One condition about messages of one rule. */
export interface LinePattern {
  /** Position of the rule in the set. */
  readonly rule: number
  /** Position in `patternsOf(rule)`. */
  readonly pattern: number
  readonly match: Match
  /** Numbers of the gate's literals of which one must be there; undefined: it is tried on every message. */
  readonly literals: readonly number[] | undefined
  /** A message that fulfils it is left out of what other rules see. */
  readonly suppresses: boolean
}

interface EventPattern { readonly rule: number; readonly pattern: number; readonly event: EventMatch }
interface Listener { readonly rule: number; readonly hearing: Hearing }

/** All conditions of a set of rules, taken apart for the gate. */
export interface MatchPlan {
  readonly literals: readonly string[]
  /** In the order of rules and then of patterns. */
  readonly lines: readonly LinePattern[]
  /** Conditions about events of this kind and word, in the same order. */
  events(event: Pick<HubEvent, 'kind' | 'to' | 'from'>): readonly EventPattern[]
  /** Rules that only ask whether anything at all was heard of a node. */
  readonly listeners: readonly Listener[]
}

/** @param hearing the cheap ear of a rule, if it has one: its `expect` needs no pattern then */
export function planMatching(rules: readonly Rule[], hearing: (rule: string) => Hearing | undefined): MatchPlan {
  const numbers = new Map<string, number>()
  const lines: LinePattern[] = []
  const events: EventPattern[] = []
  const listeners: Listener[] = []
  rules.forEach((rule, index) => {
    const ear = hearing(rule.id)
    if (ear !== undefined) listeners.push({ rule: index, hearing: ear })
    patternsOf(rule).forEach(({ on, role }, pattern) => {
      if (on.kind === 'event') return void events.push({ rule: index, pattern, event: on.event })
      if (ear !== undefined && role === 'expect' && isAny(on.match)) return
      const literals = requiredLiterals(on.match)?.map((literal) => numbers.getOrInsertComputed(literal, () => numbers.size))
      lines.push({ rule: index, pattern, match: on.match, literals, suppresses: role === 'on' && rule.suppress !== undefined && rule.policy.status === 'live' })
    })
  })
  const byKind = Map.groupBy(events, ({ event }) => event.event)
  const known = new Map<string, readonly EventPattern[]>()
  return {
    literals: [...numbers.keys()],
    lines,
    events({ kind, to, from }) {
      const name = `${kind} ${to} ${from}`
      const found = known.get(name)
      if (found !== undefined) return found
      const fitting = (byKind.get(kind satisfies HubEventKind) ?? []).filter(({ event }) => isWord(event.to, to) && isWord(event.from, from))
      // words of triggers are names of receivers: what is remembered is bounded
      if (known.size < MAX_KNOWN_WORDS) known.set(name, fitting)
      return fitting
    },
    listeners,
  }
}

const MAX_KNOWN_WORDS = 1000
const isWord = (words: readonly string[] | undefined, word: string): boolean => words === undefined || words.includes(word)
