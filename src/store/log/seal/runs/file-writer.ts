import { createBatch, seqOf, type Batch } from '#domain/batch.ts'
import { STORED_COLUMNS } from '../../segments/format.ts'
import type { SealedSegment } from '../day-files.ts'
import { createOriginBook } from '../origins.ts'
import { createShapeBook } from '../shapes/shape-book.ts'
import { RUN_BATCH } from './gather-runs.ts'
import { createRunEncoder } from './run-encoder.ts'
import { openRunFile } from './run-file.ts'
import { RUN_BYTES, RUN_ROWS } from './run.ts'
import { createRunVerifier } from './verify-run.ts'

/** Rows that are written anew belong to no segment that could still be served. */
const NO_SEGMENT = 0

/** Writes a whole sealed file at once, every run proved by decoding it: for copies of rows that are sealed already. */
export interface FileWriter {
  /** Rows must come in order of seq. Gaps are allowed that no stored message fills: runs never lie between each other. */
  add(batch: Batch, row: number): void
  /** What comes next goes into another run: between it and what came before, other files have messages. */
  endRun(): void
  /** On return the file is whole and on disk. */
  finish(of: { readonly replaced: readonly string[]; readonly sealed: readonly SealedSegment[] }): void
  /** Takes back what was not finished. */
  close(): void
}

/** @param path must not exist; @param level zstd level */
export function createFileWriter(path: string, level: number): FileWriter {
  const run = createBatch(RUN_BATCH.rows, RUN_BATCH.bytes)
  const seqs = new Float64Array(RUN_ROWS)
  const file = openRunFile(path, 'write')
  const books = { origins: createOriginBook([]), shapes: createShapeBook([]) }
  const encoder = createRunEncoder(run)
  const verifier = createRunVerifier()
  file.begin()

  const flush = (): void => {
    const { rows } = run
    if (rows === 0) return
    run.firstSeq = seqs[0]!
    const hasGaps = seqs[rows - 1]! - seqs[0]! + 1 !== rows
    const given = hasGaps ? seqs.slice(0, rows) : undefined
    const encoded = encoder.encode(books, { rows, seqs: given, level })
    const difference = verifier.findDifference(run, encoded, { dictionaries: { shapes: books.shapes.shapes, origins: books.origins.origins }, seqs: given })
    if (difference !== undefined) throw new Error(`a copied run does not give back what came in: ${difference}`)
    file.insertRun(encoded, NO_SEGMENT)
    run.rows = 0
    run.byteCount = 0
  }

  return {
    endRun: flush,
    add(batch, row) {
      const to = run.rows
      const [start, length] = [batch.frameStart[row]!, batch.frameLen[row]!]
      for (const { name } of STORED_COLUMNS) run[name][to] = batch[name][row]!
      run.bytes.set(batch.bytes.subarray(start, start + length), run.byteCount)
      run.frameStart[to] = run.byteCount
      run.byteCount += length
      seqs[to] = seqOf(batch, row)
      run.rows++
      if (run.rows === RUN_ROWS || run.byteCount >= RUN_BYTES) flush()
    },
    finish({ replaced, sealed }) {
      flush()
      file.addOrigins(books.origins.origins, 0)
      file.addShapes(books.shapes.shapes, 0)
      for (const name of replaced) file.replace(name)
      for (const segment of sealed) file.markSealed(segment)
      file.commit()
    },
    close() {
      file.rollback()
      file.close() // the last connection takes the write-ahead log into the file
    },
  }
}
