import type { HubEvent } from '#domain/hub-event.ts'
import type { StoredMessage } from '#domain/message.ts'
import type { KeyState } from '../correlate/correlator.ts'
import { mayHoldForApp } from '../match/condition.ts'
import { lineOfMessage, type Line } from '../match/line.ts'
import type { RuleStatus } from '../policy.ts'
import { patternsOf, type RolePattern } from '../rules/patterns.ts'
import type { EventMatch, Match, Rule, WhenKind } from '../rules/rule.ts'
import { MAX_STUDY_MS } from './explain-message.ts'
import { hasLiteral, setText, type Miss } from './explain-miss.ts'
import { isTrusted, keyOfLine, missesOfLine, suppressorOf, whereMisses, type StudyWorld, type WhereMiss } from './explain-world.ts'

/** A message or event that came as far as this. */
export interface Sight { readonly seq: number; readonly atMs: number; readonly text: string }

/** What a rule asks for, for whoever gathers messages. */
export interface RuleOutline {
  readonly id: string
  readonly status: RuleStatus
  readonly isStopped: boolean
  readonly kind: WhenKind
  /** What sets it off is a message, an event, or neither. */
  readonly about: 'messages' | 'events' | 'neither'
  /** Applications that it asks for; a trailing `*` makes it a beginning. Undefined: any. */
  readonly apps: readonly string[] | undefined
  readonly trust: Rule['trust']
  readonly by: readonly string[]
}

/** How far messages of one node came with one rule; each of the counts is of those that came through the one before. */
export interface NodeStudy {
  readonly outline: RuleOutline
  readonly where: readonly WhereMiss[]
  readonly looked: number
  readonly isCut: boolean
  readonly ofApp: Sight | undefined
  readonly ofLiteral: Sight | undefined
  /** Of those that do not fulfil the condition, the nearest and then the newest, with what it misses. */
  readonly nearest: (Sight & { readonly misses: readonly Miss[] }) | undefined
  readonly held: Sight | undefined
  readonly heldCount: number
  readonly trusted: Sight | undefined
  readonly suppressed: (Sight & { readonly by: string }) | undefined
  /** It came through everything, and belongs to this key; `key` undefined: it lacks a field of it. */
  readonly taken: (Sight & { readonly key: string | undefined }) | undefined
  readonly keys: readonly { readonly key: string; readonly state: KeyState }[]
}

const MAX_KEYS = 10
const MAX_SIGHT_TEXT = 200

export function outlineOf(rule: Rule, stopped: ReadonlySet<string>): RuleOutline {
  const on = beginnings(rule)
  const lines = on.flatMap(({ on: pattern }) => (pattern.kind === 'line' ? [pattern.match] : []))
  const apps = lines.map(({ app }) => app)
  return {
    id: rule.id, status: rule.policy.status, isStopped: stopped.has(rule.id), kind: rule.when.kind, trust: rule.trust, by: rule.by,
    about: lines.length > 0 ? 'messages' : on.length > 0 && rule.when.kind !== 'alerts' ? 'events' : 'neither',
    apps: apps.some((app) => app === undefined) ? undefined : [...new Set(apps.flatMap((app) => setText(app!).split(', ')))],
  }
}

/** What begins or completes it; of a sequence its first step. */
const beginnings = (rule: Rule): readonly RolePattern[] =>
  patternsOf(rule).filter((pattern) => pattern.role === 'on' || pattern.role === 'after' || (pattern.role === 'step' && pattern.step === 0) || (pattern.role === 'expect' && rule.when.kind === 'absent' && rule.when.each !== undefined))

export interface NodeQuestion { readonly nodeId: number; /** Newest first. */ readonly messages: readonly StoredMessage[]; readonly events: readonly HubEvent[] }

/** Holds messages and events of a node against one rule. */
export function studyNode(rule: Rule, { nodeId, messages, events }: NodeQuestion, world: StudyWorld): NodeStudy {
  const outline = outlineOf(rule, world.stopped)
  const untilMs = world.elapsedMs() + MAX_STUDY_MS
  const climb = createClimb(rule, world)
  let looked = 0
  for (const message of messages) {
    if (world.elapsedMs() > untilMs) break
    looked++
    climb.line(lineOfMessage(message))
  }
  for (const event of events) climb.event(event)
  return {
    outline, where: whereMisses(rule, nodeId, world.inventory), looked: looked + events.length, isCut: looked < messages.length, ...climb.reached,
    keys: world.correlator.keysOf(rule.id, MAX_KEYS, nodeId),
  }
}

type Reached = { -readonly [K in Exclude<keyof NodeStudy, 'outline' | 'where' | 'looked' | 'isCut' | 'keys'>]: NodeStudy[K] }

/** Keeps of everything the newest, since messages come newest first. */
function createClimb(rule: Rule, world: StudyWorld) {
  const patterns = beginnings(rule)
  const matches = patterns.flatMap((pattern) => (pattern.on.kind === 'line' ? [{ pattern, match: pattern.on.match }] : []))
  const wanted = patterns.flatMap(({ on }) => (on.kind === 'event' ? [on.event] : []))
  const reached: Reached = { ofApp: undefined, ofLiteral: undefined, nearest: undefined, held: undefined, heldCount: 0, trusted: undefined, suppressed: undefined, taken: undefined }

  function missed(match: Match, line: Line, misses: readonly Miss[]): void {
    if (!mayHoldForApp(match, line.app)) return
    const sight = sightOf(line)
    reached.ofApp ??= sight
    const found = hasLiteral(match, line)
    if (found !== false) reached.ofLiteral ??= sight
    if (found === false && reached.nearest !== undefined) return
    if (reached.nearest === undefined || misses.length < reached.nearest.misses.length) reached.nearest = { ...sight, misses }
  }

  function passed(pattern: RolePattern, line: Line): void {
    const sight = sightOf(line)
    reached.ofApp ??= sight
    reached.ofLiteral ??= sight
    reached.held ??= sight
    reached.heldCount++
    if (!isTrusted(rule, line)) return
    reached.trusted ??= sight
    const by = suppressorOf(rule, line, world)
    if (by !== undefined) reached.suppressed ??= { ...sight, by }
    else reached.taken ??= { ...sight, key: keyOfLine(rule, pattern.on, line, world.inventory) }
  }

  return {
    reached,
    line(line: Line): void {
      for (const { pattern, match } of matches) {
        const misses = missesOfLine(match, line, world.isHub)
        if (misses.length === 0) return passed(pattern, line)
        missed(match, line, misses)
      }
    },
    event(event: HubEvent): void {
      if (!wanted.some((one) => fits(one, event))) return
      const sight = { seq: event.seq, atMs: event.atMs, text: `${event.kind} ${event.to}` }
      reached.held ??= sight
      reached.heldCount++
      if (!isTrusted(rule, { evidence: event.evidence, isCertified: event.evidence === 'A' })) return
      reached.trusted ??= sight
      reached.taken ??= { ...sight, key: undefined }
    },
  }
}

const sightOf = ({ seq, receivedMs, text }: Line): Sight => ({ seq, atMs: receivedMs, text: text.slice(0, MAX_SIGHT_TEXT) })
const fits = ({ event, to, from }: EventMatch, one: HubEvent): boolean => event === one.kind && (to === undefined || to.includes(one.to)) && (from === undefined || from.includes(one.from))
