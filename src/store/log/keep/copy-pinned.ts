import { renameSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { createBatch, type Batch } from '#domain/batch.ts'
import { loadChunk, type Chunk } from '../read/chunk.ts'
import { createRunDecoder } from '../read/load-run.ts'
import { openSnapshots } from '../read/snapshot.ts'
import { STORED_COLUMNS } from '../segments/format.ts'
import { syncDirectory } from '../segments/files.ts'
import type { WatermarkShared } from '../segments/watermark.ts'
import { dayFileName, dayFilePaths, listDayFiles } from '../seal/day-files.ts'
import { createOriginBook } from '../seal/origins.ts'
import { RUN_BATCH } from '../seal/runs/gather-runs.ts'
import { createRunEncoder } from '../seal/runs/run-encoder.ts'
import { openRunFile } from '../seal/runs/run-file.ts'
import { RUN_BYTES, RUN_ROWS } from '../seal/runs/run.ts'
import { createRunVerifier } from '../seal/runs/verify-run.ts'
import { createShapeBook } from '../seal/shapes/shape-book.ts'

/** What became of a file that is to go: nothing in it is pinned; all of it is, so it stays; the pinned rows lie in a file of their own now. */
const PIN_OUTCOMES = ['none', 'all', 'copied'] as const
export type PinOutcome = (typeof PIN_OUTCOMES)[number]

/** Read rarely and all of it once: smaller is better than faster. */
const LEVEL = 9
/** Of a copy that is not whole; no reader takes it for a sealed file. */
const UNFINISHED = '.pinned'

/**
 * Copies the rows of pinned sessions out of a sealed file into the next part of its day: same seqs, ids and times, every
 * run proved by decoding it. The copy gets its name when it is whole and on disk, and says which file it replaces: from
 * then on readers serve it instead of that file, whether that is removed or a crash comes first. So every row is served once.
 * Throws when it cannot be done; then nothing has changed.
 */
export function copyPinned({ watermark, ...options }: CopyOptions & { readonly watermark: WatermarkShared }): PinOutcome {
  const { directory, name, sessions } = options
  if (sessions.size === 0) return 'none'
  const snapshots = openSnapshots(directory, watermark)
  try {
    // a file that was replaced already serves nothing any more
    const chunks = snapshots.take().filter((chunk) => chunk.kind !== 'record' && chunk.file.name === name)
    return copyRows(chunks, options)
  } finally {
    snapshots.close()
  }
}

interface CopyOptions { readonly directory: string; readonly name: string; readonly sessions: ReadonlySet<number> }

function copyRows(chunks: readonly Chunk[], { directory, name, sessions }: CopyOptions): PinOutcome {
  const decoder = createRunDecoder()
  let pinnedRows = 0
  let rows = 0
  for (const chunk of chunks) {
    const batch = loadChunk(chunk, decoder)
    rows += batch.rows
    for (let row = 0; row < batch.rows; row++) if (sessions.has(batch.session[row]!)) pinnedRows++
  }
  if (pinnedRows === 0) return 'none'
  if (pinnedRows === rows) return 'all'
  const { day } = listDayFiles(directory).find((file) => file.name === name)!
  const part = listDayFiles(directory).findLast((file) => file.day === day)!.part + 1
  const copy = join(directory, dayFileName(day, part))
  const unfinished = copy + UNFINISHED
  for (const path of dayFilePaths(directory, dayFileName(day, part) + UNFINISHED)) rmSync(path, { force: true })
  const writer = createCopyWriter(unfinished, chunks[0]!.kind === 'record' ? 0 : chunks[0]!.segment)
  try {
    for (const chunk of chunks) {
      const batch = loadChunk(chunk, decoder)
      for (let row = 0; row < batch.rows; row++) if (sessions.has(batch.session[row]!)) writer.add(batch, row)
    }
    writer.finish(name)
  } finally {
    writer.close()
  }
  renameSync(unfinished, copy)
  syncDirectory(directory)
  return 'copied'
}

/** Gathers rows into runs; a run may have gaps in seq. */
function createCopyWriter(path: string, segment: number): { add(batch: Batch, row: number): void; finish(replaced: string): void; close(): void } {
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
    const encoded = encoder.encode(books, { rows, seqs: given, level: LEVEL })
    const difference = verifier.findDifference(run, encoded, { dictionaries: { shapes: books.shapes.shapes, origins: books.origins.origins }, seqs: given })
    if (difference !== undefined) throw new Error(`a copied run does not give back what came in: ${difference}`)
    file.insertRun(encoded, segment)
    run.rows = 0
    run.byteCount = 0
  }

  return {
    add(batch, row) {
      const to = run.rows
      const [start, length] = [batch.frameStart[row]!, batch.frameLen[row]!]
      for (const { name } of STORED_COLUMNS) run[name][to] = batch[name][row]!
      run.bytes.set(batch.bytes.subarray(start, start + length), run.byteCount)
      run.frameStart[to] = run.byteCount
      run.byteCount += length
      seqs[to] = batch.seqs === undefined ? batch.firstSeq + row : batch.seqs[row]!
      run.rows++
      if (run.rows === RUN_ROWS || run.byteCount >= RUN_BYTES) flush()
    },
    finish(replaced) {
      flush()
      file.addOrigins(books.origins.origins, 0)
      file.addShapes(books.shapes.shapes, 0)
      file.replace(replaced)
      file.commit()
    },
    close() {
      file.rollback()
      file.close() // the last connection takes the write-ahead log into the file
    },
  }
}
