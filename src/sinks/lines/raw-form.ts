import { seqOf } from '#domain/batch.ts'
import { rawLength } from '#domain/raw-length.ts'
import { wordOf, type LineForm, type LineNames } from './form.ts'
import { put, putByte, reserve } from './line-buffer.ts'

const NEWLINE = 0x0a
const BACKSLASH = 0x5c
/** What a byte becomes; all others stay. NUL too, so that a hole which a power cut left in a file is known as one. */
const ESCAPED: readonly (readonly [byte: number, letter: number])[] = [[NEWLINE, 0x6e], [BACKSLASH, BACKSLASH], [0, 0x30]]

/** `#12345 tch-001 a1b2c3 <6>…`: the bytes as they were received, with `\\`, `\n` and `\0` for a backslash, a newline and NUL. */
export function createRawForm(names: LineNames): LineForm {
  return (out, batch, row) => {
    put(out, `#${seqOf(batch, row)} ${wordOf(batch.node[row]!, names.node)} ${wordOf(batch.session[row]!, names.session)} `)
    const start = batch.frameStart[row]!
    const end = start + rawLength(batch, row)
    reserve(out, 2 * (end - start))
    const { bytes } = out
    let { length } = out
    for (let at = start; at < end; at++) {
      const byte = batch.bytes[at]!
      if (byte !== NEWLINE && byte !== BACKSLASH && byte !== 0) bytes[length++] = byte
      else {
        bytes[length++] = BACKSLASH
        bytes[length++] = ESCAPED.find(([from]) => from === byte)![1]
      }
    }
    out.length = length
    putByte(out, NEWLINE)
  }
}
