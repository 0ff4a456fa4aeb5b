import type { Batch } from '#domain/batch.ts'
import { join } from 'node:path'
import { syncDirectory } from '../../segments/files.ts'
import { dayFileBytes, dayFileName, fileVersion, listDayFiles, type SealedSegment } from '../day-files.ts'
import { createOriginBook } from '../origins.ts'
import { createShapeBook, MAX_SHAPES } from '../shapes/shape-book.ts'
import { createRunEncoder, type Books } from './run-encoder.ts'
import { openRunFile, RUN_FILE_VERSION, type RunFile } from './run-file.ts'
import { createRunVerifier } from './verify-run.ts'

/** Origins of a file; a fleet has thousands, only a sender of made-up names has more, and then another file is begun. */
const MAX_ORIGINS = 200_000

export interface RunWritersOptions {
  readonly directory: string
  /** A day's file is followed by another when it has reached this. */
  readonly fileBytes: number
  readonly level: number
  /** Filled with the rows of a run before each `write`, used again afterwards. */
  readonly run: Batch
}

/** The sealed files that runs go into, one open transaction each (mostly there is one file). Dictionaries are kept from one transaction to the next. */
export interface RunWriters {
  /** Encodes the rows in the run batch and proves that they come back; throws when they do not. */
  write(day: number, options: { readonly segment: number; readonly seqs?: Float64Array | undefined }): void
  /** The file that is committed last says that the segment is sealed: until then its runs are not read. */
  commit(segment?: SealedSegment): void
  readonly counts: { runs: number; bytes: number }
  /** Takes back what was not committed and closes the files. */
  close(): void
}

interface OpenFile { readonly file: RunFile; readonly books: Books; keptOrigins: number; keptShapes: number }

export function createRunWriters({ directory, fileBytes, level, run }: RunWritersOptions): RunWriters {
  const open = new Map<number, OpenFile>()
  /** Dictionaries of the file that was written to last: the next transaction mostly goes on with it. */
  let remembered: { readonly path: string; readonly books: Books } | undefined
  const encoder = createRunEncoder(run)
  const verifier = createRunVerifier()
  const counts = { runs: 0, bytes: 0 }

  const fileOf = (day: number): OpenFile => {
    const known = open.get(day)
    if (known !== undefined) return known
    const path = join(directory, currentName(directory, day, fileBytes))
    const file = openRunFile(path, 'write')
    file.begin()
    const books = booksOf(path, file)
    const opened = { file, books, keptOrigins: books.origins.origins.length, keptShapes: books.shapes.shapes.length }
    open.set(day, opened)
    return opened
  }

  /** Those in memory when the file has no more and no fewer entries; this is its only writer. */
  const booksOf = (path: string, file: RunFile): Books => {
    if (remembered?.path === path) {
      const { origins, shapes } = remembered.books
      if (file.originsFrom(origins.origins.length - 1).length === Math.min(1, origins.origins.length) && file.shapesFrom(shapes.shapes.length - 1).length === Math.min(1, shapes.shapes.length)) return remembered.books
    }
    const books = { origins: createOriginBook(file.originsFrom(0)), shapes: createShapeBook(file.shapesFrom(0)) }
    remembered = { path, books }
    return books
  }

  const keep = (opened: OpenFile): void => {
    const { file, books } = opened
    file.addOrigins(books.origins.origins, opened.keptOrigins)
    file.addShapes(books.shapes.shapes, opened.keptShapes)
    opened.keptOrigins = books.origins.origins.length
    opened.keptShapes = books.shapes.shapes.length
  }

  return {
    counts,
    write(day, { segment, seqs }) {
      const { file, books } = fileOf(day)
      const encoded = encoder.encode(books, { rows: run.rows, seqs, level })
      const difference = verifier.findDifference(run, encoded, { dictionaries: { shapes: books.shapes.shapes, origins: books.origins.origins }, seqs })
      if (difference !== undefined) throw new Error(`a sealed run does not give back what came in: ${difference}`)
      counts.bytes += file.insertRun(encoded, segment)
      counts.runs++
    },
    commit(segment) {
      const files = [...open.values()]
      for (const opened of files) keep(opened)
      for (const { file } of files.slice(0, -1)) file.commit()
      syncDirectory(directory)
      const last = files.at(-1)?.file
      if (segment !== undefined) last?.markSealed(segment)
      last?.commit()
      for (const { file } of files) file.close()
      open.clear()
    },
    close() {
      for (const { file } of open.values()) {
        file.rollback()
        file.close()
      }
      // what the dictionaries learned was not kept
      if (open.size > 0) remembered = undefined
      open.clear()
      counts.runs = 0
      counts.bytes = 0
    },
  }
}

/** The day's newest part, or the next one when that is full or of another version. */
function currentName(directory: string, day: number, fileBytes: number): string {
  const newest = listDayFiles(directory).findLast((file) => file.day === day)
  if (newest === undefined) return dayFileName(day, 1)
  const isOpen = dayFileBytes(directory, newest.name) < fileBytes && fileVersion(join(directory, newest.name)) === RUN_FILE_VERSION && !areBooksFull(join(directory, newest.name))
  return isOpen ? newest.name : dayFileName(day, newest.part + 1)
}

function areBooksFull(path: string): boolean {
  const file = openRunFile(path, 'read')
  try {
    return file.originsFrom(MAX_ORIGINS).length > 0 || file.shapesFrom(MAX_SHAPES - 1).length > 0
  } finally {
    file.close()
  }
}
