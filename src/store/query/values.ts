import { fail, ok, type Result } from '#base/result.ts'
import { didYouMean } from '#base/text.ts'
import type { Comparison, ParamName, Query } from '../query.ts'
import type { FieldValue, QueryFault } from './lexer.ts'
import { isNumber } from './numbers.ts'

export type Read = Result<Query, QueryFault>

export const faultAt = ({ column }: Pick<FieldValue, 'column'>, message: string, hint?: string): { readonly ok: false; readonly faults: readonly QueryFault[] } => fail({ column, message, hint })

/** The place of a word in a closed list, letters without case. */
export function readWord(value: FieldValue, what: string, words: readonly string[]): Result<number, QueryFault> {
  const code = words.indexOf(value.text.toLowerCase())
  return code < 0 ? faultAt(value, `“${value.text}” is no ${what}`, suggestion(value.text, words)) : ok(code)
}

export const suggestion = (word: string, words: readonly string[]): string => {
  const close = didYouMean(word.toLowerCase(), words)
  return close === undefined ? `one of ${words.join(', ')}` : `did you mean ${close}?`
}

export function splitComparison(text: string): { readonly comparison: Comparison; readonly rest: string } {
  const sign = /^(?:<=|>=|<|>|=)/.exec(text)?.[0] as Comparison | undefined
  return { comparison: sign ?? '=', rest: text.slice(sign?.length ?? 0) }
}

/** What a field of whole numbers is called in faults, how it is written, and what it may hold. */
export interface NumberField { readonly what: string; readonly hint: string; readonly max: number; make(comparison: Comparison, value: number): Query }

/** `123`, `>=123`, or `100..200` with both ends. */
export function readNumbers(value: FieldValue, { what, hint, max, make }: NumberField): Read {
  const read = (text: string): number | undefined => (/^\d{1,16}$/.test(text) && Number(text) <= max ? Number(text) : undefined)
  const range = /^([^.]+)\.\.([^.]+)$/.exec(value.text)
  if (range !== null) {
    const [from, to] = [read(range[1]), read(range[2])]
    if (from === undefined || to === undefined) return faultAt(value, `“${value.text}” is no range of ${what}s`, hint)
    return ok({ kind: 'and', terms: [make('>=', from), make('<=', to)] })
  }
  const { comparison, rest } = splitComparison(value.text)
  const number = read(rest)
  return number === undefined ? faultAt(value, `“${rest}” is no ${what}`, hint) : ok(make(comparison, number))
}

const RANGE = /^(-?\d+(?:\.\d+)?)\.\.(-?\d+(?:\.\d+)?)$/
/** Would the text be read as something else than itself where a parameter's value stands? */
export const isPlainValue = (text: string): boolean => /^[^\s()",<>=][^\s()",]*$/.test(text) && !text.endsWith('*') && !RANGE.test(text)

/** One value of `.status:` or `sd.origin.ip:`; what is in quotes is taken as it is. */
export function readParamValue(param: ParamName, value: FieldValue): Read {
  const make = (comparison: Comparison, text: string): Query => ({ kind: 'param', ...param, comparison, value: text })
  if (value.isQuoted) return ok({ ...(make('=', value.text) as Extract<Query, { kind: 'param' }>), ...(value.isOpen ? { open: 'end' } : {}) })
  if (value.text === '') return faultAt(value, 'nothing follows the colon', 'write * for whatever is there, or "" for an empty value')
  const range = RANGE.exec(value.text)
  if (range !== null) return ok({ kind: 'and', terms: [make('>=', range[1]), make('<=', range[2])] })
  const { comparison, rest } = splitComparison(value.text)
  if (comparison !== '=' && !isNumber(rest)) return faultAt(value, `“${rest}” is no number`, 'only numbers are compared; put the value in quotes to look for the sign')
  if (value.text.startsWith('=')) return rest === '' ? faultAt(value, 'nothing follows the sign') : ok(make('=', rest))
  if (rest.endsWith('*')) return ok({ kind: 'param', ...param, comparison: '=', value: rest.slice(0, -1), open: 'end' })
  return ok(make(comparison, rest))
}
