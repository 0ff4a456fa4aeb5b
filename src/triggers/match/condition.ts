import type { Match, TextSet } from '../rules/rule.ts'
import { fieldsHold } from './field-test.ts'
import type { Line } from './line.ts'

/** ASCII letters to lower case, nothing else: the comparison of the search language, and one that bytes can do too. */
export const foldCase = (text: string): string => text.replace(/[A-Z]+/g, (letters) => letters.toLowerCase())

/** `app: [cron, postfix*]` as a set. */
export function textSet(values: readonly string[]): TextSet {
  const folded = values.map(foldCase)
  return {
    equal: folded.filter((value) => !value.endsWith('*')),
    prefix: folded.filter((value) => value.endsWith('*')).map((value) => value.slice(0, -1)),
  }
}

const inSet = (set: TextSet, value: string): boolean => set.equal.includes(value) || set.prefix.some((prefix) => value.startsWith(prefix))

/** Whether the line fulfils the condition; this alone says what a condition means, the gate only spares work. */
export function holds(match: Match, line: Line): boolean {
  return holdsFolded(match, line, foldLine(line))
}

/** What is compared without case, made once for all conditions that a message is tried on. */
export interface Folded { readonly text: string; readonly app: string; readonly host: string }
export const foldLine = ({ text, app, host }: Line): Folded => ({ text: foldCase(text), app: foldCase(app), host: foldCase(host) })

/** The same as `holds` for a line that is folded already. */
export function holdsFolded(match: Match, line: Line, folded: Folded): boolean {
  if (match.severities !== undefined && (match.severities & (1 << line.severity)) === 0) return false
  if (match.facilities !== undefined && (match.facilities & (1 << line.facility)) === 0) return false
  if (match.app !== undefined && !inSet(match.app, folded.app)) return false
  if (match.host !== undefined && !inSet(match.host, folded.host)) return false
  if (!match.contains.every((literal) => folded.text.includes(literal))) return false
  if (match.regex !== undefined && !match.regex.test(line.text)) return false
  if (match.not !== undefined && holdsFolded(match.not, line, folded)) return false
  if (match.any.length > 0 && !match.any.some((part) => holdsFolded(part, line, folded))) return false
  if (!match.all.every((part) => holdsFolded(part, line, folded))) return false
  return match.fields.length === 0 || fieldsHold(match.fields, captures(match, line, folded))
}

/** Named groups of every expression that took part; `line` holds. Of the branches of `any`, the first that holds gives them. */
export function captures(match: Match, line: Line, folded: Folded = foldLine(line)): Record<string, string> {
  const branch = match.any.find((part) => holdsFolded(part, line, folded))
  return {
    ...(branch === undefined ? {} : captures(branch, line, folded)),
    ...Object.assign({}, ...match.all.map((part) => captures(part, line, folded))),
    ...match.regex?.captures(line.text),
  }
}

/** Names that `captures` may give. */
export function groupNames(match: Match): string[] {
  return [...(match.regex?.groups ?? []), ...[...match.any, ...match.all].flatMap(groupNames)]
}

/** False when no message of this application can fulfil the condition, whatever else it says. */
export function mayHoldForApp(match: Match, app: string): boolean {
  const folded = foldCase(app)
  const may = (part: Match): boolean =>
    (part.app === undefined || inSet(part.app, folded)) && part.all.every(may) && (part.any.length === 0 || part.any.some(may))
  return may(match)
}

/** Whether the condition asks for this application by its whole name. */
export function namesApp(match: Match, app: string): boolean {
  return match.app?.equal.includes(foldCase(app)) === true || match.all.some((part) => namesApp(part, app)) || (match.any.length > 0 && match.any.every((part) => namesApp(part, app)))
}
