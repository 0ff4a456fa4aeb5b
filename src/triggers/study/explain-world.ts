import { HUB_APP } from '#domain/wire.ts'
import type { Correlator } from '../correlate/correlator.ts'
import { groupsOf, keyText, planOf, writeKey } from '../correlate/key-plan.ts'
import { ByteWriter } from '../correlate/memory/bytes.ts'
import { subjectOf } from '../correlate/subject.ts'
import { factOf, type Inventory } from '../inventory.ts'
import { captures, namesApp } from '../match/condition.ts'
import { isMeant } from '../match/meant.ts'
import type { Line } from '../match/line.ts'
import { patternsOf, type PatternRole } from '../rules/patterns.ts'
import type { Match, Pattern, Rule } from '../rules/rule.ts'
import { missesOf, type Miss } from './explain-miss.ts'

/** What the rules thread knows, as it is now. */
export interface StudyWorld {
  /** All that are loaded, those that are off too. */
  readonly rules: readonly Rule[]
  /** By the breaker. */
  readonly stopped: ReadonlySet<string>
  readonly inventory: Inventory
  readonly correlator: Pick<Correlator, 'explain' | 'keysOf'>
  readonly nowMs: number
  /** Messages up to here were looked at. */
  readonly cursor: number
  readonly isHub?: ((sourceId: number) => boolean) | undefined
  /** Time that only goes forward. */
  readonly elapsedMs: () => number
}

/** Whom `where` leaves out: a fact that is another one. */
export interface WhereMiss { readonly fact: string; readonly asked: string; readonly has: string }

export function whereMisses({ where }: Pick<Rule, 'where'>, nodeId: number, inventory: Inventory): readonly WhereMiss[] {
  if (where === undefined) return []
  const facts = inventory.facts(nodeId)
  if (facts === undefined) return [{ fact: 'node', asked: 'a known node', has: '' }]
  const named = Object.entries(where.node).filter(([name, values]) => !values.includes(factOf(facts, name) ?? ''))
  const misses = named.map(([fact, values]) => ({ fact, asked: values.join(', '), has: factOf(facts, fact) ?? '' }))
  return where.stage === undefined || where.stage.includes(facts.stage) ? misses : [...misses, { fact: 'stage', asked: where.stage.join(', '), has: facts.stage }]
}

/** Whether a message proves its node as well as the rule asks for. */
export const isTrusted = ({ trust }: Pick<Rule, 'trust'>, { evidence, isCertified }: Pick<Line, 'evidence' | 'isCertified'>): boolean => (trust === 'lease' ? evidence !== 'C' : trust !== 'tls' || isCertified === true)

/** What of one condition a message misses; what the hub says of itself, and what others say in its name, is apart. */
export function missesOfLine(match: Match, line: Line, isHub: StudyWorld['isHub']): readonly Miss[] {
  if (line.app !== HUB_APP) return missesOf(match, line)
  if (!namesApp(match, HUB_APP)) return [{ kind: 'hub', asked: HUB_APP, has: line.app }, ...missesOf(match, line)]
  return isHub?.(line.sourceId) === false ? [{ kind: 'hub', asked: HUB_APP, has: `${line.app}, said by another sender` }] : missesOf(match, line)
}

/** Rules that keep this line from another rule: live ones that suppress, and are fulfilled. */
export function suppressorOf(rule: Rule, line: Line, { rules, stopped, inventory, isHub }: Pick<StudyWorld, 'rules' | 'stopped' | 'inventory' | 'isHub'>): string | undefined {
  const isNamed = (pattern: string): boolean => (pattern.endsWith('*') ? rule.id.startsWith(pattern.slice(0, -1)) : pattern === rule.id)
  const found = rules.find(
    (other) =>
      other.id !== rule.id && other.suppress?.rules.some(isNamed) === true && other.policy.status === 'live' && !stopped.has(other.id) && line.receivedMs < (other.suppress.untilMs ?? Infinity) &&
      isMeant(other, line, inventory) && patternsOf(other).some(({ role, on }) => role === 'on' && on.kind === 'line' && missesOfLine(on.match, line, isHub).length === 0),
  )
  return found?.id
}

/** The key that a line belongs to; undefined: it lacks a field of it. */
export function keyOfLine(rule: Rule, on: Pattern, line: Line, inventory: Inventory): string | undefined {
  const plan = planOf(rule.by)
  const writer = new ByteWriter()
  const given = { subject: subjectOf({ kind: 'line', line }, -Infinity), captures: on.kind === 'line' ? captures(on.match, line) : {}, groups: groupsOf(on), inventory }
  return writeKey(plan, given, writer) ? keyText(plan, Buffer.from(writer.bytes.subarray(0, writer.length)), 0) : undefined
}

/** `on`, `reset`, `step 2`. */
export const roleText = (role: PatternRole): string => (role.role === 'step' ? `step ${role.step + 1}` : role.role)
