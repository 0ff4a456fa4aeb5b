import { expect, test } from 'vitest'
import { COLUMNS, createBatch, type Batch } from '#domain/batch.ts'
import { FORMATS } from '#domain/message.ts'
import { createInterner } from '../../src/ingest/interner.ts'
import { createParser, type FrameRow } from '../../src/ingest/parse/parser.ts'
import { goldenCases } from '../fixtures/ingest/golden-case.ts'

const MUTATIONS = 100_000
const GUARD_BYTES = 64
const MAX_BYTES = 1024
const corpus = goldenCases().map((golden) => golden.bytes)
/** What a hostile sender would put in: the bytes that the grammar knows. */
const SPICE = Buffer.from('<>[]"\\=:-. \0\r\n\t19TZ\xff\xef\xbb\xbf', 'latin1')
const SPANS = [['hostOff', 'hostLen'], ['appOff', 'appLen'], ['procOff', 'procLen'], ['msgidOff', 'msgidLen'], ['sdOff', 'sdLen'], ['labelOff', 'labelLen'], ['textOff', 'textLen']] as const

/** A small generator (mulberry32): the same mutations in every run, and cheap enough for a hundred thousand. */
function createRandom(seed: number): (below: number) => number {
  let state = seed
  return (below) => {
    state = (state + 0x6d2b79f5) | 0
    let t = Math.imul(state ^ (state >>> 15), 1 | state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) % below
  }
}

function mutate(random: (below: number) => number): Buffer {
  let bytes = Buffer.from(corpus[random(corpus.length)]!)
  for (let n = random(5); n > 0 && bytes.length > 0; n--) {
    const at = random(bytes.length)
    const spice = SPICE[random(SPICE.length)]!
    switch (random(6)) {
      case 0: bytes[at] = spice; break
      case 1: bytes[at] = random(256); break
      case 2: bytes = bytes.subarray(0, at); break
      case 3: bytes = Buffer.concat([bytes.subarray(0, at), bytes.subarray(Math.min(bytes.length, at + 1 + random(8)))]); break
      case 4: bytes = Buffer.concat([bytes.subarray(0, at), Buffer.alloc(1 + random(4), spice), bytes.subarray(at)]); break
      default: bytes = Buffer.concat([bytes.subarray(0, at), corpus[random(corpus.length)]!])
    }
  }
  return bytes.subarray(0, MAX_BYTES)
}

interface Place { readonly batch: Batch; readonly start: number; readonly guard: number }

/** Parses the frame between guard bytes, into a row of zeroes. */
function parseAt(parser: ReturnType<typeof createParser>, frame: Buffer, { batch, start, guard }: Place): void {
  for (const { name } of COLUMNS) batch[name][0] = 0
  batch.bytes.fill(guard, 0, start + frame.length + GUARD_BYTES)
  batch.bytes.set(frame, start)
  const row: FrameRow = { row: 0, start, length: frame.length, receivedMs: 1_795_353_700_000, faults: 0, form: 'syslog' }
  parser.parse(batch, row)
}

test('the parser takes any bytes, keeps its spans inside the frame and does not look beyond it', () => {
  const random = createRandom(2)
  const parser = createParser(createInterner({ capacity: 65_536, maxKeyBytes: 253, arenaBytes: 1 << 22 }))
  const here: Place = { batch: createBatch(8, 4096), start: 0, guard: 0x20 }
  const there: Place = { batch: createBatch(8, 4096), start: 100, guard: 0x3a }
  for (let i = 0; i < MUTATIONS; i++) {
    const frame = mutate(random)
    parseAt(parser, frame, here)
    // Other bytes before and behind the frame, such as go on with a header, change nothing.
    parseAt(parser, frame, { ...there, guard: SPICE[i % SPICE.length]! })
    const problem = problemOf(frame, here.batch) ?? differenceOf(here.batch, there.batch)
    if (problem !== undefined) expect.fail(`${problem}: ${JSON.stringify(frame.toString('latin1'))}`)
  }
}, 30_000)

function problemOf(frame: Buffer, batch: Batch): string | undefined {
  for (const [offset, length] of SPANS) if (batch[offset][0]! + batch[length][0]! > frame.length) return `${offset} is outside the frame`
  if (batch.frameLen[0] !== frame.length || batch.format[0]! >= FORMATS.length || batch.pri[0]! > 191) return 'a column is out of range'
  if (!Number.isNaN(batch.sentMs[0]!) && Math.abs(batch.sentMs[0]!) > 8.64e15) return 'the time is no time'
  return undefined
}

function differenceOf(a: Batch, b: Batch): string | undefined {
  const column = COLUMNS.find(({ name }) => name !== 'frameStart' && !Object.is(a[name][0], b[name][0]))
  return column === undefined ? undefined : `${column.name} depends on what surrounds the frame`
}

test('a frame of the greatest size of any single byte is read in time that grows with its length only', () => {
  const parser = createParser(createInterner({ capacity: 8, maxKeyBytes: 253, arenaBytes: 4096 }))
  const batch = createBatch(8, 65_536)
  for (const byte of SPICE) {
    batch.bytes.fill(byte)
    batch.bytes.set(Buffer.from('<13>1 2026-11-22T13:21:39Z h a - - [hps@32473 '), 0)
    parser.parse(batch, { row: 0, start: 0, length: 65_535, receivedMs: 0, faults: 0, form: 'syslog' })
    expect(batch.frameLen[0]).toBe(65_535)
  }
}, 2000)
