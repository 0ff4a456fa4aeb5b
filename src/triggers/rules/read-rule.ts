import { LIFECYCLE_EVENTS, type LifecycleEvent } from '#domain/lifecycle.ts'
import { STAGE_NAMES } from '#domain/stages.ts'
import type { RuleSeverity } from '../protocol.ts'
import { below, checkWord, meant, readTime, refuse, type Reading } from './fault.ts'
import { readEscalate, readNotify, readResolve, readSuppress } from './read-policy.ts'
import { readTests } from './read-tests.ts'
import { readWhen, type ValidCron } from './read-when.ts'
import { readWhere } from './read-where.ts'
import type { Overridden, Rule, When } from './rule.ts'
import type { RuleText } from './schema.ts'
import { versionsOf } from './versions.ts'

/** Events that a message may report; those of operators and of the boot API are not for rules, but a node may be held, which can be undone. */
export const EVIDENCE_EVENTS: readonly LifecycleEvent[] = LIFECYCLE_EVENTS.filter((event) => event === 'op.hold' || !/^(op|boot)\./.test(event))

export interface ReadContext {
  readonly file: string
  readonly line: number
  readonly pack: string
  readonly overridden: readonly Overridden[]
  readonly at: Reading
  readonly validCron: ValidCron
}

/** One rule of a file that fits the schema; what the schema cannot say is checked here, but for names of fields and of other rules. undefined: its condition cannot be read at all. */
export function readRule(text: RuleText, context: ReadContext): Rule | undefined {
  const { at } = context
  const when = readWhen(text.when, below(at, 'when'), context.validCron)
  const { on: resolveOn, resolve } = readResolve(text.resolve, when?.kind, below(at, 'resolve'))
  const emit = text.emit === undefined ? undefined : readEmit(text.emit, below(at, 'emit'))
  const tests = readTests(text.tests, below(at, 'tests'))
  const where = text.where === undefined ? undefined : readWhere(text.where, below(at, 'where'))
  if (when === undefined) return undefined
  checkTogether(text, when, at)
  const by = text.by ?? defaultBy(when)
  const rule = {
    id: text.id, file: context.file, line: context.line, pack: context.pack, overridden: context.overridden,
    when, by, where, trust: (text.trust ?? 'any') as Rule['trust'], resolveOn, emit,
    suppress: text.suppress === undefined ? undefined : readSuppress(text.suppress, below(at, 'suppress')),
    policy: {
      rule: text.id, version: '', stateVersion: '', severity: text.severity as RuleSeverity, status: (text.status ?? 'live') as Rule['policy']['status'], title: text.title, by,
      forMs: text.for === undefined ? 0 : readTime(text.for, below(at, 'for'), { least: '0s' }),
      holdMs: text.hold === undefined ? 0 : readTime(text.hold, below(at, 'hold'), { least: '0s' }),
      resolve,
      notify: text.notify === undefined ? undefined : readNotify(text.notify, below(at, 'notify')),
      escalate: readEscalate(text.escalate, below(at, 'escalate')),
      inhibit: text.inhibit,
      raisesAlerts: text.suppress === undefined && (text.notify !== undefined || emit === undefined || text.severity !== 'info'),
      runbook: text.runbook, owner: text.owner,
    },
    tags: text.tags ?? [], requires: text.requires ?? [], falseAlarms: text.false_alarms, tests,
  }
  const versions = versionsOf(rule)
  return { ...rule, ...versions, policy: { ...rule.policy, ...versions } }
}

/** A condition about a node that is not one message is told apart by what it is about. */
function defaultBy(when: When): readonly string[] {
  if (when.kind === 'schedule' || when.kind === 'alerts') return []
  return when.kind === 'absent' && when.each !== undefined ? ['node'] : ['node', 'session']
}

/** Keys that do not go together. */
function checkTogether(text: RuleText, when: When, at: Reading): void {
  if (text.suppress !== undefined) {
    if (when.kind !== 'match' || when.on.kind !== 'line') refuse(below(at, 'suppress'), '`suppress` leaves messages out: it goes with `when: {match: …}`')
    for (const key of ['notify', 'escalate', 'emit', 'inhibit', 'for', 'hold', 'resolve'] as const) if (text[key] !== undefined) refuse(below(at, key), `a rule that suppresses raises no alert and has no \`${key}\``)
  }
  if (when.kind === 'schedule' && text.where !== undefined) refuse(below(at, 'where'), 'a calendar is about no node', 'leave `where` out')
  if (when.kind === 'schedule' && text.by !== undefined && text.by.length > 0) refuse(below(at, 'by'), 'a calendar is about no node', 'leave `by` out')
  if (text.emit !== undefined && (when.kind === 'schedule' || (text.by !== undefined && !text.by.includes('node')))) refuse(below(at, 'emit'), '`emit` is about one node', when.kind === 'schedule' ? undefined : 'put `node` into `by`')
}

function readEmit(text: NonNullable<RuleText['emit']>, at: Reading): NonNullable<Rule['emit']> {
  const { event, stage, evidence = 'B' } = text
  if (event === undefined && stage === undefined) refuse(at, '`emit` says `event`, `stage` or both')
  if (event !== undefined && !(EVIDENCE_EVENTS as readonly string[]).includes(event)) {
    const isOthers = (LIFECYCLE_EVENTS as readonly string[]).includes(event)
    refuse(below(at, 'event'), isOthers ? `a rule cannot report \`${event}\`` : `there is no lifecycle event \`${event}\``, meant(event, EVIDENCE_EVENTS))
  }
  if (stage !== undefined) checkWord(stage, STAGE_NAMES, { at: below(at, 'stage'), what: 'stage' })
  return { event: event as LifecycleEvent | undefined, stage, evidence: evidence as 'B' | 'C' }
}
