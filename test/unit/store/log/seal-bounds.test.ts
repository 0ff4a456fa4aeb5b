import { expect, test } from 'vitest'
import { createBatch } from '../../../../src/domain/batch.ts'
import { hostileMessages } from '../../../../bench/load/hostile.ts'
import { createInterner } from '../../../../src/ingest/interner.ts'
import { createParser } from '../../../../src/ingest/parse/parser.ts'
import { createOriginBook } from '../../../../src/store/log/seal/origins.ts'
import { RUN_BATCH } from '../../../../src/store/log/seal/runs/gather-runs.ts'
import { createRunEncoder } from '../../../../src/store/log/seal/runs/run-encoder.ts'
import { MAX_BLOCKS, RUN_BYTES, RUN_ROWS } from '../../../../src/store/log/seal/runs/run.ts'
import { createRunVerifier } from '../../../../src/store/log/seal/runs/verify-run.ts'
import { createShapeBook, MAX_SHAPES } from '../../../../src/store/log/seal/shapes/shape-book.ts'

test('senders of random words, hosts and delimiters: bounded dictionaries, every byte comes back', () => {
  const run = createBatch(RUN_BATCH.rows, RUN_BATCH.bytes)
  const parser = createParser(createInterner({ capacity: 64, maxKeyBytes: 64, arenaBytes: 4096 }))
  const books = { origins: createOriginBook([]), shapes: createShapeBook([]) }
  const [encoder, verifier] = [createRunEncoder(run), createRunVerifier()]
  const startMs = Date.UTC(2026, 10, 22)
  const messages = hostileMessages(startMs)
  for (let number = 0; number < 1; number++) {
    const known = books.shapes.shapes.length
    run.rows = 0
    run.byteCount = 0
    run.firstSeq = 1 + number * RUN_ROWS
    while (run.rows < RUN_ROWS && run.byteCount < RUN_BYTES) {
      const line = Buffer.from(messages.next().value, 'latin1')
      const row = run.rows++
      run.bytes.set(line, run.byteCount)
      run.receivedMs[row] = startMs + row
      parser.parse(run, { row, start: run.byteCount, length: line.length, receivedMs: startMs + row, faults: 0, form: 'syslog' })
      run.frameStart[row] = run.byteCount
      run.frameLen[row] = line.length
      run.node[row] = row % 200
      run.byteCount += line.length
    }
    const encoded = encoder.encode(books, { rows: run.rows, level: 1 })
    expect(verifier.findDifference(run, encoded, { dictionaries: { origins: books.origins.origins, shapes: books.shapes.shapes } })).toBeUndefined()
    expect(encoded.blocks.length).toBeLessThanOrEqual(MAX_BLOCKS)
    // a shape needs four rows of its kind: rows that are all different make none
    expect(books.shapes.shapes.length - known).toBeLessThan(run.rows / 4)
    expect(books.shapes.shapes.length).toBeLessThanOrEqual(MAX_SHAPES)
    expect(encoded.blocks.reduce((sum, block) => sum + block.length, encoded.head.length + encoded.tokens.length)).toBeLessThan(run.byteCount)
  }
}, 60_000)
