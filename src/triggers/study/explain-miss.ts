import { FACILITIES, SEVERITIES } from '#domain/severity.ts'
import { captures, foldCase, foldLine, holdsFolded, type Folded } from '../match/condition.ts'
import { fieldsHold } from '../match/field-test.ts'
import { requiredLiterals } from '../match/literal.ts'
import type { Line } from '../match/line.ts'
import type { Match, TextSet } from '../rules/rule.ts'

/** What of a condition a message does not fulfil. */
export const MISSES = {
  hub: 'messages of the hub itself are seen only by rules that name its application in full',
  app: 'the application is another one',
  host: 'the host is another one',
  facility: 'the facility is another one',
  severity: 'the severity is another one',
  contains: 'the text does not contain it',
  regex: 'the expression is not found in the text',
  field: 'a named group has another value',
  not: 'it fulfils what must not hold',
} as const
export type MissKind = keyof typeof MISSES
/** `asked` is the rule's, `has` the message's: text of senders. */
export interface Miss { readonly kind: MissKind; readonly asked: string; readonly has: string }

/** Everything of the condition that the line does not fulfil; of the branches of `any` the nearest. Empty exactly where `holds` says yes. */
export const missesOf = (match: Match, line: Line): readonly Miss[] => missesFolded(match, line, foldLine(line))

function missesFolded(match: Match, line: Line, folded: Folded): readonly Miss[] {
  const own = [...ofHeader(match, line), ...ofText(match, line, folded)]
  if (match.not !== undefined && holdsFolded(match.not, line, folded)) own.push({ kind: 'not', asked: wordsOf(match.not), has: '' })
  const branches = match.any.map((part) => missesFolded(part, line, folded)).toSorted((a, b) => a.length - b.length)
  own.push(...(branches[0] ?? []), ...match.all.flatMap((part) => missesFolded(part, line, folded)))
  return own.length > 0 || match.fields.length === 0 ? own : ofFields(match, line)
}

function ofHeader(match: Match, line: Line): Miss[] {
  const bits = (mask: number | undefined, code: number, names: readonly string[]): string | undefined =>
    mask === undefined || (mask & (1 << code)) !== 0 ? undefined : names.filter((_, bit) => (mask & (1 << bit)) !== 0).join(', ')
  const found: Miss[] = []
  const severity = bits(match.severities, line.severity, SEVERITIES)
  if (severity !== undefined) found.push({ kind: 'severity', asked: severity, has: SEVERITIES[line.severity] ?? '' })
  const facility = bits(match.facilities, line.facility, FACILITIES)
  if (facility !== undefined) found.push({ kind: 'facility', asked: facility, has: FACILITIES[line.facility] ?? '' })
  for (const kind of ['app', 'host'] as const) {
    const set = match[kind]
    if (set !== undefined && !isIn(set, line[kind])) found.push({ kind, asked: setText(set), has: line[kind] })
  }
  return found
}

function ofText(match: Match, { text }: Line, folded: Folded): Miss[] {
  const missing = match.contains.filter((literal) => !folded.text.includes(literal)).map((asked): Miss => ({ kind: 'contains', asked, has: '' }))
  return match.regex === undefined || match.regex.test(text) ? missing : [...missing, { kind: 'regex', asked: match.regex.source, has: '' }]
}

function ofFields(match: Match, line: Line): readonly Miss[] {
  const groups = captures(match, line)
  return match.fields.filter((test) => !fieldsHold([test], groups)).map(({ name, is, value }) => ({ kind: 'field', asked: `${name} ${is} ${value}`, has: groups[name] ?? '' }))
}

const isIn = (set: TextSet, value: string): boolean => {
  const folded = foldCase(value)
  return set.equal.includes(folded) || set.prefix.some((prefix) => folded.startsWith(prefix))
}
export const setText = ({ equal, prefix }: TextSet): string => [...equal, ...prefix.map((text) => `${text}*`)].join(', ')

/** A condition in a few words. */
function wordsOf({ app, contains, regex, any, all, not }: Match): string {
  const parts = [app === undefined ? '' : `app ${setText(app)}`, ...contains, regex?.source ?? '', ...any.map(wordsOf), ...all.map(wordsOf), not === undefined ? '' : `not ${wordsOf(not)}`]
  return parts.filter((part) => part !== '').join(', ')
}

/** Whether a literal that the condition needs stands in the text; undefined: it needs none. */
export function hasLiteral(match: Match, line: Line): boolean | undefined {
  const { text } = foldLine(line)
  return requiredLiterals(match)?.some((literal) => text.includes(literal))
}
