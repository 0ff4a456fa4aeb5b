import { didYouMean } from '#base/text.ts'
import { FACILITIES, facilityCode, SEVERITIES, severityCode } from '#domain/severity.ts'
import { foldCase, textSet } from '../match/condition.ts'
import { compileExpression, type Expression } from '../match/expression.ts'
import type { Match, Path } from './rule.ts'
import type { MatchFile } from './schema.ts'

/** A fault of a value in a rule file; the loader knows where that value stands. */
export interface RuleFault {
  readonly path: Path
  readonly message: string
  readonly hint?: string | undefined
}

/** `when.match` compiled; faults are added to `faults`, and then the result is not used. */
export function readMatch(match: MatchFile, path: Path, faults: RuleFault[]): Match {
  if (Object.keys(match).length === 0) faults.push({ path, message: 'a condition says at least one thing', hint: 'e.g. `app: kernel`' })
  return {
    app: match.app === undefined ? undefined : textSet(list(match.app)),
    host: match.host === undefined ? undefined : textSet(list(match.host)),
    facilities: match.facility === undefined ? undefined : bits(match.facility, { path: [...path, 'facility'], faults, read: readFacility }),
    severities: match.severity === undefined ? undefined : bits(match.severity, { path: [...path, 'severity'], faults, read: readSeverity }),
    contains: list(match.contains ?? []).map(foldCase),
    fields: [],
    regex: match.regex === undefined ? undefined : readRegex(match.regex, [...path, 'regex'], faults),
    not: match.not === undefined ? undefined : readMatch(match.not, [...path, 'not'], faults),
    any: (match.any ?? []).map((part, index) => readMatch(part, [...path, 'any', index], faults)),
    all: (match.all ?? []).map((part, index) => readMatch(part, [...path, 'all', index], faults)),
  }
}

const list = (value: string | readonly string[]): readonly string[] => (typeof value === 'string' ? [value] : value)

function readRegex(source: string, path: Path, faults: RuleFault[]): Expression | undefined {
  const compiled = compileExpression(source)
  if (!('wrong' in compiled)) return compiled
  faults.push({ path, message: `the expression cannot be used: ${compiled.wrong}`, hint: compiled.hint })
  return undefined
}

interface BitsOptions {
  readonly path: Path
  readonly faults: RuleFault[]
  readonly read: (text: string) => number | { readonly message: string; readonly hint?: string | undefined }
}

function bits(value: string | readonly string[], { path, faults, read }: BitsOptions): number {
  let all = 0
  list(value).forEach((text, index) => {
    const one = read(text)
    if (typeof one === 'number') all |= one
    else faults.push({ path: typeof value === 'string' ? path : [...path, index], ...one })
  })
  return all
}

function readFacility(text: string): ReturnType<BitsOptions['read']> {
  const code = facilityCode(text)
  return code === undefined ? { message: `there is no facility \`${text}\``, hint: meant(text, FACILITIES) } : 1 << code
}

/** `>=` and `<=` speak of importance, as people do: `>=warning` is warning, err, crit, alert and emerg (codes 4 and below). */
function readSeverity(text: string): ReturnType<BitsOptions['read']> {
  const [, sign, word] = /^\s*(>=|<=|)\s*(.*?)\s*$/.exec(text)!
  const code = severityCode(word!)
  if (code === undefined) return { message: `there is no severity \`${word}\``, hint: meant(word!, SEVERITIES) }
  if (sign === '>=') return (1 << (code + 1)) - 1
  return sign === '<=' ? 0xff & ~((1 << code) - 1) : 1 << code
}

export function meant(word: string, known: readonly string[]): string {
  const near = didYouMean(word, known)
  return near === undefined ? `there are: ${known.join(', ')}` : `did you mean ${near}?`
}
