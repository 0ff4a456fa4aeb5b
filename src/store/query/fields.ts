import { fail, ok, type Result } from '#base/result.ts'
import { didYouMean } from '#base/text.ts'
import { FACILITIES, facilityCode, SEVERITIES, severityCode } from '#domain/severity.ts'
import type { Comparison, Query } from '../query.ts'
import type { FieldValue, QueryFault } from './lexer.ts'
import { parsePoint } from './times.ts'

/** The words before a colon; docs/reference/query.md is held to this list by a test. */
export const QUERY_FIELDS = ['node', 'session', 'source', 'app', 'host', 'procid', 'msgid', 'severity', 'facility', 'seq', 'since', 'until'] as const

/** One value of one field as a tree, or why it cannot be. */
export function parseField(name: string, value: FieldValue, nowMs: number): Result<Query, QueryFault> {
  const field = QUERY_FIELDS.find((known) => known === name.toLowerCase())
  if (field === undefined) return fail({ column: value.column - name.length - 1, message: `there is no field “${name}”`, hint: unknownFieldHint(name) })
  if (value.text === '') return fault(value, `nothing follows ${field}:`, 'put it in quotes to look for it as text')
  switch (field) {
    case 'node':
    case 'session':
    case 'source':
      return ok({ kind: 'name', field, value: value.text })
    case 'app':
    case 'host':
    case 'procid':
    case 'msgid':
      return ok({ kind: 'field', field, value: value.text })
    case 'severity':
      return parseSeverity(value)
    case 'facility': {
      const code = facilityCode(value.text)
      return code === undefined ? fault(value, `“${value.text}” is no facility`, suggestion(value.text, FACILITIES)) : ok({ kind: 'facility', code })
    }
    case 'seq':
      return parseSeq(value)
    case 'since':
    case 'until': {
      const ms = parsePoint(value.text, nowMs)
      if (ms === undefined) return fault(value, `“${value.text}” is no time`, 'write 90s, 15m, 1h, 2d, 2026-11-22 or 2026-11-22T10:00Z')
      return ok({ kind: 'time', fromMs: field === 'since' ? ms : undefined, untilMs: field === 'until' ? ms : undefined })
    }
  }
}

function unknownFieldHint(name: string): string {
  const close = didYouMean(name.toLowerCase(), QUERY_FIELDS)
  return close === undefined ? 'put it in quotes to look for it as text' : `did you mean ${close}: ?`
}

function parseSeverity(value: FieldValue): Result<Query, QueryFault> {
  const { comparison, rest } = splitComparison(value.text)
  const code = severityCode(rest)
  return code === undefined ? fault(value, `“${rest}” is no severity`, suggestion(rest, SEVERITIES)) : ok({ kind: 'severity', comparison, code })
}

function parseSeq(value: FieldValue): Result<Query, QueryFault> {
  const { comparison, rest } = splitComparison(value.text)
  const number = Number(rest)
  if (!/^\d{1,16}$/.test(rest) || !Number.isSafeInteger(number)) return fault(value, `“${rest}” is no sequence number`, 'write seq:123 or seq:>123')
  return ok({ kind: 'seq', comparison, value: number })
}

function splitComparison(text: string): { readonly comparison: Comparison; readonly rest: string } {
  const sign = /^(?:<=|>=|<|>|=)/.exec(text)?.[0] as Comparison | undefined
  return { comparison: sign ?? '=', rest: text.slice(sign?.length ?? 0) }
}

const suggestion = (word: string, words: readonly string[]): string => {
  const close = didYouMean(word.toLowerCase(), words)
  return close === undefined ? `one of ${words.join(', ')}` : `did you mean ${close}?`
}
const fault = ({ column }: FieldValue, message: string, hint?: string): Result<Query, QueryFault> => fail({ column, message, hint })
