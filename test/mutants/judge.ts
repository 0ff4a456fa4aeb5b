import { createBatch } from '#domain/batch.ts'
import { createInterner } from '../../src/ingest/interner.ts'
import { createParser, type FrameRow } from '../../src/ingest/parse/parser.ts'
import { DEFAULT_RECEIVED, printCase } from '../fixtures/ingest/golden-print.ts'
import { goldenCases, type GoldenCase } from '../fixtures/ingest/golden-case.ts'

/** What the bundle of mutants gives: the golden cases, what the parser says of any, and the columns that it fills. */
export const cases = goldenCases()
export const print = printCase

/** Bytes that stand around a frame: they go on with a field, a number or a text, so that who reads beyond its end finds more of the same. */
const SURROUNDINGS = Buffer.from('\0 0]:a', 'latin1')
const BEFORE = 8
const BEHIND = 24
const CAPACITY = 4096
const batch = createBatch(8, CAPACITY)
const columns = Buffer.from(batch.buffer as ArrayBuffer, 0, batch.bytes.byteOffset)
const hosts = createInterner({ capacity: 2, maxKeyBytes: 256, arenaBytes: 1024 })
const parser = createParser(hosts)
const frame: FrameRow = { row: 0, start: BEFORE, length: 0, receivedMs: 0, faults: 0, form: 'syslog' }

/** All columns as bytes, once for each of the surroundings. @returns undefined where they differ from those of `before`. */
export function read(golden: GoldenCase, before?: readonly Buffer[]): readonly Buffer[] | undefined {
  const bytes = golden.bytes.subarray(0, CAPACITY - BEFORE - BEHIND)
  const found: Buffer[] = []
  frame.length = bytes.length
  frame.form = (golden.directive('form') ?? 'syslog') as FrameRow['form']
  frame.receivedMs = Date.parse(golden.directive('received') ?? DEFAULT_RECEIVED)
  for (const surrounding of SURROUNDINGS) {
    columns.fill(0)
    hosts.clear()
    batch.bytes.fill(surrounding, 0, BEFORE)
    batch.bytes.set(bytes, BEFORE)
    batch.bytes.fill(surrounding, BEFORE + bytes.length, BEFORE + bytes.length + BEHIND)
    parser.parse(batch, frame)
    if (before === undefined) found.push(Buffer.from(columns))
    else if (!before[found.length]!.equals(columns)) return undefined
    else found.push(columns)
  }
  return found
}
