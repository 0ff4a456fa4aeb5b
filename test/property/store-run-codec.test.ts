import { fc, test } from '@fast-check/vitest'
import { expect } from 'vitest'
import { createBatch, type Batch } from '#domain/batch.ts'
import { createOriginBook } from '../../src/store/log/seal/origins.ts'
import { createBlockReader } from '../../src/store/log/seal/runs/block-reader.ts'
import { createRunEncoder, type Books } from '../../src/store/log/seal/runs/run-encoder.ts'
import { createRunHead } from '../../src/store/log/seal/runs/run-head.ts'
import type { EncodedRun } from '../../src/store/log/seal/runs/run.ts'
import { decodeTallies } from '../../src/store/log/seal/runs/tallies.ts'
import { createRunVerifier } from '../../src/store/log/seal/runs/verify-run.ts'
import { createShapeBook } from '../../src/store/log/seal/shapes/shape-book.ts'
import { STORED_COLUMNS } from '../../src/store/log/segments/format.ts'

const ROWS = 40
const BYTES = 600
const MAX = { f64: 0, u32: 0xffff_ffff, u16: 0xffff, u8: 0xff } as const
const COLUMNS = STORED_COLUMNS.map(({ name }) => name).filter((name) => name !== 'frameStart')
const number = fc.oneof(fc.integer(), fc.double(), fc.constantFrom(Number.NaN, 0, -0, -1, 1.5, 1e300, 2 ** 53, Infinity), fc.integer({ min: 0, max: 2 ** 48 }))

const run = createBatch(ROWS, BYTES)
const encoder = createRunEncoder(run)
const verifier = createRunVerifier()

interface Case { readonly rows: number; readonly bytes: Uint8Array; readonly values: Iterator<readonly [boolean, number, number]>; readonly isWild: boolean }
/** Rows whose every column is any value of its type, and frames that overlap, repeat and lie in any order. */
const anyRun: fc.Arbitrary<Case> = fc.record({
  rows: fc.integer({ min: 1, max: ROWS }),
  bytes: fc.uint8Array({ minLength: BYTES, maxLength: BYTES }),
  values: fc.infiniteStream(fc.tuple(fc.boolean(), fc.nat({ max: 0xffff_ffff }), number)),
  isWild: fc.boolean(),
})

function fill({ rows, bytes, values, isWild }: Case): { readonly books: Books; readonly encoded: EncodedRun } {
  run.rows = rows
  run.firstSeq = 1000
  run.bytes.set(bytes)
  run.byteCount = BYTES
  for (const { name, type } of STORED_COLUMNS) {
    for (let row = 0; row < rows; row++) {
      const [small, whole, any] = values.next().value as [boolean, number, number]
      run[name][row] = type === 'f64' ? any : small || !isWild ? whole % 4 : whole % (MAX[type] + 1)
    }
  }
  for (let row = 0; row < rows; row++) {
    run.frameStart[row]! %= 200
    run.frameLen[row]! %= 100
  }
  const books = { origins: createOriginBook([]), shapes: createShapeBook([]) }
  return { books, encoded: encoder.encode(books, { rows, level: 1 }) }
}

const dictionariesOf = ({ origins, shapes }: Books) => ({ origins: origins.origins, shapes: shapes.shapes })
const frameOf = (batch: Batch, row: number): string => Buffer.from(batch.bytes.subarray(batch.frameStart[row]!, batch.frameStart[row]! + batch.frameLen[row]!)).toString('hex')

test.prop([anyRun])('a run gives back every column and every byte of its rows, and its list of origins is that of its rows', (wanted) => {
  const { books, encoded } = fill(wanted)
  const [head, reader] = [createRunHead(), createBlockReader()]
  head.load(encoded, () => encoded)
  const seen = new Set<number>()
  let from = 0
  for (const [block, blob] of encoded.blocks.entries()) {
    const rows = encoded.blockRows[block]!
    reader.load({ rows, from, blob }, head, dictionariesOf(books))
    const places = Uint16Array.from({ length: rows }, (_, place) => place)
    reader.fillFacts(places, rows)
    reader.fillFrames(places, rows)
    for (let place = 0; place < rows; place++) {
      const row = head.order[from + place]!
      seen.add(row)
      expect(reader.batch.seqs[place]).toBe(run.firstSeq + row)
      for (const name of COLUMNS) expect(reader.batch[name][place], `${name} of row ${row}`).toBe(run[name][row])
      expect(frameOf(reader.batch, place)).toBe(frameOf(run, row))
    }
    from += rows
  }
  expect(seen.size).toBe(run.rows)
  const { numbers, counts } = decodeTallies(encoded.origins)
  const listed = Uint32Array.from([...numbers].flatMap((number, i) => new Array<number>(counts[i]!).fill(books.origins.origins[number]!.node)))
  expect(listed.toSorted()).toEqual(run.node.slice(0, run.rows).sort())
})

test.prop([anyRun, fc.nat()])('the proof sees a change of any stored value, before and after sorting', (wanted, choice) => {
  const { books, encoded } = fill(wanted)
  expect(verifier.findDifference(run, encoded, { dictionaries: dictionariesOf(books) })).toBeUndefined()
  const head = createRunHead()
  head.load(encoded, () => encoded)
  const name = COLUMNS[choice % COLUMNS.length]!
  const row = choice % run.rows
  const place = head.order.indexOf(row)
  const changed = run[name][row] === 1 ? 2 : 1
  run[name][row] = changed
  expect(verifier.findDifference(run, encoded, { dictionaries: dictionariesOf(books) })).toContain(`column ${name} of seq`)
  encoded.sorted[name][place] = changed
  expect(verifier.findDifference(run, encoded, { dictionaries: dictionariesOf(books) })).toMatch(name === 'frameLen' ? / of seq / : new RegExp(`column ${name} of seq ${1000 + row}`))
})

test.prop([anyRun, fc.nat(), fc.integer({ min: 1, max: 255 })])('a changed byte anywhere in a head or a block is noticed', (wanted, choice, change) => {
  const { books, encoded } = fill(wanted)
  const blobs = [encoded.head, ...encoded.blocks]
  const blob = blobs[choice % blobs.length]!
  blob[choice % blob.length]! ^= change
  expect(() => verifier.findDifference(run, encoded, { dictionaries: dictionariesOf(books) })).toThrow(RangeError)
})
