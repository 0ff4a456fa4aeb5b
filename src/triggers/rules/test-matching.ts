import { HUB_APP } from '#domain/wire.ts'
import type { Fulfilled, Occurrence } from '../correlate/correlator.ts'
import { fitsNode, type Inventory } from '../inventory.ts'
import { captures, holds, namesApp } from '../match/condition.ts'
import { patternsOf, type RolePattern } from './patterns.ts'
import type { EventMatch, Pattern, Rule } from './rule.ts'

/** A rule whose patterns can be asked one by one, without the gate that spares work: the condition alone says what it means. */
export interface MatchedRule { readonly rule: Rule; readonly patterns: readonly RolePattern[] }
export const matchedRule = (rule: Rule): MatchedRule => ({ rule, patterns: patternsOf(rule) })

/** All patterns of a rule that a message or event fulfils. */
export function fulfilledBy({ rule, patterns }: MatchedRule, occurrence: Occurrence, inventory: Inventory): readonly Fulfilled[] {
  if (!isMeant(rule, occurrence, inventory)) return []
  return patterns.flatMap(({ on }, pattern) => {
    const found = capturesOf(on, occurrence)
    return found === undefined ? [] : [{ pattern, captures: found }]
  })
}

function isMeant({ trust, where }: Rule, occurrence: Occurrence, inventory: Inventory): boolean {
  const { nodeId, evidence } = occurrence.kind === 'line' ? occurrence.line : occurrence.event
  if (trust !== 'any' && evidence === 'C') return false
  if (where === undefined) return true
  const facts = inventory.facts(nodeId)
  return facts !== undefined && fitsNode(where.node, facts) && (where.stage === undefined || where.stage.includes(facts.stage))
}

function capturesOf(on: Pattern, occurrence: Occurrence): Readonly<Record<string, string>> | undefined {
  if (on.kind === 'event') return occurrence.kind === 'event' && isEvent(on.event, occurrence.event) ? occurrence.event.fields : undefined
  if (occurrence.kind === 'event') return undefined
  const { line } = occurrence
  // what the hub says of itself is for rules that ask for it by name
  if (line.app === HUB_APP && !namesApp(on.match, HUB_APP)) return undefined
  return holds(on.match, line) ? captures(on.match, line) : undefined
}

const isEvent = ({ event, to, from }: EventMatch, actual: { readonly kind: string; readonly to: string; readonly from: string }): boolean =>
  event === actual.kind && (to === undefined || to.includes(actual.to)) && (from === undefined || from.includes(actual.from))
