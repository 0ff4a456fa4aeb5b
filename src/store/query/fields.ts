import { fail, ok, type Result } from '#base/result.ts'
import { didYouMean } from '#base/text.ts'
import { FORMATS, IDENTITY_METHODS, PARSE_FAULTS } from '#domain/message.ts'
import { FACILITIES, facilityCode, SEVERITIES, severityCode } from '#domain/severity.ts'
import type { Query } from '../query.ts'
import type { FieldValue, QueryFault } from './lexer.ts'
import { parseBootPoint, parsePoint } from './times.ts'
import { faultAt, readNumbers, readWord, splitComparison, suggestion, type NumberField, type Read } from './values.ts'

/** The words before a colon; docs/reference/query.md is held to this list by a test. */
export const QUERY_FIELDS = [
  'node', 'session', 'source', 'app', 'host', 'procid', 'msgid', 'label', 'severity', 'facility', 'format', 'fault', 'method', 'confidence',
  'template', 'seq', 'since', 'until',
] as const

const SEQ: NumberField = { what: 'sequence number', hint: 'write seq:123, seq:>123 or seq:100..200', max: Number.MAX_SAFE_INTEGER, make: (comparison, value) => ({ kind: 'seq', comparison, value }) }
const CONFIDENCE: NumberField = { what: 'percentage', hint: 'write confidence:>=50, or 0 to 100', max: 100, make: (comparison, value) => ({ kind: 'confidence', comparison, value }) }
const PROCID: NumberField = { what: 'number', hint: 'only numbers are compared: procid:>=1000', max: Number.MAX_SAFE_INTEGER, make: (comparison, value) => ({ kind: 'procid', comparison, value }) }
const CATALOGUES = { format: FORMATS, fault: PARSE_FAULTS, method: IDENTITY_METHODS } as const

/** One value of one field as a tree, or why it cannot be. */
export function parseField(name: string, value: FieldValue, nowMs: number): Result<Query, QueryFault> {
  const field = QUERY_FIELDS.find((known) => known === name.toLowerCase())
  if (field === undefined) return fail({ column: value.column - name.length - 1, message: `there is no field “${name}”`, hint: unknownFieldHint(name) })
  const text = value.text + (value.isOpen ? '*' : '')
  if (text === '') return faultAt(value, `nothing follows ${field}:`, 'put it in quotes to look for it as text')
  switch (field) {
    case 'node':
    case 'session':
    case 'source':
      return ok({ kind: 'name', field, value: text })
    case 'procid':
      return !value.isQuoted && /^(?:[<>]|\d+\.\.\d+$)/.test(text) ? readNumbers(value, PROCID) : ok({ kind: 'field', field, value: text })
    case 'app':
    case 'host':
    case 'msgid':
    case 'label':
      return ok({ kind: 'field', field, value: text })
    case 'severity':
      return parseSeverity(value)
    case 'facility':
      return parseFacility(value)
    case 'format':
    case 'fault':
    case 'method':
      return parseWord(field, value)
    case 'confidence':
      return readNumbers(value, CONFIDENCE)
    case 'template':
      return parseTemplate(value)
    case 'seq':
      return readNumbers(value, SEQ)
    case 'since':
    case 'until':
      return parseTime(field, value, nowMs)
  }
}

function unknownFieldHint(name: string): string {
  const close = didYouMean(name.toLowerCase(), QUERY_FIELDS)
  return close === undefined ? `write .${name}: for a field of the text, or put it in quotes to look for it as text` : `did you mean ${close}: ?`
}

function parseSeverity(value: FieldValue): Read {
  const { comparison, rest } = splitComparison(value.text)
  const code = severityCode(rest)
  return code === undefined ? faultAt(value, `“${rest}” is no severity`, suggestion(rest, SEVERITIES)) : ok({ kind: 'severity', comparison, code })
}

function parseFacility(value: FieldValue): Read {
  const code = facilityCode(value.text)
  return code === undefined ? faultAt(value, `“${value.text}” is no facility`, suggestion(value.text, FACILITIES)) : ok({ kind: 'facility', code })
}

function parseWord(kind: keyof typeof CATALOGUES, value: FieldValue): Read {
  const code = readWord(value, kind === 'fault' ? 'parse fault' : kind, CATALOGUES[kind])
  return code.ok ? ok({ kind, code: code.value }) : code
}

function parseTemplate(value: FieldValue): Read {
  const hex = /^([0-9a-f]{8})([0-9a-f]{8})$/i.exec(value.text)
  if (hex === null) return faultAt(value, `“${value.text}” is no template`, 'write its 16 hex digits, as counting by template gives them')
  return ok({ kind: 'template', hi: Number.parseInt(hex[1], 16), lo: Number.parseInt(hex[2], 16) })
}

function parseTime(field: 'since' | 'until', value: FieldValue, nowMs: number): Read {
  const range = (ms: number) => ({ fromMs: field === 'since' ? ms : undefined, untilMs: field === 'until' ? ms : undefined })
  const bootMs = parseBootPoint(value.text)
  if (bootMs !== undefined) return ok({ kind: 'boot-time', ...range(bootMs) })
  if (/^boot\b/i.test(value.text)) return faultAt(value, `“${value.text}” is no time since the boot`, 'write boot, boot+90s or boot+5m')
  const ms = parsePoint(value.text, nowMs)
  if (ms === undefined) return faultAt(value, `“${value.text}” is no time`, 'write 90s, 15m, 1h, 2d, boot+90s, 2026-11-22 or 2026-11-22T10:00Z')
  return ok({ kind: 'time', ...range(ms) })
}
