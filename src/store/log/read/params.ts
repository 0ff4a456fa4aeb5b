import type { Batch } from '#domain/batch.ts'
import { needsHeader, readValues } from '#domain/fields/message-fields.ts'
import { readSdValues } from '#domain/fields/structured-data.ts'
import type { ParamName, ParamQuery } from '../../query.ts'
import { isNumber } from '../../query/numbers.ts'
import { asciiLower } from '../ascii-lower.ts'
import { asciiPattern, containsBytes, startsWithBytes, textOfRange, type ByteRange } from './byte-search.ts'

/**
 * The value of a parameter of the structured data, or of a field of the text (`domain/fields`); the first where there are several.
 * Numbers, `true`, `false` and `null` of a JSON text are as JSON writes them; objects and lists are compact JSON.
 */
export const readParam = (batch: Batch, row: number, name: ParamName): string | undefined => compileParamReader(name)(batch, row)[0]

/** Reads all values of one parameter. Make it once and use it for many rows. */
export function compileParamReader(param: ParamName): (batch: Batch, row: number) => readonly string[] {
  const { name, sdId } = param
  if (param.place === 'sd') {
    const gate = gateOf(name)
    return (batch, row) => {
      const range = structuredData(batch, row)
      return gate(range) ? readSdValues(textOfRange(range), { name, sdId }) : NONE
    }
  }
  const gate = bodyGate(name)
  if (!needsHeader(name)) {
    return (batch, row) => {
      const range = textRange(batch, row)
      return gate(range) ? readValues({ app: '', procid: '', text: textOfRange(range) }, name) : NONE
    }
  }
  const speaks = headerGate(name)
  return (batch, row) => {
    const range = textRange(batch, row)
    const app = spanRange(batch, row, 'app')
    if (!speaks(app) && !gate(range)) return NONE
    return readValues({ app: textOfRange(app), procid: textOfRange(spanRange(batch, row, 'proc')), text: textOfRange(range) }, name)
  }
}

const NONE: readonly string[] = []

/** Rows without the bytes of a plain name are not read at all. Where JSON spells one with `\u…` it is therefore not found. */
function gateOf(name: string): (range: ByteRange) => boolean {
  const pattern = /["\\/]/.test(name) ? undefined : asciiPattern(asciiLower(name))
  return pattern === undefined ? () => true : (range) => containsBytes(range, pattern)
}

const BAR = Buffer.from('|')

/** A number in a path is a place in a list and does not stand in the text, nor do the names of what has a place and no name. */
function bodyGate(name: string): (range: ByteRange) => boolean {
  const gate = gateOf(name.split('.').findLast((part) => !/^\d+$/.test(part)) ?? '')
  return /^(?:cef|leef)\./.test(name) ? (range) => containsBytes(range, BAR) || gate(range) : gate
}

/** What the APP-NAMEs begin with that have such fields. */
function headerGate(name: string): (app: ByteRange) => boolean {
  const beginnings = (name.startsWith('cisco.') ? ['%'] : name.startsWith('hps.') ? ['hps'] : ['d']).map((beginning) => Buffer.from(beginning))
  return (app) => beginnings.some((beginning) => app.end - app.start >= beginning.length && startsWithBytes(app.bytes, app.start, beginning))
}

export function compileParam(query: ParamQuery): (batch: Batch, row: number) => boolean {
  const read = compileParamReader(query)
  const fits = valueTest(query)
  const gate = valueGate(query)
  return (batch, row) => gate(query.place === 'sd' ? structuredData(batch, row) : textRange(batch, row)) && read(batch, row).some(fits)
}

const BACKSLASH = Buffer.from('\\')

/** A plain word that is looked for stands in the row as it is, unless something there is escaped. Numbers have many spellings. */
function valueGate({ comparison, value, place, name }: ParamQuery): (range: ByteRange) => boolean {
  if (place === 'body' && needsHeader(name)) return () => true
  if (comparison !== '=' || !/^[A-Za-z_][\w.@:-]*$/.test(value)) return () => true
  const pattern = Buffer.from(asciiLower(value))
  return (range) => containsBytes(range, pattern) || containsBytes(range, BACKSLASH)
}

function valueTest({ comparison, value, open }: ParamQuery): (is: string) => boolean {
  const wanted = asciiLower(value)
  if (open === 'end') return (is) => asciiLower(is).startsWith(wanted)
  const number = Number(value)
  const isEqual = (is: string): boolean => asciiLower(is) === wanted
  if (!isNumber(value)) return comparison === '=' ? isEqual : () => false
  switch (comparison) {
    case '=':
      return (is) => (isNumber(is) ? Number(is) === number : isEqual(is))
    case '<':
      return (is) => isNumber(is) && Number(is) < number
    case '<=':
      return (is) => isNumber(is) && Number(is) <= number
    case '>':
      return (is) => isNumber(is) && Number(is) > number
    case '>=':
      return (is) => isNumber(is) && Number(is) >= number
  }
}

export const textRange = (batch: Batch, row: number): ByteRange => spanRange(batch, row, 'text')
const structuredData = (batch: Batch, row: number): ByteRange => spanRange(batch, row, 'sd')

const SPANS = { app: ['appOff', 'appLen'], proc: ['procOff', 'procLen'], sd: ['sdOff', 'sdLen'], text: ['textOff', 'textLen'] } as const

function spanRange(batch: Batch, row: number, field: keyof typeof SPANS): ByteRange {
  const [offset, length] = SPANS[field]
  const start = batch.frameStart[row] + batch[offset][row]
  return { bytes: batch.bytes, start, end: start + batch[length][row] }
}
