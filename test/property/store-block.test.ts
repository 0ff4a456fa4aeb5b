import { fc, test } from '@fast-check/vitest'
import { expect } from 'vitest'
import { createBatch, type Batch } from '#domain/batch.ts'
import { ByteReader, ByteWriter } from '../../src/store/log/seal/byte-stream.ts'
import { encodeBlock } from '../../src/store/log/seal/block.ts'
import { groupRows } from '../../src/store/log/seal/groups.ts'
import { readNumbers, readNumbersInto, writeNumbers } from '../../src/store/log/seal/number-codec.ts'
import { hasAnyId, presenceOf } from '../../src/store/log/seal/presence.ts'
import { decodeBlock } from '../../src/store/log/seal/sealed-batch.ts'
import { readTimes, writeTimes } from '../../src/store/log/seal/time-codec.ts'
import { findDifference } from '../../src/store/log/seal/verify.ts'
import { STORED_COLUMNS } from '../../src/store/log/segments/format.ts'

const MAX = { f64: 0, u32: 0xffff_ffff, u16: 0xffff, u8: 0xff } as const
const number = fc.oneof(fc.integer(), fc.double(), fc.constantFrom(Number.NaN, 0, -1, 1.5, 1e300, 2 ** 53, Infinity), fc.integer({ min: 0, max: 2 ** 48 }))

test.prop([fc.array(number, { minLength: 1, maxLength: 300 })])('numbers of any kind come back from the codec', (values) => {
  const out = new ByteWriter()
  writeNumbers(out, Float64Array.from(values), values.length)
  expect([...readNumbers(new ByteReader(out.bytes()), values.length)]).toEqual(values.map((value) => (Object.is(value, -0) ? expect.closeTo(0) : value)))
})

test.prop([fc.constantFrom(Uint8Array, Uint16Array, Uint32Array), fc.array(fc.oneof(fc.nat({ max: 3 }), fc.nat({ max: 0xffff_ffff })), { minLength: 1, maxLength: 300 }), fc.infiniteStream(fc.nat())])(
  'numbers come back into the rows that they came from',
  (Column, values, places) => {
    const column = Column.from(values)
    const order = Uint16Array.from(values.map((_, i) => ({ i, key: places.next().value as number })).sort((a, b) => a.key - b.key), ({ i }) => i)
    const out = new ByteWriter()
    writeNumbers(out, Column.from(Array.from(order, (row) => column[row])), column.length)
    const back = new Column(column.length)
    readNumbersInto(new ByteReader(out.bytes()), order, back)
    expect(back).toEqual(column)
  },
)

test.prop([fc.array(fc.oneof(number, fc.integer({ min: 1.7e12, max: 1.8e12 }), fc.integer({ min: 1.7e15, max: 1.8e15 }).map((us) => us / 1000)), { minLength: 1, maxLength: 100 })])('times of any kind, and none, come back', (values) => {
  const out = new ByteWriter()
  writeTimes(out, Float64Array.from(values), values.length)
  const back = readTimes(new ByteReader(out.bytes()), values.length)
  for (const [i, value] of values.entries()) expect(back[i] === value || (Number.isNaN(back[i]) && Number.isNaN(value))).toBe(true)
})

/** Rows whose every column is any value of its type, and frames that overlap, repeat and lie in any order. */
const batch: fc.Arbitrary<Batch> = fc
  .record({ rows: fc.integer({ min: 1, max: 40 }), bytes: fc.uint8Array({ minLength: 300, maxLength: 600 }), values: fc.infiniteStream(fc.tuple(fc.boolean(), fc.nat({ max: 0xffff_ffff }), number)), isWild: fc.boolean() })
  .map(({ rows, bytes, values, isWild }) => {
    const made = createBatch(40, 600)
    made.rows = rows
    made.firstSeq = 1000
    made.bytes.set(bytes)
    made.byteCount = bytes.length
    for (const { name, type } of STORED_COLUMNS) {
      for (let row = 0; row < rows; row++) {
        const [small, whole, any] = values.next().value as [boolean, number, number]
        made[name][row] = type === 'f64' ? any : small || !isWild ? whole % 4 : whole % (MAX[type] + 1)
      }
    }
    for (let row = 0; row < rows; row++) {
      made.frameStart[row] %= 200
      made.frameLen[row] %= 100
    }
    return made
  })

test.prop([batch])('a block gives back every column and every byte of its rows, and its sets hold exactly its ids', (before) => {
  const groups = groupRows(before)
  const after = decodeBlock({ rows: before.rows, firstSeq: before.firstSeq }, encodeBlock(before, { groups, level: 1 }))
  expect(findDifference(before, after)).toBeUndefined()
  const { nodes } = presenceOf(before, groups.order)
  const ids = new Set(before.node.subarray(0, before.rows))
  for (const id of ids) expect(hasAnyId(nodes, [id])).toBe(true)
  for (const id of [0, 1, 5, 77, 0xffff_ffff]) expect(hasAnyId(nodes, [id])).toBe(ids.has(id))
})

test.prop([batch, fc.nat()])('the comparison sees a change of any stored value', (before, choice) => {
  const parts = encodeBlock(before, { groups: groupRows(before), level: 1 })
  const after = decodeBlock({ rows: before.rows, firstSeq: before.firstSeq }, parts)
  const columns = STORED_COLUMNS.filter(({ name }) => name !== 'frameStart')
  const { name } = columns[choice % columns.length]
  const row = choice % before.rows
  const old = before[name][row]
  before[name][row] = old === 1 ? 2 : 1
  expect(findDifference(before, after)).toContain(`column ${name} of seq`)
})

test.prop([batch, fc.nat()])('a damaged part is noticed', (before, choice) => {
  const parts = encodeBlock(before, { groups: groupRows(before), level: 1 })
  const name = (['times', 'ids', 'layout', 'frames'] as const)[choice % 4]
  const part = parts[name]
  part[part.length - 1 - (choice % 4)] ^= 0x55 // the checksum's own bytes: any other damage disagrees with them too
  expect(() => findDifference(before, decodeBlock({ rows: before.rows, firstSeq: before.firstSeq }, parts))).toThrow()
})
