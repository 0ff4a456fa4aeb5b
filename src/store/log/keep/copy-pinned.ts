import { join } from 'node:path'
import { loadChunk } from '../read/chunk.ts'
import { createRunDecoder } from '../read/load-run.ts'
import { openSnapshots } from '../read/snapshot.ts'
import { syncDirectory } from '../segments/files.ts'
import type { WatermarkShared } from '../segments/watermark.ts'
import { dayFileName, listDayFiles, nameDayFile, removeDayFile } from '../seal/day-files.ts'
import { createFileWriter } from '../seal/runs/file-writer.ts'
import { chunksOfFile, type FileChunk } from './file-chunks.ts'
import { sealedSegmentsOf } from './sealed-file.ts'

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
    const chunks = chunksOfFile(snapshots.take(), name)
    return copyRows(chunks, options)
  } finally {
    snapshots.close()
  }
}

interface CopyOptions { readonly directory: string; readonly name: string; readonly sessions: ReadonlySet<number> }

function copyRows(chunks: readonly FileChunk[], { directory, name, sessions }: CopyOptions): PinOutcome {
  const decoder = createRunDecoder()
  let pinnedRows = 0
  let rows = 0
  for (const { chunk } of chunks) {
    const batch = loadChunk(chunk, decoder)
    rows += batch.rows
    for (let row = 0; row < batch.rows; row++) if (sessions.has(batch.session[row]!)) pinnedRows++
  }
  if (pinnedRows === 0) return 'none'
  if (pinnedRows === rows) return 'all'
  const { day } = listDayFiles(directory).find((file) => file.name === name)!
  const part = listDayFiles(directory).findLast((file) => file.day === day)!.part + 1
  const target = dayFileName(day, part)
  removeDayFile(directory, target + UNFINISHED)
  const writer = createFileWriter(join(directory, target + UNFINISHED), LEVEL)
  try {
    for (const { chunk, isNextTo } of chunks) {
      if (!isNextTo) writer.endRun()
      const batch = loadChunk(chunk, decoder)
      for (let row = 0; row < batch.rows; row++) if (sessions.has(batch.session[row]!)) writer.add(batch, row)
    }
    writer.finish({ replaced: [name], sealed: sealedSegmentsOf(join(directory, name)) })
  } finally {
    writer.close()
  }
  nameDayFile(directory, target + UNFINISHED, target)
  syncDirectory(directory)
  return 'copied'
}
