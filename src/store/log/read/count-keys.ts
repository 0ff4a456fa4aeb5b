import type { Batch } from '#domain/batch.ts'
import { FORMATS, IDENTITY_METHODS } from '#domain/message.ts'
import type { CountKey } from '../../port.ts'
import { compileParamReader } from './params.ts'
import { MAX_GROUPS, NO_PART, type Tally } from './tally.ts'
import { createValueTable, MAX_VALUE_BYTES } from './value-table.ts'

/** The part (see `Tally`) of one key in a row; no message is decoded for it. */
export type PartReader = (batch: Batch, row: number) => number

/** The reader of key `index` of a count; it lives as long as the count and remembers the values it met. */
export function partReader(key: CountKey, index: number, tally: Tally): PartReader {
  const part = (value: string | number): number => tally.part(index, value)
  if (key.kind === 'time') return steppedReader(key.stepMs, part)
  if (key.kind === 'param') return paramReader(key, part)
  switch (key.field) {
    case 'node':
    case 'session':
    case 'source': {
      const { field } = key
      return remembering((batch, row) => batch[field][row], part)
    }
    case 'severity':
      return remembering((batch, row) => batch.pri[row] & 7, part)
    case 'facility':
      return remembering((batch, row) => batch.pri[row] >> 3, part)
    case 'format':
      return remembering((batch, row) => batch.format[row], (code) => part(FORMATS[code] ?? FORMATS[0]))
    case 'method':
      return remembering((batch, row) => batch.method[row], (code) => part(IDENTITY_METHODS[code] ?? IDENTITY_METHODS[0]))
    case 'template':
      return templateReader(part)
    case 'app':
      return bytesReader('appOff', 'appLen', part)
    case 'host':
      return bytesReader('hostOff', 'hostLen', part)
    case 'procid':
      return bytesReader('procOff', 'procLen', part)
    case 'msgid':
      return bytesReader('msgidOff', 'msgidLen', part)
  }
}

/** Neighbouring rows tend to have the same value: the last one is not looked up again. */
function remembering(read: (batch: Batch, row: number) => number, part: (value: number) => number): PartReader {
  let last: number | undefined
  let lastPart = 0
  return (batch, row) => {
    const value = read(batch, row)
    if (value === last) return lastPart
    last = value
    return (lastPart = part(value))
  }
}

function steppedReader(stepMs: number, part: (value: number) => number): PartReader {
  let startMs = Infinity
  let lastPart = 0
  return (batch, row) => {
    const ms = batch.receivedMs[row]
    if (ms >= startMs && ms < startMs + stepMs) return lastPart
    startMs = Math.floor(ms / stepMs) * stepMs
    return (lastPart = part(startMs))
  }
}

/** The first value of it; the name gates most rows without reading them. */
function paramReader(key: Extract<CountKey, { kind: 'param' }>, part: (value: string) => number): PartReader {
  const read = compileParamReader(key)
  return (batch, row) => part(asciiLower((read(batch, row)[0] ?? '').slice(0, MAX_VALUE_BYTES)))
}

const asciiLower = (text: string): string => text.replace(/[A-Z]+/g, (letters) => letters.toLowerCase())

/** By both halves, so that no string is made for a row. */
function templateReader(part: (value: string) => number): PartReader {
  const known = new Map<number, Map<number, number>>()
  return (batch, row) => {
    const [high, low] = [batch.templateHi[row], batch.templateLo[row]]
    let ofHigh = known.get(high)
    if (ofHigh === undefined) known.set(high, (ofHigh = new Map()))
    let found = ofHigh.get(low)
    if (found === undefined) {
      found = part(templateName(high, low))
      if (found !== NO_PART) ofHigh.set(low, found)
    }
    return found
  }
}

/** 16 hex digits, as `CountGroup` has them. */
export const templateName = (high: number, low: number): string => (high >>> 0).toString(16).padStart(8, '0') + (low >>> 0).toString(16).padStart(8, '0')

type Offset = 'appOff' | 'hostOff' | 'procOff' | 'msgidOff'
type Length = 'appLen' | 'hostLen' | 'procLen' | 'msgidLen'

function bytesReader(offset: Offset, length: Length, part: (value: string) => number): PartReader {
  const table = createValueTable(part, MAX_GROUPS)
  return (batch, row) => table.lookUp(batch.bytes, batch.frameStart[row] + batch[offset][row], batch[length][row])
}
