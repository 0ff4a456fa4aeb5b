import { decodeText } from '#base/bytes.ts'
import { printable } from '#base/text.ts'
import { formatUtc } from '#base/time.ts'
import { seqOf } from '#domain/batch.ts'
import { FACILITIES, SEVERITIES } from '#domain/severity.ts'
import { asWord, wordOf, type LineForm, type LineNames } from './form.ts'
import { put, putByte, reserve, type LineBuffer } from './line-buffer.ts'

/** `kern.info` for each priority; one outside the catalogue reads as its first words, as everywhere. */
const PRIORITIES = Array.from({ length: 256 }, (_, pri) => `${FACILITIES[pri >> 3] ?? FACILITIES[0]}.${SEVERITIES[pri & 7]!}`)
const NEWLINE = 0x0a

/** `2026-11-22T13:21:39.123Z tch-001 a1b2c3 #12345 kern.info kernel: text`: always UTF-8, without control characters but the tab. */
export function createTextForm(names: LineNames): LineForm {
  let stampMs = Number.NaN
  let stamp = ''
  return (out, batch, row) => {
    const receivedMs = batch.receivedMs[row]!
    if (receivedMs !== stampMs) [stampMs, stamp] = [receivedMs, formatUtc(receivedMs)]
    const frame = batch.frameStart[row]!
    const bytesOf = (offset: number, length: number): Uint8Array => batch.bytes.subarray(frame + offset, frame + offset + length)
    put(out, `${stamp} ${wordOf(batch.node[row]!, names.node)} ${wordOf(batch.session[row]!, names.session)} #${seqOf(batch, row)} ${PRIORITIES[batch.pri[row]!]!} `)
    putText(out, bytesOf(batch.appOff[row]!, batch.appLen[row]!), 'word')
    if (batch.procLen[row]! > 0) {
      put(out, '[')
      putText(out, bytesOf(batch.procOff[row]!, batch.procLen[row]!), 'word')
      put(out, ']')
    }
    put(out, ': ')
    putText(out, bytesOf(batch.textOff[row]!, batch.textLen[row]!), 'text')
    putByte(out, NEWLINE)
  }
}

/** Plain bytes as they are; anything else is read as text and made visible. */
function putText(out: LineBuffer, bytes: Uint8Array, as: 'word' | 'text'): void {
  const lowest = as === 'word' ? 0x21 : 0x20
  let at = 0
  while (at < bytes.length && bytes[at]! >= lowest && bytes[at]! < 0x7f) at++
  if (at === bytes.length && at > 0) {
    reserve(out, at)
    out.bytes.set(bytes, out.length)
    out.length += at
  } else if (as === 'word') put(out, asWord(decodeText(bytes).text))
  else if (bytes.length > 0) put(out, printable(decodeText(bytes).text))
}
