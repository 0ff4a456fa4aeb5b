import { createHash } from 'node:crypto'
import { parseDurationMs } from '#base/duration.ts'
import { LIFECYCLE_EVENTS, type LifecycleEvent } from '#domain/lifecycle.ts'
import { STAGE_NAMES } from '#domain/stages.ts'
import { TemplateFault, type Renderer } from '#render/index.ts'
import { groupNames } from '../match/condition.ts'
import { DEFAULT_QUIET_MS, type PolicyNotify } from '../policy.ts'
import { meant, readMatch, type RuleFault } from './read-match.ts'
import { readTests } from './read-tests.ts'
import type { Match, Path, Rule } from './rule.ts'
import type { MatchFile, RuleText } from './schema.ts'

/** Events that a message may report; those of operators and of the boot API are not for rules, but a node may be held, which can be undone. */
const EVIDENCE_EVENTS: readonly LifecycleEvent[] = LIFECYCLE_EVENTS.filter((event) => event === 'op.hold' || !/^(op|boot)\./.test(event))
/** What titles may show beside named groups. */
export const TITLE_FIELDS = ['node', 'session', 'host', 'app', 'severity', 'text', 'count'] as const
const KEY_FIELDS = ['node', 'session', 'app', 'host'] as const

export interface ReadContext {
  readonly file: string
  readonly pack: string
  readonly path: Path
  readonly renderer: Renderer
  readonly faults: RuleFault[]
}

/** One rule of a file that fits the schema; what the schema cannot say is checked here. */
export function readRule(text: RuleText, context: ReadContext): Rule {
  const { path, faults } = context
  const when = text.when as { readonly match: MatchFile }
  const before = faults.length
  const match = readMatch(when.match, [...path, 'when', 'match'], faults)
  // An expression that cannot be read has no groups to name.
  if (faults.length === before) {
    checkGroups(match, context)
    checkNames(text, groupNames(match), context)
  }
  const version = versionOf(text)
  const stateVersion = createHash('sha256').update(JSON.stringify([text.when, text.by, text.trust])).digest('hex').slice(0, 12)
  const emit = text.emit === undefined ? undefined : readEmit(text.emit, context)
  return {
    id: text.id,
    version,
    stateVersion,
    file: context.file,
    pack: context.pack,
    when: { kind: 'match', on: { kind: 'line', match } },
    by: text.by,
    where: undefined,
    trust: text.trust,
    resolveOn: undefined,
    emit,
    suppress: undefined,
    policy: {
      rule: text.id, version, stateVersion, severity: text.severity, status: text.status, title: text.title, by: text.by, forMs: 0, holdMs: 0,
      resolve: { quietMs: DEFAULT_QUIET_MS, atSessionEnd: false, never: false },
      notify: text.notify === undefined ? undefined : readNotify(text.notify, context),
      escalate: [], inhibit: undefined, raisesAlerts: text.notify !== undefined || emit === undefined || text.severity !== 'info',
      runbook: text.runbook, owner: text.owner,
    },
    tags: text.tags,
    requires: [],
    falseAlarms: text.false_alarms,
    tests: readTests(text.tests, [...path, 'tests'], faults),
  }
}

function checkGroups(match: Match, { path, faults }: ReadContext): void {
  for (const name of groupNames(match)) {
    if ((TITLE_FIELDS as readonly string[]).includes(name)) faults.push({ path: [...path, 'when', 'match'], message: `the named group \`${name}\` hides a field of the message`, hint: 'give it another name' })
  }
  if (match.not !== undefined && groupNames(match.not).length > 0) {
    faults.push({ path: [...path, 'when', 'match', 'not'], message: 'a named group in `not` never has a value' })
  }
}

function checkNames(text: RuleText, groups: readonly string[], { path, faults, renderer }: ReadContext): void {
  text.by.forEach((name, index) => {
    const known = [...KEY_FIELDS, ...groups]
    if (!known.includes(name)) faults.push({ path: [...path, 'by', index], message: `there is no field \`${name}\` in this rule`, hint: meant(name, known) })
  })
  try {
    const known = [...TITLE_FIELDS, ...groups]
    for (const { name } of renderer.names({ source: text.title, medium: 'mail', name: `title of ${text.id}` })) {
      if (!known.includes(name)) faults.push({ path: [...path, 'title'], message: `there is no field \`${name}\` in this rule`, hint: meant(name, known) })
    }
  } catch (error) {
    if (!(error instanceof TemplateFault)) throw error
    faults.push({ path: [...path, 'title'], message: `the title cannot be read: ${error.at.message}`, hint: error.at.hint })
  }
}

function readEmit(emit: NonNullable<RuleText['emit']>, { path, faults }: ReadContext): Rule['emit'] {
  const { event, stage, evidence } = emit
  if (event === undefined && stage === undefined) faults.push({ path: [...path, 'emit'], message: '`emit` says `event`, `stage` or both' })
  if (event !== undefined && !(EVIDENCE_EVENTS as readonly string[]).includes(event)) {
    const isOthers = (LIFECYCLE_EVENTS as readonly string[]).includes(event)
    faults.push({ path: [...path, 'emit', 'event'], message: isOthers ? `a message cannot report \`${event}\`` : `there is no lifecycle event \`${event}\``, hint: meant(event, EVIDENCE_EVENTS) })
  }
  if (stage !== undefined && !STAGE_NAMES.includes(stage)) faults.push({ path: [...path, 'emit', 'stage'], message: `there is no stage \`${stage}\``, hint: meant(stage, STAGE_NAMES) })
  return { event: event as LifecycleEvent | undefined, stage, evidence }
}

function readNotify(notify: NonNullable<RuleText['notify']>, { path, faults }: ReadContext): PolicyNotify {
  const everyMs = parseDurationMs(notify.every)
  if (everyMs === undefined || everyMs < 60_000) faults.push({ path: [...path, 'notify', 'every'], message: `\`${notify.every}\` is not a time of at least a minute`, hint: 'e.g. 30m, 4h, 1d' })
  return { to: notify.to, waitMs: undefined, everyMs: everyMs ?? 0, before: notify.context?.before ?? 5, after: notify.context?.after ?? 0 }
}

/** Tests and remarks may change without making another rule of it. */
function versionOf(text: RuleText): string {
  const { tests: _tests, tags: _tags, owner: _owner, false_alarms: _remarks, runbook: _runbook, ...meaning } = text
  return createHash('sha256').update(JSON.stringify(meaning)).digest('hex').slice(0, 12)
}
