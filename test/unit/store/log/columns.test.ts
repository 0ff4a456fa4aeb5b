import { describe, expect, test } from 'vitest'
import { ByteReader, ByteWriter } from '../../../../src/store/log/seal/byte-stream.ts'
import { createColumnSink, openNumberColumn, openTokenColumn, writeNumberColumn, writeTokenColumn, type ColumnSource, type TokenColumn } from '../../../../src/store/log/seal/columns/index.ts'

const ROWS = 4096
function written(write: (sink: ReturnType<typeof createColumnSink>) => void): ColumnSource & { readonly softBytes: number; readonly denseBytes: number } {
  const sink = createColumnSink()
  write(sink)
  const [soft, dense] = [sink.soft.bytes(), sink.dense.bytes()]
  return { soft: new ByteReader(soft), dense: new ByteReader(dense), softBytes: soft.length, denseBytes: dense.length }
}
const numbers = (values: readonly number[]): ReturnType<typeof written> => written((sink) => writeNumberColumn(sink, Float64Array.from(values), values.length))
function tokens(texts: readonly string[]): ReturnType<typeof written> & { column: TokenColumn } {
  const lengths = Uint16Array.from(texts, ({ length }) => length)
  let end = 0
  const starts = Uint32Array.from(lengths, (length) => (end += length) - length)
  const source = written((sink) => writeTokenColumn(sink, { bytes: Buffer.from(texts.join(''), 'latin1'), starts, lengths, from: 0, count: texts.length }))
  return { ...source, column: openTokenColumn(source, texts.length) }
}
/** Even numbers without a pattern, the same in every run. */
function noise(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b_79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}
const rows = <T>(next: (i: number) => T): T[] => Array.from({ length: ROWS }, (_, i) => next(i))

describe('a column of numbers', () => {
  test.each([
    { name: 'of one small value takes two bytes', values: [7], most: 2 },
    { name: 'of one value in many rows takes no more', values: rows(() => 100), most: 2 },
    { name: 'of −1 takes two bytes', values: rows(() => -1), most: 2 },
    { name: 'of no rows takes none', values: [], most: 0 },
    { name: 'of eight flags takes a tag, a base and a byte', values: [1, 0, 0, 1, 1, 1, 0, 1], most: 3 },
    { name: 'that rises evenly takes a few bytes', values: rows((i) => 1.7e12 + 1000 * i), most: 12 },
  ])('$name', ({ values, most }) => {
    const { softBytes, denseBytes } = numbers(values)
    expect(softBytes + denseBytes).toBeLessThanOrEqual(most)
  })

  const chance = noise(1)
  let clock = 1.7e12
  let run = 0
  test.each([
    { name: 'even numbers of 12 bits: packed', values: rows(() => Math.floor(chance() * 4096)), dense: 12, soft: 0.1 },
    { name: 'even numbers of 40 bits: packed', values: rows(() => Math.floor(chance() * 2 ** 20) * 2 ** 20 + Math.floor(chance() * 2 ** 20)), dense: 40, soft: 0.1 },
    { name: 'a clock of uneven steps: differences', values: rows(() => (clock += Math.floor(chance() * 60))), dense: 6, soft: 0.1 },
    { name: 'long runs: runs', values: rows(() => (chance() < 0.01 ? (run = Math.floor(chance() * 60_000)) : run)), dense: 0.5, soft: 0.5 },
    { name: 'three far values, evenly: an index', values: rows(() => [5, 70_000, 2 ** 40][Math.floor(chance() * 3)]!), dense: 2, soft: 0.1 },
    { name: 'a random low byte under a steady high one: one plane each', values: rows(() => 256 * Math.floor(3 * chance() ** 16) + Math.floor(chance() * 256)), dense: 8, soft: 8.1 },
  ])('$name', ({ values, dense, soft }) => {
    const { denseBytes, softBytes, ...source } = numbers(values)
    expect((denseBytes * 8) / ROWS).toBeLessThanOrEqual(dense + 0.05)
    expect((softBytes * 8) / ROWS).toBeLessThanOrEqual(soft)
    expect([...openNumberColumn(source, ROWS).all()]).toEqual(values)
  })

  test('says which values it cannot hold', () => {
    const column = openNumberColumn(numbers([100, 103, 101, 102]), 4)
    expect([99, 100, 103, 9999].map((value) => column.mayHold(value))).toEqual([false, true, true, false])
  })

  test('milliseconds with microseconds are packed, not raw doubles', () => {
    const { softBytes, denseBytes, ...source } = numbers(rows((i) => 1_700_000_000_000 + i + 0.125))
    expect(softBytes + denseBytes).toBeLessThan(30)
    expect(openNumberColumn(source, ROWS).at(77)).toBe(1_700_000_000_077.125)
  })
})

describe('a column of tokens', () => {
  const chance = noise(2)
  const hex = (digits: number): string => Array.from({ length: digits }, () => Math.floor(chance() * 16).toString(16)).join('')
  test.each([
    { name: 'decimal numbers', next: () => String(1000 + Math.floor(chance() * 1000)), bits: 10 },
    { name: 'two digits of a clock', next: () => String(Math.floor(chance() * 60)).padStart(2, '0'), bits: 6 },
    { name: 'short hex numbers', next: () => hex(6), bits: 24 },
    { name: 'kernel addresses', next: () => `ffffffff8${hex(7)}`, bits: 28 },
    { name: 'long hashes', next: () => hex(40), bits: 160 },
    { name: 'upper-case hashes', next: () => hex(20).toUpperCase(), bits: 80 },
    { name: 'numbered users', next: () => `user${1000 + Math.floor(chance() * 1000)}`, bits: 10 },
    { name: 'numbers with a unit', next: () => `${1000 + Math.floor(chance() * 1000)}ms`, bits: 10 },
    { name: 'two names, evenly', next: () => (chance() < 0.5 ? 'nvme0n1' : 'sda1'), bits: 1 },
  ])('$name take the bits that they are worth', ({ next, bits }) => {
    const texts = rows(next)
    const { column, softBytes, denseBytes } = tokens(texts)
    expect(((softBytes + denseBytes) * 8) / ROWS).toBeLessThan(bits + 0.1)
    const into = Buffer.alloc(64)
    expect(rows((i) => into.toString('latin1', 0, column.write(i, into, 0)))).toEqual(texts)
    column.unpack()
    expect(rows((i) => into.toString('latin1', 3, column.write(i, into, 3)))).toEqual(texts)
  })

  test.each([
    { name: 'a number column no letters', texts: ['100', '140'], may: ['100', '120'], mayNot: ['x', '99', '0100', '', '1'.repeat(400)] },
    { name: 'padded digits no unpadded ones', texts: ['00', '07', '59'], may: ['07'], mayNot: ['7', '007', 'ab'] },
    { name: 'a hex column no other letters or lengths', texts: ['00c0ffee', '12345678'], may: ['00c0ffee'], mayNot: ['xyzxyzxy', 'c0ffee', 'f'.repeat(400)] },
    { name: 'a dictionary what is not in it', texts: ['eth0', 'ETH1', 'eth0', 'eth0', 'eth0', 'eth0', 'ETH1', 'eth0', 'eth0', 'eth0', 'eth0', 'eth0', 'eth0', 'eth0', 'eth0', 'eth0'], may: ['eth0', 'eth1'], mayNot: ['eth2', 'eth', 'eth00'] },
    { name: 'numbers with a unit no other unit', texts: ['10ms', '20ms', '31MS'.toLowerCase()], may: ['10ms'], mayNot: ['10', '10s', 'ms', '99ms'] },
  ])('knows what it cannot hold: $name', ({ texts, may, mayNot }) => {
    const { column } = tokens(texts)
    expect(may.filter((text) => !column.mayHold(Buffer.from(text)))).toEqual([])
    expect(mayNot.filter((text) => column.mayHold(Buffer.from(text)))).toEqual([])
  })

  test('random bytes are stored as they are', () => {
    const { denseBytes } = tokens(rows(() => String.fromCharCode(...Array.from({ length: 9 }, () => Math.floor(chance() * 256)))))
    expect(denseBytes).toBeGreaterThanOrEqual(ROWS * 9)
  })
})

describe('damaged bytes are refused', () => {
  const source = (...soft: number[]): ColumnSource => ({ soft: new ByteReader(Buffer.from(soft)), dense: new ByteReader(Buffer.alloc(0)) })
  test.each([
    { name: 'a codec that there is not', open: () => openNumberColumn(source(100, 0), 4) },
    { name: 'packed numbers that are not there', open: () => openNumberColumn(source(12, 0), 4) },
    { name: 'more entries than rows', open: () => openNumberColumn(source(64, 200, 1), 4) },
    { name: 'columns in columns without an end', open: () => openNumberColumn(source(...Array.from({ length: 40 }, () => 69)), 4) },
    { name: 'a length of nine bytes', open: () => openNumberColumn(source(0, 255, 255, 255, 255, 255, 255, 255, 255, 1), 4) },
    { name: 'a token codec that there is not', open: () => openTokenColumn(source(7), 4) },
    { name: 'an entry longer than the bytes', open: () => openTokenColumn(source(3, 1, 0, 100), 4) },
  ])('$name', ({ open }) => {
    expect(open).toThrow(RangeError)
  })
})

test('numbers of any length come back from a byte stream, which grows as needed', () => {
  const values = [0, 1, 127, 128, 16_383, 16_384, 2 ** 31, 2 ** 32, 2 ** 53]
  const out = new ByteWriter(1)
  for (const value of values) out.varint(value)
  const from = new ByteReader(out.bytes())
  expect(values.map(() => from.varint())).toEqual(values)
  expect(() => from.varint()).toThrow(RangeError)
})
