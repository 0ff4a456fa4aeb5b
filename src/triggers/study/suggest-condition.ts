import { SEVERITIES } from '#domain/severity.ts'
import { foldCase, holds, textSet } from '../match/condition.ts'
import { compileExpression } from '../match/expression.ts'
import type { Line } from '../match/line.ts'
import type { Match } from '../rules/rule.ts'
import { quote, type Group, type Shape } from './suggest-groups.ts'

/** A `match` as it will be written. */
export interface Condition {
  readonly apps: readonly string[]
  /** Words of the catalogue; none: any. */
  readonly severities: readonly string[]
  readonly contains: string | undefined
  readonly regex: string | undefined
  /** Not one of these texts. */
  readonly without: readonly string[]
}

/** Different values that are written out, where the bad lines have others. */
const MAX_ALTERNATIVES = 5
const MIN_LITERAL = 4
const MAX_WITHOUT = 8

/** The condition as the engine reads it; undefined: its expression is none. */
export function matchOf({ apps, severities, contains, regex, without }: Condition): Match | undefined {
  const expression = regex === undefined ? undefined : compileExpression(regex)
  if (expression !== undefined && 'wrong' in expression) return undefined
  const nothing: Match = { app: undefined, host: undefined, facilities: undefined, severities: undefined, contains: [], regex: undefined, fields: [], not: undefined, any: [], all: [] }
  return {
    ...nothing,
    app: apps.length === 0 ? undefined : textSet(apps),
    severities: severities.length === 0 ? undefined : severities.reduce((bits, word) => bits | (1 << SEVERITIES.indexOf(word as (typeof SEVERITIES)[number])), 0),
    contains: contains === undefined ? [] : [foldCase(contains)], regex: expression,
    not: without.length === 0 ? undefined : { ...nothing, any: without.map((text) => ({ ...nothing, contains: [foldCase(text)] })) },
  }
}

/** Conditions from wide to narrow, each narrower than the one before. The first that all bad lines miss is the one to take. */
export function* conditionsFor({ shape, apps, good, bad }: { readonly shape: Shape; readonly apps: readonly string[]; readonly good: readonly Line[]; readonly bad: readonly Line[] }): Generator<Condition> {
  const contains = literalOf(shape)
  const plain: Condition = { apps, severities: [], contains, regex: undefined, without: [] }
  const withRegex = { ...plain, regex: regexOf(shape, { isWhole: false, valued: [] }) }
  // without anything that varies the text alone says it
  if (shape.parts.every((part) => typeof part === 'string') && contains === shape.parts.join('')) yield plain
  yield withRegex
  const whole = { ...withRegex, regex: regexOf(shape, { isWhole: true, valued: [] }) }
  yield whole
  const few = shape.parts.filter((part): part is Group => typeof part !== 'string' && isFew(part))
  for (const group of few) yield { ...whole, regex: regexOf(shape, { isWhole: true, valued: [group] }) }
  const valued = { ...whole, regex: regexOf(shape, { isWhole: true, valued: few }) }
  yield valued
  const severities = [...new Set(good.map(({ severity }) => SEVERITIES[severity]!))]
  const graded = bad.some(({ severity }) => !severities.includes(SEVERITIES[severity]!)) ? { ...valued, severities } : valued
  yield graded
  yield { ...graded, without: withoutFor(graded, good, bad) }
}

const isFew = ({ values }: Group): boolean => new Set(values).size <= MAX_ALTERNATIVES && !values.includes('')

/** Named groups in the syntax of RE2; of those that are `valued` the values are written out. */
function regexOf({ parts }: Shape, { isWhole, valued }: { readonly isWhole: boolean; readonly valued: readonly Group[] }): string {
  const first = isWhole ? 0 : parts.findIndex((part) => typeof part === 'string')
  const text = parts.slice(Math.max(0, first)).map((part) => {
    if (typeof part === 'string') return quote(part)
    return `(?P<${part.name}>${valued.includes(part) ? [...new Set(part.values)].map(quote).join('|') : part.expression})`
  }).join('')
  // what varies before the first word is kept: it may be what the rule is about
  const before = first > 0 ? parts.slice(0, first).map((part) => (typeof part === 'string' ? quote(part) : `(?P<${part.name}>${part.expression})`)).join('') : ''
  return isWhole ? `^${text}$` : `${before}${text}`
}

/** The longest text that is the same in all: what the engine looks for first. */
function literalOf({ parts }: Shape): string | undefined {
  const texts = parts.filter((part) => typeof part === 'string').flatMap((text) => text.split(/[^\x20-\x7e]+/)).map((text) => text.trim())
  const longest = texts.reduce((best, text) => (text.length > best.length ? text : best), '')
  return longest.length >= MIN_LITERAL ? longest : undefined
}

/** Words that only the bad lines have: one for each line that still matches. */
function withoutFor(condition: Condition, good: readonly Line[], bad: readonly Line[]): readonly string[] {
  const match = matchOf(condition)
  if (match === undefined) return []
  const goodTexts = good.map(({ text }) => foldCase(text))
  const found = new Set<string>()
  for (const line of bad) {
    if (!holds(match, line) || [...found].some((word) => foldCase(line.text).includes(word))) continue
    const word = (foldCase(line.text).match(/[a-z_]{4,32}|[\w.:-]{4,32}/g) ?? []).find((one) => !goodTexts.some((text) => text.includes(one)))
    if (word !== undefined && found.size < MAX_WITHOUT) found.add(word)
  }
  return [...found]
}
