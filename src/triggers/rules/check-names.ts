import { TemplateFault, type Renderer } from '#render/index.ts'
import { NODE_FACTS } from '../inventory.ts'
import { groupNames } from '../match/condition.ts'
import { below, meant, refuse, type Reading } from './fault.ts'
import { patternsOf, type RolePattern } from './patterns.ts'
import { fitsRule } from './references.ts'
import type { Pattern, Rule } from './rule.ts'

/** What titles may show of whatever set the rule off. */
export const TITLE_FIELDS = ['node', 'session', 'host', 'app', 'severity', 'text', 'count'] as const
/** What a kind of condition adds to the fields of its alerts. */
const ADDED = { count: ['distinct'], alerts: ['distinct'], change: ['previous', 'value'], rate: ['usual'] } as const
/** What everything has that is about a node. */
const SELF = ['node', 'session'] as const

/** Every name that a rule uses for a field is one that it has. `others`: the whole set, since an alert about alerts has their fields. */
export function checkNames(rule: Rule, { at, others, renderer }: { readonly at: Reading; readonly others: readonly Rule[]; readonly renderer: Renderer }): void {
  const own = rule.when.kind === 'alerts' ? fieldsOfOthers(rule.when.rules, others) : groupsOfRule(rule, ({ role }) => role === 'on' || role === 'after' || role === 'step')
  const facts = [...NODE_FACTS, ...labelsOf(rule)]
  const known = [...new Set([...(hasLines(rule) ? ['node', 'session', 'app', 'host'] : SELF), ...own, ...facts])]
  rule.by.forEach((name, index) => {
    if (rule.by.indexOf(name) !== index) refuse(below(at, 'by', index), `\`${name}\` stands there already`)
    else if (!known.includes(name)) refuse(below(at, 'by', index), `there is no field \`${name}\` in this rule`, unknownField(name, known))
    else for (const begins of patternsOf(rule).filter(begin)) checkKeyField(name, begins, { rule, at: below(at, 'by', index), facts })
  })
  checkKind(rule, own, at)
  for (const name of groupsOfRule(rule, () => true)) if (isTaken(name)) refuse(below(at, 'when'), `the named group \`${name}\` hides a field of the message`, 'give it another name')
  rule.policy.inhibit?.equal.forEach((name, index) => {
    if (!known.includes(name)) refuse(below(at, 'inhibit', 'equal', index), `there is no field \`${name}\` in this rule`, unknownField(name, known))
  })
  checkTitle(rule, [...TITLE_FIELDS, ...own, ...rule.by, ...addedBy(rule)], { at: below(at, 'title'), renderer })
}

const isTaken = (name: string): boolean => [...TITLE_FIELDS, 'distinct', 'previous', 'usual', 'rule'].includes(name)
const begin = (pattern: RolePattern): boolean => pattern.role === 'on' || pattern.role === 'after' || (pattern.role === 'step' && pattern.step === 0)
const hasLines = (rule: Rule): boolean => patternsOf(rule).some((pattern) => pattern.on.kind === 'line' && begin(pattern)) || rule.when.kind === 'alerts'

/** A label of the registry is a free word: the rule's own tests say which there are. */
function unknownField(name: string, known: readonly string[]): string {
  const hint = meant(name, known)
  return hint.startsWith('did') ? hint : `${hint}; a label of nodes is one that a test's \`inventory\` has`
}

/** What begins something has to know the whole key; what ends or continues it stands for every key that agrees in what it knows. */
function checkKeyField(name: string, { on }: RolePattern, { rule, at, facts }: { readonly rule: Rule; readonly at: Reading; readonly facts: readonly string[] }): void {
  if (rule.when.kind === 'alerts' || fieldsOfPattern(on).includes(name) || facts.includes(name)) return
  refuse(at, `what begins it has no field \`${name}\`: alerts could not be told apart by it`, `there are: ${fieldsOfPattern(on).join(', ')}`)
}

/** Fields of a message or event beside facts and labels of its node. */
const fieldsOfPattern = (on: Pattern): readonly string[] => (on.kind === 'line' ? ['node', 'session', 'app', 'host', ...groupNames(on.match)] : on.event.event === 'trigger' ? [...SELF, 'subject'] : SELF)

/** Named groups of the patterns that are meant. What a finding shows comes from what begins or completes it, not from what ends it. */
const groupsOfRule = (rule: Rule, isMeant: (pattern: RolePattern) => boolean): readonly string[] => [...new Set(patternsOf(rule).filter(isMeant).flatMap(({ on }) => (on.kind === 'line' ? groupNames(on.match) : on.event.event === 'trigger' ? ['subject'] : [])))]
const fieldsOfOthers = (patterns: readonly string[], others: readonly Rule[]): readonly string[] => [
  'rule', 'severity', ...new Set(others.filter((rule) => patterns.some((pattern) => fitsRule(pattern, rule.id))).flatMap((rule) => [...rule.by, ...groupsOfRule(rule, () => true)])),
]

/** Labels that the rule itself speaks of. */
export const labelsOf = ({ tests, where, when }: Pick<Rule, 'tests' | 'where' | 'when'>): readonly string[] => [
  ...new Set([
    ...tests.flatMap(({ inventory }) => Object.values(inventory).flatMap((facts) => Object.keys(facts))),
    ...Object.keys(where?.node ?? {}), ...(when.kind === 'absent' ? Object.keys(when.each ?? {}) : []),
  ]),
]

const addedBy = ({ when }: Rule): readonly string[] => (Object.hasOwn(ADDED, when.kind) ? ADDED[when.kind as keyof typeof ADDED].filter((name) => name !== 'distinct' || ('distinct' in when && when.distinct !== undefined)) : [])

/** Names inside of `when`. */
function checkKind(rule: Rule, own: readonly string[], at: Reading): void {
  const { when } = rule
  if (when.kind === 'change' && !(when.on.kind === 'line' && own.includes(when.value))) refuse(below(at, 'when', 'change', 'value'), `there is no named group \`${when.value}\` in this condition`, meant(when.value, own))
  if (when.kind !== 'count' && when.kind !== 'alerts') return
  const countable = [...(when.kind === 'count' ? fieldsOfPattern(when.on) : [...SELF, ...own]), ...NODE_FACTS, ...labelsOf(rule)]
  if (when.distinct !== undefined && !countable.includes(when.distinct)) refuse(below(at, 'when', when.kind, 'distinct'), `there is no field \`${when.distinct}\` in this rule`, meant(when.distinct, countable))
}

function checkTitle({ id, policy }: Rule, known: readonly string[], { at, renderer }: { readonly at: Reading; readonly renderer: Renderer }): void {
  try {
    for (const { name } of renderer.names({ source: policy.title, medium: 'mail', name: `title of ${id}` })) {
      if (!known.includes(name)) refuse(at, `there is no field \`${name}\` in this rule`, meant(name, known))
    }
  } catch (error) {
    if (!(error instanceof TemplateFault)) throw error
    refuse(at, `the title cannot be read: ${error.at.message}`, error.at.hint)
  }
}
