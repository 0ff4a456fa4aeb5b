import { fc, test } from '@fast-check/vitest'
import { expect } from 'vitest'
import { ByteReader } from '../../src/store/log/seal/byte-stream.ts'
import { createColumnSink, openNumberColumn, openTokenColumn, writeNumberColumn, writeTokenColumn, type ColumnSource, type TokenColumn } from '../../src/store/log/seal/columns/index.ts'

const sink = createColumnSink()
const written = (write: () => void): ColumnSource => {
  sink.soft.clear()
  sink.dense.clear()
  write()
  return { soft: new ByteReader(Buffer.from(sink.soft.bytes())), dense: new ByteReader(Buffer.from(sink.dense.bytes())) }
}
const isAtEnd = ({ soft, dense }: ColumnSource): boolean => soft.position === soft.bytes.length && dense.position === dense.bytes.length
const bits = (values: Float64Array): number[] => [...new Uint32Array(values.buffer, values.byteOffset, values.length * 2)]

/** Shapes that every codec is made for, and mixtures: `[kind, length, seed, size]` becomes an array. */
const shaped = fc
  .record({ count: fc.oneof(fc.integer({ min: 0, max: 40 }), fc.integer({ min: 40, max: 3000 })), bits: fc.integer({ min: 0, max: 52 }), base: fc.constantFrom(0, 1, -1, 127, 128, -70_000, 2 ** 31, 1.7e12, 1.7e15, -(2 ** 52)), seed: fc.nat(), shape: fc.constantFrom('random', 'few', 'rising', 'runs', 'skewed', 'jumping') })
  .map(({ count, bits: width, base, seed, shape }) => {
    let state = seed | 1
    const chance = (): number => (state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0) / 2 ** 32
    const span = 2 ** width
    const few = Array.from({ length: 9 }, () => Math.floor(chance() * span))
    let now = 0
    return Float64Array.from({ length: count }, (_, i) => {
      if (shape === 'few') return base + few[Math.floor(chance() * 9)]
      if (shape === 'rising') return base + (now = (now + Math.floor(chance() * 50)) % span)
      if (shape === 'runs') return base + (chance() < 0.02 ? (now = Math.floor(chance() * span)) : now)
      if (shape === 'skewed') return base + Math.floor(chance() ** 12 * span)
      if (shape === 'jumping') return base + (i % 500 === 0 ? (now = Math.floor(chance() * span)) : Math.min(span, ++now))
      return base + Math.floor(chance() * span)
    })
  })
const odd = fc.array(fc.oneof(fc.integer(), fc.double(), fc.constantFrom(Number.NaN, 0, -0, -1, 1.5, 1e300, 2 ** 53, -(2 ** 53), 2 ** 53 - 1, Infinity, 1_700_000_000_000.123)), { maxLength: 300 }).map((values) => Float64Array.from(values))

test.prop([fc.oneof(shaped, odd)], { numRuns: 400 })('numbers of any shape come back bit for bit, one by one and all at once', (values) => {
  const source = written(() => writeNumberColumn(sink, values, values.length))
  const column = openNumberColumn(source, values.length)
  const back = new Float64Array(values.length)
  column.into(back)
  expect(bits(back)).toEqual(bits(values))
  expect(bits(Float64Array.from(values, (_, i) => column.at(i)))).toEqual(bits(values))
  expect(isAtEnd(source)).toBe(true)
  for (const value of values) expect(column.mayHold(value)).toBe(true)
  column.unpack()
  expect(bits(Float64Array.from(values, (_, i) => column.at(i)))).toEqual(bits(values))
  for (const value of values) expect(column.mayHold(value)).toBe(true)
})

test('what lies just above 2^53 is not held to be impossible', () => {
  const values = Float64Array.of(2 ** 53, 2 ** 53 - 1)
  const column = openNumberColumn(written(() => writeNumberColumn(sink, values, values.length)), values.length)
  expect([...values].map((value) => column.mayHold(value))).toEqual([true, true])
})

test.prop([fc.constantFrom(Uint8Array, Uint16Array, Uint32Array, Int32Array), shaped])('integers of any array come back into one of their kind', (Kind, numbers) => {
  const values = Kind.from(numbers)
  const column = openNumberColumn(written(() => writeNumberColumn(sink, values, values.length)), values.length)
  if (!(values instanceof Int32Array)) {
    const back = new Kind(values.length) as Uint32Array
    column.into(back)
    expect(back).toEqual(values)
  }
  expect([...values].map((_, i) => column.at(i))).toEqual([...values])
})

test.prop([fc.array(shaped, { minLength: 2, maxLength: 8 })], { numRuns: 50 })('columns behind each other do not touch', (columns) => {
  const source = written(() => {
    for (const values of columns) writeNumberColumn(sink, values, values.length)
  })
  const opened = columns.map((values) => openNumberColumn(source, values.length))
  for (const [i, values] of columns.entries()) expect(Float64Array.from(values, (_, row) => opened[i].at(row))).toEqual(values)
  expect(isAtEnd(source)).toBe(true)
})

const digits = (alphabet: string, range: { minLength: number; maxLength: number }): fc.Arbitrary<string> => fc.string({ unit: fc.constantFrom(...alphabet.split('')), ...range })
const token = fc.oneof(fc.nat().map(String), digits('0123456789', { minLength: 0, maxLength: 20 }), digits('0123456789abcdef', { minLength: 1, maxLength: 40 }), fc.uint8Array({ maxLength: 12 }).map((bytes) => Buffer.from(bytes).toString('latin1')))
const tokens = fc.oneof(
  fc.array(token, { maxLength: 200 }),
  fc.array(fc.nat(), { maxLength: 300 }).map((values) => values.map(String)),
  fc.array(fc.nat({ max: 59 }), { maxLength: 300 }).map((values) => values.map((value) => String(value).padStart(2, '0'))),
  fc.array(fc.constantFrom('eth0', 'eth1', 'ETH1', 'sda1', 'nvme0n1', ''), { maxLength: 300 }),
  fc.tuple(fc.constantFrom('a', 'user', '0x', '', 'f0'), fc.array(fc.nat(), { maxLength: 300 }), fc.constantFrom('', 'ms', '0k')).map(([prefix, values, suffix]) => values.map((value) => `${prefix}${value}${suffix}`)),
  fc.tuple(fc.integer({ min: 1, max: 64 }), fc.constantFrom('0123456789abcdef', '0123456789ABCDEF', '0123456789')).chain(([length, alphabet]) => fc.array(digits(alphabet, { minLength: length, maxLength: length }), { maxLength: 100 })),
)

function roundTrip(texts: readonly string[], from: number): { column: TokenColumn; source: ColumnSource } {
  const parts = texts.map((text) => Buffer.from(text, 'latin1'))
  const lengths = Uint16Array.from(parts, ({ length }) => length)
  let end = 3
  const starts = Uint32Array.from(lengths, (length) => (end += length) - length)
  const source = written(() => writeTokenColumn(sink, { bytes: Buffer.concat([Buffer.from('xyz'), ...parts]), starts, lengths, from, count: texts.length - from }))
  return { column: openTokenColumn(source, texts.length - from), source }
}

test.prop([tokens, fc.nat({ max: 3 })], { numRuns: 600 })('byte strings of any kind come back, each by itself', (texts, skipped) => {
  const from = Math.min(skipped, texts.length)
  const { column, source } = roundTrip(texts, from)
  const into = Buffer.alloc(200)
  for (const [i, text] of texts.slice(from).entries()) {
    const end = column.write(i, into, 5)
    expect(into.toString('latin1', 5, end)).toBe(text)
    expect(column.lengthAt(i)).toBe(text.length)
    expect(column.mayHold(Buffer.from(text.replaceAll(/[A-Z]/g, (letter) => letter.toLowerCase()), 'latin1'))).toBe(true)
  }
  expect(isAtEnd(source)).toBe(true)
})
