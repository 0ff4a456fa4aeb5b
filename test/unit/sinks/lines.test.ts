import { expect, test } from 'vitest'
import { createRawForm, createTextForm } from '#sinks/threads.ts'
import { seqOfLine } from '../../../src/sinks/lines/form.ts'
import { createLineBuffer } from '../../../src/sinks/lines/line-buffer.ts'
import { batchOf, type RowSpec } from '../../support/store/batches.ts'

const names = { node: (id: number) => (id === 1 ? 'tch-001' : id === 2 ? 'two words' : undefined), session: (id: number) => (id === 7 ? 'a1b2c3' : undefined) }

function lineOf(spec: RowSpec, form: typeof createTextForm): string {
  const out = createLineBuffer()
  const batch = batchOf([{}, spec])
  batch.firstSeq = 12_344
  form(names)(out, batch, 1)
  return out.bytes.toString('utf8', 0, out.length)
}

const plain: RowSpec = { node: 1, session: 7, pri: 6, app: 'kernel', text: 'text' }

test.for<[about: string, spec: RowSpec, line: string]>([
  ['a plain message', plain, 'tch-001 a1b2c3 #12345 kern.info kernel: text'],
  ['one with a PROCID', { ...plain, procid: '12' }, 'tch-001 a1b2c3 #12345 kern.info kernel[12]: text'],
  ['one about nobody, of no program, without a text', { pri: 13 }, '- - #12345 user.notice -: '],
  ['ids that nobody has a name for', { ...plain, node: 9, session: 8 }, '#9 #8 #12345 kern.info kernel: text'],
  ['a node with a blank in its name', { ...plain, node: 2 }, 'two\\x20words a1b2c3 #12345 kern.info kernel: text'],
  ['newlines and escapes in the text', { ...plain, text: 'a\nb\r\u001b[2J\u0000c' }, 'tch-001 a1b2c3 #12345 kern.info kernel: a\\x0ab\\x0d\\x1b[2J\\x00c'],
  ['what ends a line for others', { ...plain, text: 'a\u2028b\u0085c\u202ed' }, 'tch-001 a1b2c3 #12345 kern.info kernel: a\\u{2028}b\\x85c\\u{202e}d'],
  ['a line of the log in the text', { ...plain, text: 'x\n2026-11-22T12:00:00.000Z n s #9 kern.info k: y' }, 'tch-001 a1b2c3 #12345 kern.info kernel: x\\x0a2026-11-22T12:00:00.000Z n s #9 kern.info k: y'],
  ['text that is UTF-8', { ...plain, text: 'grün\tx' }, 'tch-001 a1b2c3 #12345 kern.info kernel: grün\tx'],
  ['bytes that are not', { ...plain, text: new Uint8Array([0x66, 0xfc, 0x72]) }, 'tch-001 a1b2c3 #12345 kern.info kernel: für'],
  ['an app with a blank', { ...plain, app: 'my app\n' }, 'tch-001 a1b2c3 #12345 kern.info my\\x20app\\x0a: text'],
])('in text, %s is one line', ([, spec, line]) => {
  const written = lineOf(spec, createTextForm)
  expect(written).toBe(`2026-11-22T12:00:00.000Z ${line}\n`)
  expect(seqOfLine(Buffer.from(written.slice(0, -1)))).toBe(12_345)
})

test('in raw, the bytes as received can be had back', () => {
  const text = new Uint8Array([0x61, 0x0a, 0x5c, 0x6e, 0x00, 0xff, 0x0d, 0x62])
  const out = createLineBuffer()
  createRawForm(names)(out, batchOf([{ ...plain, text }]), 0)
  const line = out.bytes.subarray(0, out.length)
  const head = '#0 tch-001 a1b2c3 '
  expect(line.toString('latin1')).toBe(`${head}<6>kernel a\\n\\\\n\\0\u00ff\rb \n`)
  const body = line.subarray(head.length, -1).toString('latin1').replace(/\\([n0\\])/g, (_, letter: string) => ({ n: '\n', 0: '\0', '\\': '\\' })[letter]!)
  expect(Buffer.from(body, 'latin1')).toEqual(Buffer.concat([Buffer.from('<6>kernel '), text, Buffer.from(' ')]))
  expect(seqOfLine(line.subarray(0, -1))).toBe(0)
})

test('the longest message, all of it escaped, is one line', () => {
  const line = lineOf({ ...plain, text: '\u0001'.repeat(65_000) }, createTextForm)
  expect(line.length).toBeGreaterThan(4 * 65_000)
  expect(line.indexOf('\n')).toBe(line.length - 1)
})

test.for(['', 'hello', 'x #5 y', '2026-11-22T12:00:00.000Z a b 12 x', '#12x a b c'])('“%s” is no line of a sink', (line) => expect(seqOfLine(Buffer.from(line))).toBeUndefined())
