import { HINT, type Batch } from '#domain/batch.ts'
import { FORMATS, type Format } from '#domain/message.ts'
import { SEQUENCE_KINDS, type SequenceKind } from '#domain/sequence.ts'
import { LABEL_SD_ID } from '#domain/wire.ts'

/** The numbers of the kinds of sequences: index of SEQUENCE_KINDS. */
const kindNumber = (kind: SequenceKind): number => SEQUENCE_KINDS.indexOf(kind)
export const KIND = { label: kindNumber('label'), rfc5424: kindNumber('rfc5424'), cisco: kindNumber('cisco'), kernel: kindNumber('kernel') } as const

const format = (name: Format): number => FORMATS.indexOf(name)
const KMSG = format('kmsg')
const CISCO_IOS = format('cisco-ios')
const CISCO_NXOS = format('cisco-nxos')
const CISCO_ASA = format('cisco-asa')

const ZERO = 48
const SPACE = 32
const QUOTE = 34
const OPEN = 91
const BACKSLASH = 92
const CLOSE = 93
/** Whole numbers are exact up to here; nobody counts further. */
const MAX_DIGITS = 15

const asBytes = (word: string): Uint8Array => new TextEncoder().encode(word)
interface Param { readonly element: Uint8Array; readonly name: Uint8Array }
const LABEL: Param = { element: asBytes(`${LABEL_SD_ID} `), name: asBytes('seq="') }
const META: Param = { element: asBytes('meta '), name: asBytes('sequenceId="') }
const PREFIX_NUMBER = asBytes('q=')

/** Reads the number of a row and says of which kind it is: one object for all rows. A label's number goes before that of `meta`, which a relay may have put there. */
export class RowNumber {
  kind = 0
  value = 0
  /** Where the values of the two parameters begin, or -1. */
  #labelAt = -1
  #metaAt = -1

  /** @returns false: the row has no number that can be read */
  read(batch: Batch, row: number): boolean {
    if ((batch.hints[row]! & HINT.sequence) === 0) return false
    const form = batch.format[row]!
    if (form === KMSG) return this.#readProc(batch, row, KIND.kernel)
    if (form === CISCO_IOS || form === CISCO_NXOS || form === CISCO_ASA) return this.#readProc(batch, row, KIND.cisco)
    const sd = batch.frameStart[row]! + batch.sdOff[row]!
    this.#findParams(batch.bytes, sd, sd + batch.sdLen[row]!)
    return this.#readParam(batch.bytes, this.#labelAt, KIND.label) || this.#readPrefix(batch, row) || this.#readParam(batch.bytes, this.#metaAt, KIND.rfc5424)
  }

  #readProc(batch: Batch, row: number, kind: number): boolean {
    const from = batch.frameStart[row]! + batch.procOff[row]!
    const to = from + batch.procLen[row]!
    this.kind = kind
    return this.#take(batch.bytes, from, to) === to
  }

  #readParam(bytes: Uint8Array, at: number, kind: number): boolean {
    if (at < 0) return false
    this.kind = kind
    return bytes[this.#take(bytes, at, bytes.length)] === QUOTE
  }

  #findParams(bytes: Uint8Array, from: number, to: number): void {
    this.#labelAt = -1
    this.#metaAt = -1
    let isQuoted = false
    let param: Param | undefined
    for (let at = from; at < to; at++) {
      const byte = bytes[at]!
      if (byte === QUOTE) isQuoted = !isQuoted
      else if (isQuoted) {
        if (byte === BACKSLASH) at++
      } else if (byte === OPEN) param = startsWith(bytes, at + 1, META.element) ? META : startsWith(bytes, at + 1, LABEL.element) ? LABEL : undefined
      else if (byte === SPACE && param !== undefined && startsWith(bytes, at + 1, param.name)) {
        const valueAt = at + 1 + param.name.length
        if (param === META) this.#metaAt = this.#metaAt < 0 ? valueAt : this.#metaAt
        else {
          this.#labelAt = valueAt
          return
        }
      }
    }
  }

  /** `[s=a1b2c3 q=17 …] ` at the start of the text. */
  #readPrefix(batch: Batch, row: number): boolean {
    const { bytes } = batch
    const from = batch.frameStart[row]! + batch.textOff[row]!
    const to = from + batch.textLen[row]!
    if (from >= to || bytes[from] !== OPEN) return false
    this.kind = KIND.label
    for (let at = from + 1; at < to; at++) {
      if (startsWith(bytes, at, PREFIX_NUMBER)) return isPrefixEnd(bytes[this.#take(bytes, at + PREFIX_NUMBER.length, to)]!)
      while (at < to && bytes[at] !== SPACE && bytes[at] !== CLOSE) at++
      if (bytes[at] === CLOSE) return false
    }
    return false
  }

  /** @returns where the digits end, or -1 where there are none or too many */
  #take(bytes: Uint8Array, from: number, to: number): number {
    let at = from
    let value = 0
    for (; at < to && at - from <= MAX_DIGITS; at++) {
      const digit = bytes[at]! - ZERO
      if (digit < 0 || digit > 9) break
      value = value * 10 + digit
    }
    this.value = value
    return at === from || at - from > MAX_DIGITS ? -1 : at
  }
}

const isPrefixEnd = (byte: number): boolean => byte === SPACE || byte === CLOSE

function startsWith(bytes: Uint8Array, at: number, word: Uint8Array): boolean {
  for (let i = 0; i < word.length; i++) if (bytes[at + i] !== word[i]) return false
  return true
}
