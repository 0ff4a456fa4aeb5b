import fc from 'fast-check'
import { expect, test } from 'vitest'
import { RelpReader } from '../../../../src/ingest/relp/relp-reader.ts'

const MAX_FRAME = 24
const BUDGET = 1 << 20

interface Outcome { readonly frames: readonly string[]; readonly fault: string | undefined; readonly heldBytes: number }

/** Frames as `transaction command length:data`; `refuse` says for each offer whether the sink refuses it. */
function read(chunks: readonly Buffer[], { refuse = () => false, freeBytes = BUDGET }: { readonly refuse?: () => boolean; readonly freeBytes?: number } = {}): Outcome {
  const heldBudget = { freeBytes }
  const reader = new RelpReader({ maxFrameBytes: MAX_FRAME, heldBudget })
  const frames: string[] = []
  const sink = {
    frame({ transaction, command, dataBytes }: { readonly transaction: number; readonly command: string; readonly dataBytes: number }, bytes: Uint8Array, start: number, end: number) {
      if (refuse()) return false
      frames.push(`${transaction} ${command} ${dataBytes}:${Buffer.from(bytes.subarray(start, end)).toString('latin1')}`)
      return true
    },
  }
  for (const chunk of chunks) for (let at = 0; at < chunk.length && reader.fault === undefined; ) at += reader.push(chunk.subarray(at), sink)
  reader.close()
  return { frames, fault: reader.fault, heldBytes: freeBytes - heldBudget.freeBytes }
}

const whole = (text: string) => read([Buffer.from(text, 'latin1')])

test.for([
  { why: 'a message', stream: '2 syslog 5 <13>a\n', frames: ['2 syslog 5:<13>a'] },
  { why: 'no data and no blank before it', stream: '3 close 0\n', frames: ['3 close 0:'] },
  { why: 'no data, a blank all the same', stream: '3 close 0 \n', frames: ['3 close 0:'] },
  { why: 'newlines in the data', stream: '1 syslog 5 a\nb\nc\n2 syslog 1 d\n', frames: ['1 syslog 5:a\nb\nc', '2 syslog 1:d'] },
  { why: 'a command that is not known', stream: '7 starttls 0\n', frames: ['7 other 0:'] },
  { why: 'data beyond the limit is told by its length', stream: `4 syslog 30 ${'x'.repeat(30)}\n5 syslog 1 y\n`, frames: [`4 syslog 30:${'x'.repeat(24)}`, '5 syslog 1:y'] },
])('$why', ({ stream, frames }) => {
  expect(whole(stream)).toEqual({ frames, fault: undefined, heldBytes: 0 })
})

test.for([
  { why: 'plain syslog', stream: '<13>hello\n', fault: 'transaction' },
  { why: 'a transaction of ten digits', stream: '1234567890 syslog 1 a\n', fault: 'transaction' },
  { why: 'no command', stream: '1  1 a\n', fault: 'command' },
  { why: 'a command of 33 letters', stream: `1 ${'a'.repeat(33)} 1 a\n`, fault: 'command' },
  { why: 'no length', stream: '1 syslog a\n', fault: 'length' },
  { why: 'a newline where data is to come', stream: '1 syslog 3\nabc\n', fault: 'length' },
  { why: 'a length that is too small', stream: '1 syslog 1 ab\n', fault: 'trailer' },
])('$why is no RELP', ({ stream, fault }) => {
  expect(whole(stream).fault).toBe(fault)
})

test('a frame that the memory for unfinished frames cannot hold ends the reading', () => {
  expect(read([Buffer.from('1 syslog 20 abc')], { freeBytes: 100 })).toEqual({ frames: [], fault: 'memory', heldBytes: 0 })
})

const frame = fc.oneof(
  fc.tuple(fc.nat({ max: 999_999_999 }), fc.string({ unit: fc.constantFrom('a', '\n', ' ', '1'), maxLength: 40 })).map(([n, data]) => `${n} syslog ${data.length}${data === '' ? '' : ` ${data}`}\n`),
  fc.constantFrom('1 open 0\n', '9 close 0 \n', '12 nothing 3 abc\n'),
  fc.string({ unit: fc.constantFrom('1', ' ', 'a', '\n'), maxLength: 12 }),
)
const stream = fc.array(frame, { maxLength: 8 }).map((parts) => Buffer.from(parts.join(''), 'latin1'))

test('any split of a stream, and any refusals, give the same frames and the same fault', () => {
  fc.assert(
    fc.property(stream, fc.array(fc.nat({ max: 200 }), { maxLength: 20 }), fc.array(fc.boolean(), { minLength: 1 }), (bytes, cuts, refusals) => {
      const edges = [0, ...cuts.map((value) => value % (bytes.length + 1)).toSorted((a, b) => a - b), bytes.length]
      let offers = 0
      const refuse = () => refusals[offers++ % (refusals.length + 1)] ?? false
      expect(read(edges.slice(1).map((edge, i) => bytes.subarray(edges[i], edge)), { refuse })).toEqual(read([bytes]))
    }),
    { numRuns: 3000 },
  )
})
