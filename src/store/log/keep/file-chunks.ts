import type { Chunk } from '../read/chunk.ts'

/** A chunk of one sealed file. */
export interface FileChunk {
  readonly chunk: Chunk
  /** No message of another file lies between it and the one before: both may become one run. */
  readonly isNextTo: boolean
}

/** @param chunks all that is served, in order of seq. A clock that was set back and forth spreads neighbours over the files of several days. */
export function chunksOfFile(chunks: readonly Chunk[], name: string): FileChunk[] {
  const found: FileChunk[] = []
  let previous = -1
  for (const [place, chunk] of chunks.entries()) {
    if (chunk.kind === 'record' || chunk.file.name !== name) continue
    found.push({ chunk, isNextTo: previous === place - 1 })
    previous = place
  }
  return found
}
