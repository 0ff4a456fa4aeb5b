import { createLossWatch } from '../keep/loss-watch.ts'
import type { WatermarkShared } from '../segments/watermark.ts'
import type { Chunk } from './chunk.ts'
import { openHotSegments, type HotSegments } from './hot-segments.ts'
import { openRunFiles, type RunFiles } from './run-files.ts'
import { openSealedFiles, type SealedFiles } from './sealed-files.ts'

/** Everything that is stored, each message exactly once, as chunks in order of seq. */
export interface Snapshots {
  /** All that was synced before the call. */
  take(): Chunk[]
  readonly hot: HotSegments
  /** Sealed files of version 1. */
  readonly sealed: SealedFiles
  /** Those of version 2. */
  readonly runs: RunFiles
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
  const runs = openRunFiles(directory)
  const losses = createLossWatch(directory)
  return {
    hot,
    sealed,
    runs,
    take() {
      hot.refresh()
      sealed.refreshMarks()
      runs.refreshMarks()
      sealed.refreshBlocks()
      runs.refreshRuns()
      const replaced = runs.replaced()
      const done = new Set([...hot.numbers].filter((number) => sealed.isSealed(number) || runs.isSealed(number)))
      const isServed = ({ segment }: { readonly segment: number }): boolean => !hot.numbers.has(segment) || done.has(segment)
      return inOrder(inOrder(sealed.blocks().filter((block) => isServed(block) && !replaced.has(block.file.name)), runs.runs().filter(isServed)), hot.chunks(done))
    },
    damaged: () => [...losses.missing(), ...hot.damaged(), ...sealed.damaged(), ...runs.damaged()],
    isPartial: () => sealed.hasRefusedFiles() || runs.damaged().length > 0 || hot.damaged().length > 0 || losses.missing().length > 0,
    close() {
      hot.close()
      sealed.close()
      runs.close()
    },
  }
}

/** Two lists that are in order as one. */
function inOrder(earlier: readonly Chunk[], later: readonly Chunk[]): Chunk[] {
  const chunks = [...earlier, ...later]
  const isOrdered = earlier.length === 0 || later.length === 0 || earlier.at(-1)!.firstSeq < later[0]!.firstSeq
  return isOrdered ? chunks : chunks.sort((a, b) => a.firstSeq - b.firstSeq)
}
