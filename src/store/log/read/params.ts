import type { Batch } from '#domain/batch.ts'
import type { ParamName, ParamQuery } from '../../query.ts'
import { isNumber } from '../../query/numbers.ts'
import { asciiLower } from '../ascii-lower.ts'
import { asciiPattern, containsBytes, textOfRange, type ByteRange } from './byte-search.ts'
import { readJsonField } from './params-json.ts'
import { readLogfmtField } from './params-logfmt.ts'
import { readSdValues } from './params-sd.ts'

/**
 * The value of a parameter of the structured data, or of a field of a JSON or logfmt text; the first where there are several.
 * Numbers, `true`, `false` and `null` of a JSON text are as JSON writes them; objects and lists are compact JSON.
 */
export const readParam = (batch: Batch, row: number, name: ParamName): string | undefined => compileParamReader(name)(batch, row)[0]

/** Reads all values of one parameter. Make it once and use it for many rows. */
export function compileParamReader(param: ParamName): (batch: Batch, row: number) => readonly string[] {
  const { name, sdId } = param
  // a number in a path is a place in a list and does not stand in the text
  const gate = gateOf(param.place === 'sd' ? name : name.split('.').findLast((part) => !/^\d+$/.test(part)) ?? '')
  if (param.place === 'sd') {
    return (batch, row) => {
      const range = structuredData(batch, row)
      return gate(range) ? readSdValues(textOfRange(range), { name, sdId }) : NONE
    }
  }
  const path = name.split('.')
  return (batch, row) => {
    const range = textRange(batch, row)
    if (!gate(range)) return NONE
    const text = textOfRange(range)
    const value = readJsonField(text, path) ?? readLogfmtField(text, name)
    return value === undefined ? NONE : [value]
  }
}

const NONE: readonly string[] = []

/** Rows without the bytes of a plain name are not read at all. Where JSON spells one with `\u…` it is therefore not found. */
function gateOf(name: string): (range: ByteRange) => boolean {
  const pattern = /["\\/]/.test(name) ? undefined : asciiPattern(asciiLower(name))
  return pattern === undefined ? () => true : (range) => containsBytes(range, pattern)
}

export function compileParam(query: ParamQuery): (batch: Batch, row: number) => boolean {
  const read = compileParamReader(query)
  const fits = valueTest(query)
  const gate = valueGate(query)
  return (batch, row) => gate(query.place === 'sd' ? structuredData(batch, row) : textRange(batch, row)) && read(batch, row).some(fits)
}

const BACKSLASH = Buffer.from('\\')

/** A plain word that is looked for stands in the row as it is, unless something there is escaped. Numbers have many spellings. */
function valueGate({ comparison, value }: ParamQuery): (range: ByteRange) => boolean {
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

export function textRange(batch: Batch, row: number): ByteRange {
  const start = batch.frameStart[row] + batch.textOff[row]
  return { bytes: batch.bytes, start, end: start + batch.textLen[row] }
}

function structuredData(batch: Batch, row: number): ByteRange {
  const start = batch.frameStart[row] + batch.sdOff[row]
  return { bytes: batch.bytes, start, end: start + batch.sdLen[row] }
}
