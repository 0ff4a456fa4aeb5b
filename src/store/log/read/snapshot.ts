import { setAsideSegments } from '../segments/files.ts'
import type { WatermarkShared } from '../segments/watermark.ts'
import type { Chunk } from './chunk.ts'
import { openHotSegments, type HotSegments } from './hot-segments.ts'
import { openSealedFiles, type SealedFiles } from './sealed-files.ts'

/** Everything that is stored, each message exactly once, as chunks in order of seq. */
export interface Snapshots {
  /** All that was synced before the call. */
  take(): Chunk[]
  readonly hot: HotSegments
  readonly sealed: SealedFiles
  /** Everything known to be unreadable, a sentence each. */
  damaged(): string[]
  /** Something cannot be read of which nobody knows which messages it held: no answer is complete. */
  isPartial(): boolean
  close(): void
}

/**
 * While a segment is being sealed, its blocks appear in the files before its own file goes. The rule that serves each
 * message once: a segment's records count until some file says that it is sealed whole; its blocks count from then on.
 */
export function openSnapshots(directory: string, watermark: WatermarkShared | undefined): Snapshots {
  const hot = openHotSegments(directory, watermark)
  const sealed = openSealedFiles(directory)
  return {
    hot,
    sealed,
    take() {
      hot.refresh()
      sealed.refreshMarks()
      sealed.refreshBlocks()
      const done = new Set([...hot.numbers].filter((number) => sealed.isSealed(number)))
      const blocks = sealed.blocks().filter((block) => !hot.numbers.has(block.segment) || done.has(block.segment))
      return inOrder(blocks, hot.chunks(done))
    },
    damaged: () => [...setAsideSegments(directory).map((name) => `${name}: was sealed without its damaged parts`), ...hot.damaged(), ...sealed.damaged()],
    isPartial: () => sealed.hasRefusedFiles() || hot.damaged().length > 0,
    close() {
      hot.close()
      sealed.close()
    },
  }
}

function inOrder(blocks: readonly Chunk[], records: readonly Chunk[]): Chunk[] {
  const chunks = [...blocks, ...records]
  const isOrdered = blocks.length === 0 || records.length === 0 || blocks.at(-1)!.firstSeq < records[0].firstSeq
  return isOrdered ? chunks : chunks.sort((a, b) => a.firstSeq - b.firstSeq)
}
