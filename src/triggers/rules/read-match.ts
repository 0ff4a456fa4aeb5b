import { FACILITIES, facilityCode, SEVERITIES, severityCode } from '#domain/severity.ts'
import { foldCase, groupNames, textSet } from '../match/condition.ts'
import { compileExpression, type Expression } from '../match/expression.ts'
import { below, itemPlace, list, meant, refuse, type Reading } from './fault.ts'
import { COMPARISONS, type FieldTest, type Match } from './rule.ts'
import type { FieldFile, MatchFile } from './schema-match.ts'

/** Conditions may stand in conditions (`not`, `any`, `all`) this deep: each message that passes the gate goes through all of it. */
const MAX_DEPTH = 4

/** A condition about messages, compiled; an empty one holds for every message. Faults are added to `at`, and then the result is not used. */
export function readMatch(match: MatchFile, at: Reading, depth = 0): Match {
  const nested = (part: MatchFile, ...steps: readonly (string | number)[]): Match => {
    if (Object.keys(part).length === 0) refuse(below(at, ...steps), 'a condition says at least one thing', 'e.g. `app: kernel`')
    if (depth < MAX_DEPTH) return readMatch(part, below(at, ...steps), depth + 1)
    refuse(below(at, ...steps), `conditions stand in conditions at most ${MAX_DEPTH} deep`)
    return readMatch({}, at)
  }
  const read: Match = {
    app: match.app === undefined ? undefined : textSet(list(match.app)),
    host: match.host === undefined ? undefined : textSet(list(match.host)),
    facilities: match.facility === undefined ? undefined : bits(match.facility, readFacility, below(at, 'facility')),
    severities: match.severity === undefined ? undefined : bits(match.severity, readSeverity, below(at, 'severity')),
    contains: list(match.contains ?? []).map(foldCase),
    fields: Object.entries(match.field ?? {}).flatMap(([name, value]) => readField(name, value, below(at, 'field', name))),
    regex: match.regex === undefined ? undefined : readRegex(match.regex, below(at, 'regex')),
    not: match.not === undefined ? undefined : nested(match.not, 'not'),
    any: (match.any ?? []).map((part, index) => nested(part, 'any', index)),
    all: (match.all ?? []).map((part, index) => nested(part, 'all', index)),
  }
  if (read.not !== undefined && groupNames(read.not).length > 0 && read.not.fields.length === 0) refuse(below(at, 'not'), 'a named group in `not` never has a value', 'write (?:…) instead')
  checkFieldNames(match, read, at)
  return read
}

function readRegex(source: string, at: Reading): Expression | undefined {
  const compiled = compileExpression(source)
  if (!('wrong' in compiled)) return compiled
  refuse(at, `the expression cannot be used: ${compiled.wrong}`, compiled.hint)
  return undefined
}

function readField(name: string, value: FieldFile, at: Reading): readonly FieldTest[] {
  if (typeof value !== 'object') return [{ name, is: 'eq', value }]
  if (Object.keys(value).length === 0) refuse(at, 'a comparison says at least one thing', 'e.g. `{gt: 90}`')
  return COMPARISONS.flatMap((is) => (value[is] === undefined ? [] : [{ name, is, value: value[is] }]))
}

/** Only what this condition itself captured can be compared; an expression that cannot be read has no groups to name. */
function checkFieldNames(match: MatchFile, read: Match, at: Reading): void {
  if (match.regex !== undefined && read.regex === undefined) return
  const known = groupNames(read)
  for (const { name } of read.fields) {
    if (!known.includes(name)) refuse(below(at, 'field', name), `there is no named group \`${name}\` in this condition`, known.length === 0 ? 'e.g. `regex: (?<temp>\\d+) C`' : meant(name, known))
  }
}

type Bits = number | { readonly message: string; readonly hint: string }

function bits(value: string | readonly string[], read: (text: string) => Bits, at: Reading): number {
  let all = 0
  list(value).forEach((text, index) => {
    const one = read(text)
    if (typeof one === 'number') all |= one
    else refuse(itemPlace(at, value, index), one.message, one.hint)
  })
  return all
}

function readFacility(text: string): Bits {
  const code = facilityCode(text)
  return code === undefined ? { message: `there is no facility \`${text}\``, hint: meant(text, FACILITIES) } : 1 << code
}

/** `>=` and `<=` speak of importance, as people do: `>=warning` is warning, err, crit, alert and emerg (codes 4 and below). */
function readSeverity(text: string): Bits {
  const [, sign, word] = /^\s*(>=|<=|)\s*(.*?)\s*$/.exec(text)!
  const code = severityCode(word!)
  if (code === undefined) return { message: `there is no severity \`${word}\``, hint: meant(word!, SEVERITIES) }
  if (sign === '>=') return (1 << (code + 1)) - 1
  return sign === '<=' ? 0xff & ~((1 << code) - 1) : 1 << code
}
