import { createBatch, type Batch } from '#domain/batch.ts'
import { createInterner } from '../../src/ingest/interner.ts'
import { createParser, type FrameRow } from '../../src/ingest/parse/parser.ts'
import { DEFAULT_RECEIVED, printCase } from '../fixtures/ingest/golden-print.ts'
import { goldenCases, type GoldenCase } from '../fixtures/ingest/golden-case.ts'

/** What the bundle of mutants gives: the golden cases, what the parser says of any, and the columns that it fills. */
export const cases = goldenCases()
export const print = printCase

/** Text that stands around a frame again and again: it goes on with a field, a number or a text, so that who reads beyond the frame finds more of the same. */
const SURROUNDINGS = ['\0', ' ', '0', ']', ':', 'a', ': ', '/12', '<[%', ': %A-5-B: '].map((text) => Buffer.from(text, 'latin1'))
const BEFORE = 16
const BEHIND = 24
const CAPACITY = 4096

const batches = [createBatch(8, CAPACITY), createBatch(8, CAPACITY)] as const
/** Their bytes, to be filled with patterns. */
const memories = batches.map(({ bytes }) => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length))
const hosts = createInterner({ capacity: 2, maxKeyBytes: 256, arenaBytes: 1024 })
let isNamed = 0
/** One names what has no tag, as the configuration may; the other does not. */
const createParsers = () => [createParser(hosts), createParser(hosts, { map: () => { isNamed = 1 } })] as const
let parsers = createParsers()
const frame: FrameRow = { row: 0, start: 0, length: 0, receivedMs: 0, faults: 0, form: 'syslog' }

/**
 * Reads the first bytes of a case, in another batch, row and place each time (`turn`).
 * @param behindBytes used bytes of the batch behind the frame: 0 for the last frame, which the parser may append to
 * @returns all columns as bytes
 */
function parse(golden: Placed, { length, turn, behindBytes }: { readonly length: number; readonly turn: number; readonly behindBytes: number }): Buffer {
  const batch = batches[turn & 1]!
  const columns = columnsOf(batch)
  columns.fill(0)
  hosts.clear()
  isNamed = 0
  frame.row = turn & 3
  frame.start = BEFORE + (turn & 7)
  frame.length = length
  frame.form = golden.form
  frame.receivedMs = golden.receivedMs
  batch.byteCount = frame.start + length + behindBytes
  parsers[(turn >> 1) & 1]!.parse(batch, frame)
  batch.source[frame.row] = batch.byteCount * 2 + isNamed
  return columns
}
const columnsOf = (batch: Batch): Buffer => Buffer.from(batch.buffer as ArrayBuffer, 0, batch.bytes.byteOffset)

interface Placed { readonly bytes: Buffer; readonly form: FrameRow['form']; readonly receivedMs: number }
const placed = new WeakMap<GoldenCase, Placed>()
function placedOf(golden: GoldenCase): Placed {
  const known = placed.get(golden)
  if (known !== undefined) return known
  const made = {
    bytes: golden.bytes.subarray(0, CAPACITY - 2 * BEFORE - BEHIND),
    form: (golden.directive('form') ?? 'syslog') as FrameRow['form'],
    receivedMs: Date.parse(golden.directive('received') ?? DEFAULT_RECEIVED),
  }
  placed.set(golden, made)
  return made
}

const OTHER_DAY = Buffer.from('<13>Jan  1 00:00:01 host tag: text')
const HALF_YEAR_MS = 200 * 86_400_000
/** Both parsers have read something before: another day at the same time of receipt, and the same bytes received long before. */
function leaveTraces({ bytes, form, receivedMs }: Placed): void {
  const traces = [{ bytes: OTHER_DAY, form: 'syslog', receivedMs }, { bytes, form, receivedMs: receivedMs - HALF_YEAR_MS }] as const
  for (const [index, trace] of traces.entries()) {
    const turn = 2 * index
    memories[0]!.set(trace.bytes, BEFORE + turn)
    parse(trace, { length: trace.bytes.length, turn, behindBytes: 0 })
  }
}

/** All columns as bytes, once for each of the surroundings. @returns undefined where they differ from those of `before` */
export function read(golden: GoldenCase, before?: readonly Buffer[]): readonly Buffer[] | undefined {
  const { bytes } = placedOf(golden)
  const found: Buffer[] = []
  parsers = createParsers()
  leaveTraces(placedOf(golden))
  for (const [turn, surrounding] of SURROUNDINGS.entries()) {
    const start = BEFORE + (turn & 7)
    const memory = memories[turn & 1]!
    memory.fill(surrounding, 0, start)
    memory.set(bytes, start)
    memory.fill(surrounding, start + bytes.length, start + bytes.length + BEHIND)
    const columns = parse(placedOf(golden), { length: bytes.length, turn, behindBytes: turn === 2 ? BEHIND : 0 })
    if (before === undefined) found.push(Buffer.from(columns))
    else if (!before[turn]!.equals(columns)) return undefined
    else found.push(columns)
  }
  return found
}

/** A case of more bytes is cut only within these. */
const CUT_BYTES = 120
/**
 * Whether a case that ends early is read the same, wherever it ends, whatever lies behind: its own rest, or NULs. This says nothing of what is
 * read, and needs no expectation.
 */
export function isReadWithinCuts(golden: GoldenCase): boolean {
  const { bytes } = placedOf(golden)
  for (let length = Math.min(bytes.length, CUT_BYTES) - 1; length >= 0; length--) {
    memories[0]!.set(bytes, BEFORE)
    const wholeBehind = Buffer.from(parse(placedOf(golden), { length, turn: 0, behindBytes: BEHIND }))
    memories[0]!.fill(0, BEFORE + length, BEFORE + bytes.length + BEHIND)
    if (!parse(placedOf(golden), { length, turn: 0, behindBytes: BEHIND }).equals(wholeBehind)) return false
  }
  return true
}
