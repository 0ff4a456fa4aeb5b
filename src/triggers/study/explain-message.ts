import type { StoredMessage } from '#domain/message.ts'
import type { KeyState } from '../correlate/correlator.ts'
import { captures, mayHoldForApp } from '../match/condition.ts'
import { lineOfMessage, type Line } from '../match/line.ts'
import type { RuleStatus } from '../policy.ts'
import { patternsOf, type RolePattern } from '../rules/patterns.ts'
import type { Match, Rule } from '../rules/rule.ts'
import { hasLiteral, type Miss } from './explain-miss.ts'
import { isTrusted, keyOfLine, missesOfLine, roleText, suppressorOf, whereMisses, type StudyWorld, type WhereMiss } from './explain-world.ts'

/** One rule of which the message fulfils a condition. */
export interface RuleStudy {
  readonly rule: string
  readonly status: RuleStatus
  readonly isStopped: boolean
  readonly patterns: readonly { readonly role: string; readonly captures: Readonly<Record<string, string>> }[]
  readonly where: readonly WhereMiss[]
  readonly isTrusted: boolean
  readonly trust: Rule['trust']
  readonly suppressedBy: string | undefined
  /** What alerts are told apart by; undefined: the message lacks a field of it. */
  readonly key: string | undefined
  /** What is remembered about the key now; undefined: nothing. */
  readonly state: KeyState | undefined
}
/** A condition that the message nearly fulfils. */
export interface NearMiss { readonly rule: string; readonly role: string; readonly hasLiteral: boolean; readonly misses: readonly Miss[] }

/** One message, held against every rule that is loaded. */
export interface MessageStudy {
  readonly rules: readonly RuleStudy[]
  /** The nearest first. */
  readonly near: readonly NearMiss[]
  /** Rules that were tried; of very many only a part is, then `isCut`. */
  readonly tried: number
  readonly isCut: boolean
  /** Messages up to here were looked at by the rules. */
  readonly cursor: number
}

const MAX_NEAR = 10
/** Time that a study may take: the stream waits for it. */
export const MAX_STUDY_MS = 200

export function explainMessage(message: StoredMessage, world: StudyWorld): MessageStudy {
  const line = lineOfMessage(message)
  const untilMs = world.elapsedMs() + MAX_STUDY_MS
  const rules: RuleStudy[] = []
  const near: NearMiss[] = []
  let tried = 0
  for (const rule of world.rules) {
    if (world.elapsedMs() > untilMs) break
    tried++
    const patterns = patternsOf(rule).flatMap((pattern) => (pattern.on.kind === 'line' ? [{ pattern, match: pattern.on.match, misses: missesOfLine(pattern.on.match, line, world.isHub) }] : []))
    const held = patterns.filter(({ misses }) => misses.length === 0)
    if (held.length > 0) rules.push(studyOf(rule, { held: held.map(({ pattern }) => pattern), line, world }))
    else near.push(...patterns.flatMap(({ pattern, match, misses }) => nearMiss(rule, { pattern, match, misses, line })))
  }
  // what misses only what is asked of the text or the header is nearer than what has the wrong application too
  near.sort((a, b) => a.misses.length - b.misses.length || Number(b.hasLiteral) - Number(a.hasLiteral))
  return { rules, near: near.slice(0, MAX_NEAR), tried, isCut: tried < world.rules.length, cursor: world.cursor }
}

function studyOf(rule: Rule, { held, line, world }: { readonly held: readonly RolePattern[]; readonly line: Line; readonly world: StudyWorld }): RuleStudy {
  const { inventory, correlator, nowMs, stopped } = world
  const key = held.map(({ on }) => keyOfLine(rule, on, line, inventory)).find((one) => one !== undefined)
  return {
    rule: rule.id, status: rule.policy.status, isStopped: stopped.has(rule.id), where: whereMisses(rule, line.nodeId, inventory), isTrusted: isTrusted(rule, line), trust: rule.trust,
    patterns: held.map(({ on, ...role }) => ({ role: roleText(role), captures: on.kind === 'line' ? captures(on.match, line) : {} })),
    suppressedBy: suppressorOf(rule, line, world), key, state: key === undefined ? undefined : correlator.explain(rule.id, key, nowMs),
  }
}

interface Missed { readonly pattern: RolePattern; readonly match: Match; readonly misses: readonly Miss[]; readonly line: Line }
/** Near is what has a literal of the rule, or its application and all but one of the rest. */
function nearMiss({ id }: Rule, { pattern, match, misses, line }: Missed): readonly NearMiss[] {
  const found = hasLiteral(match, line)
  const isOfApp = match.app !== undefined && mayHoldForApp(match, line.app)
  return found === true || (isOfApp && misses.length === 1) ? [{ rule: id, role: roleText(pattern), hasLiteral: found === true, misses }] : []
}
