import { FORMATS, IDENTITY_METHODS, PARSE_FAULTS, type StoredMessage } from '#domain/message.ts'
import { facilityCode, severityCode } from '#domain/severity.ts'
import type { ResolvedQuery } from '#store/index.ts'

type Param = Extract<ResolvedQuery, { kind: 'param' }>

/**
 * What a query means, said a second time over plain messages: slow, obvious, and sharing nothing with the store's matcher.
 * @param templateOf 16 hex digits; a message does not carry its template
 */
export function answers(query: ResolvedQuery, message: StoredMessage, templateOf: (message: StoredMessage) => string = () => ''): boolean {
  switch (query.kind) {
    case 'all':
      return true
    case 'and':
      return query.terms.every((term) => answers(term, message, templateOf))
    case 'or':
      return query.terms.some((term) => answers(term, message, templateOf))
    case 'not':
      return !answers(query.term, message, templateOf)
    case 'text':
      return hasWhole(lower(message.text), lower(query.text), query.open)
    case 'regex':
      return new RegExp(query.pattern, 'u').test(message.text)
    case 'field': {
      const [is, wanted] = [lower(message[query.field]), lower(query.value)]
      return wanted.endsWith('*') ? is.startsWith(wanted.slice(0, -1)) : is === wanted
    }
    case 'ids':
      return query.ids.includes(message[`${query.field}Id`])
    case 'severity':
      return compare(severityCode(message.severity)!, query.comparison, query.code)
    case 'facility':
      return facilityCode(message.facility) === query.code
    case 'procid':
      return /^\d{1,15}$/.test(message.procid) && compare(Number(message.procid), query.comparison, query.value)
    case 'confidence':
      return compare(message.confidence, query.comparison, query.value)
    case 'format':
    case 'method':
    case 'fault':
      return wordsOf(message, query.kind).includes(CATALOGUES[query.kind][query.code])
    case 'template':
      return templateOf(message) === hex(query.hi) + hex(query.lo)
    case 'param':
      return paramsOf(message, query).some((is) => fitsParam(is, query))
    case 'session-times':
      return query.spans.some((span) => span.id === message.sessionId && isWithin(message.receivedMs, span))
    case 'seq':
      return compare(message.seq, query.comparison, query.value)
    case 'time':
      return isWithin(message.receivedMs, query)
  }
}

const isWithin = (ms: number, { fromMs = -Infinity, untilMs = Infinity }: { readonly fromMs?: number | undefined; readonly untilMs?: number | undefined }): boolean => ms >= fromMs && ms < untilMs
const lower = (text: string): string => Array.from(text, (c) => (c >= 'A' && c <= 'Z' ? c.toLowerCase() : c)).join('')

function compare(a: number, comparison: string, b: number): boolean {
  if (comparison === '=') return a === b
  if (comparison === '<') return a < b
  if (comparison === '<=') return a <= b
  return comparison === '>' ? a > b : a >= b
}

const CATALOGUES: Readonly<Record<'format' | 'method' | 'fault', readonly string[]>> = { format: FORMATS, method: IDENTITY_METHODS, fault: PARSE_FAULTS }
const wordsOf = (message: StoredMessage, kind: 'format' | 'method' | 'fault'): readonly string[] => (kind === 'fault' ? message.faults : [message[kind]])

const hex = (half: number): string => half.toString(16).padStart(8, '0')

/** Every place where the text stands is tried; at a closed end a token must not go on. */
function hasWhole(text: string, wanted: string, open: 'start' | 'end' | 'both' | undefined): boolean {
  const isToken = (c: string | undefined): boolean => c !== undefined && /\w|[\u0080-\uffff]/.test(c)
  const goesOn = (a: string | undefined, b: string | undefined): boolean => isToken(a) && isToken(b)
  for (let at = 0; at + wanted.length <= text.length; at++) {
    if (!text.startsWith(wanted, at)) continue
    const end = at + wanted.length
    const isStart = open === 'start' || open === 'both' || !goesOn(text[at - 1], wanted[0])
    const isEnd = open === 'end' || open === 'both' || !goesOn(wanted.at(-1), text[end])
    if (isStart && isEnd) return true
  }
  return false
}

/** Structured data of tests has no escapes; a JSON text is one whose first letter is a brace. */
function paramsOf(message: StoredMessage, { place, name, sdId }: Param): readonly string[] {
  if (place === 'sd') {
    const elements = [...message.structuredData.matchAll(/\[([^ \]]+)([^\]]*)\]/g)].filter(([, id]) => sdId === undefined || id === sdId)
    return elements.flatMap(([, , params]) => [...params.matchAll(/ ([^=]+)="([^"]*)"/g)]).filter(([, is]) => is === name).map(([, , value]) => value)
  }
  if (name === 'cisco.mnemonic') return message.app.startsWith('%') ? message.app.split('-').slice(-1) : []
  const inJson = jsonField(message.text, name)
  if (inJson !== undefined) return [inJson]
  const pairs = message.text.split(/\s+/).map((part) => part.split('=')).filter(([is, value]) => is === name && value !== undefined)
  return pairs.map((pair) => pair.slice(1).join('='))
}

function jsonField(text: string, name: string): string | undefined {
  try {
    let value = JSON.parse(text.trim().replace(/^@cee: */, ''))
    for (const key of name.split('.')) value = value[key]
    return value === undefined ? undefined : typeof value === 'string' ? value : JSON.stringify(value)
  } catch {
    return undefined
  }
}

function fitsParam(is: string, { comparison, value, open }: Param): boolean {
  if (open === 'end') return lower(is).startsWith(lower(value))
  const areNumbers = [is, value].every((text) => /^-?\d+(\.\d+)?$/.test(text))
  if (areNumbers) return compare(Number(is), comparison, Number(value))
  return comparison === '=' && lower(is) === lower(value)
}
