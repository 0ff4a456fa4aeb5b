import { expect, test } from 'vitest'
import { createBatch, type Batch } from '../../../../src/domain/batch.ts'
import { createInterner } from '../../../../src/ingest/interner.ts'
import { createParser } from '../../../../src/ingest/parse/parser.ts'
import { createOriginBook } from '../../../../src/store/log/seal/origins.ts'
import { RUN_BATCH } from '../../../../src/store/log/seal/runs/gather-runs.ts'
import { createRunEncoder } from '../../../../src/store/log/seal/runs/run-encoder.ts'
import { createRunVerifier } from '../../../../src/store/log/seal/runs/verify-run.ts'
import { createShapeBook } from '../../../../src/store/log/seal/shapes/shape-book.ts'
import { STORED_COLUMNS } from '../../../../src/store/log/segments/format.ts'

const START_MS = Date.UTC(2026, 10, 22, 12)
const iso = (i: number): string => new Date(START_MS + i * 7).toISOString()
/** Shapes with and without variables, a label in the host, a time finer than milliseconds, rows without a shape. */
const FRAMES: readonly ((i: number) => string)[] = [
  (i) => `<${30 + (i % 7)}>1 ${iso(i)} tch-${i % 5} sshd ${100 + (i % 9)} - - Accepted publickey from 10.99.1.${i % 255} port ${30_000 + i}`,
  (i) => `<13>Nov 22 12:00:0${i % 10} tch-${i % 5} app[77]: request ${(i * 7919).toString(16)} of fe:${i % 10}a`,
  (i) => `<6>tch-00${i % 5}.s-a1b2c3 ipxe: http://10.0.0.${i % 9}/boot... ok`,
  (i) => `<14>1 2026-11-22T12:00:00.${String(100_000 + i)}Z h${i % 3} zed - - - eid=${i} class=x`,
  (i) => `${'word'.repeat((i % 3) + 1)}${String.fromCharCode(97 + (i % 26))} and nothing else ${i % 2 === 0 ? 'now' : 'then'} ${String.fromCharCode(98 + (i % 24)).repeat((i % 40) + 1)}`,
]

function filled(run: Batch, rows: number): void {
  const parser = createParser(createInterner({ capacity: 64, maxKeyBytes: 64, arenaBytes: 4096 }))
  run.rows = 0
  run.byteCount = 0
  run.firstSeq = 1000
  for (let row = 0; row < rows; row++) {
    const line = Buffer.from(FRAMES[row % FRAMES.length]!(row))
    run.bytes.set(line, run.byteCount)
    run.receivedMs[row] = START_MS + row * 3
    parser.parse(run, { row, start: run.byteCount, length: line.length, receivedMs: run.receivedMs[row]!, faults: 0, form: 'syslog' })
    run.frameStart[row] = run.byteCount
    run.frameLen[row] = line.length
    run.source[row] = 1 + (row % 2)
    run.node[row] = row % 5
    run.session[row] = row % 4
    run.method[row] = row % 3
    run.confidence[row] = 70
    run.rows++
    run.byteCount += line.length + 1
  }
}

const run = createBatch(RUN_BATCH.rows, RUN_BATCH.bytes)
const ROWS = 6000
const books = { origins: createOriginBook([]), shapes: createShapeBook([]) }
const encoder = createRunEncoder(run)
const verifier = createRunVerifier()
const encode = (): ReturnType<typeof encoder.encode> => {
  filled(run, ROWS)
  return encoder.encode(books, { rows: ROWS, level: 1 })
}
const difference = (encoded: ReturnType<typeof encode>): string | undefined => verifier.findDifference(run, encoded, { dictionaries: { origins: books.origins.origins, shapes: books.shapes.shapes } })

test('a run gives everything back: rows with a shape and rows without', () => {
  const encoded = encode()
  expect(encoded.blocks).toHaveLength(2)
  expect(books.shapes.shapes.length).toBeGreaterThan(3)
  expect(difference(encoded)).toBeUndefined()
})

const NAMES = STORED_COLUMNS.map(({ name }) => name).filter((name) => name !== 'frameStart')
const change = (batch: Batch, row: number, name: (typeof NAMES)[number]): void => {
  batch[name][row] = batch[name][row]! === 1 ? 2 : 1
}

test.each(NAMES)('column %s: another value in the run than in what is encoded is found', (name) => {
  const encoded = encode()
  for (const row of [0, 1, 2, 3, 4, ROWS - 1]) {
    const before = run[name][row]!
    change(run, row, name)
    expect(difference(encoded), `row ${row}`).toContain(`seq ${1000 + row}`)
    run[name][row] = before
  }
  expect(difference(encoded)).toBeUndefined()
})

/** Place of a row of the run in the sorted copy. */
const placeOf = (sorted: Batch, row: number): number => {
  const place = sorted.receivedMs.subarray(0, ROWS).indexOf(run.receivedMs[row]!)
  expect(place).toBeGreaterThanOrEqual(0)
  return place
}

test.each(NAMES)('column %s: blocks that give back another value than run and sorted copy have are found', (name) => {
  const encoded = encode()
  for (const row of [0, 1, 2, 3, 4, ROWS - 1]) {
    const place = placeOf(encoded.sorted, row)
    const before = run[name][row]!
    change(run, row, name)
    change(encoded.sorted, place, name)
    expect(difference(encoded), `row ${row}`).toBeDefined()
    run[name][row] = before
    encoded.sorted[name][place] = before
  }
  expect(difference(encoded)).toBeUndefined()
})

test.each(FRAMES.map((_, number) => number))('any byte of a frame of kind %d: blocks that give back another are found', (kind) => {
  const encoded = encode()
  const row = kind + FRAMES.length * 100
  const place = placeOf(encoded.sorted, row)
  for (let byte = 0; byte < run.frameLen[row]!; byte++) {
    run.bytes[run.frameStart[row]! + byte]! ^= 1
    expect(difference(encoded), `byte ${byte} of the run`).toContain(`the frame of seq ${1000 + row}`)
    encoded.sorted.bytes[encoded.sorted.frameStart[place]! + byte]! ^= 1
    expect(difference(encoded), `byte ${byte} of both`).toContain(`the frame of seq ${1000 + row}`)
    run.bytes[run.frameStart[row]! + byte]! ^= 1
    encoded.sorted.bytes[encoded.sorted.frameStart[place]! + byte]! ^= 1
  }
}, 60_000)
