import type { Batch } from '#domain/batch.ts'
import { recordBatch } from '../segments/record.ts'
import { RECORD_HEADER_BYTES, ROW_BYTES } from '../segments/format.ts'
import { createBodyReader, readBody, readBodyInto, type ReadBody } from '../segments/scan.ts'
import { decodeBlock } from '../seal/version-1/sealed-batch.ts'
import type { RecordChunk } from './hot-segments.ts'
import { loadRun, type RunDecoder } from './load-run.ts'
import type { RunChunk } from './run-files.ts'
import type { BlockChunk } from './sealed-files.ts'

/** Messages that are read and searched as one; no other chunk has a seq between its first and its last. */
export type Chunk = RecordChunk | BlockChunk | RunChunk

export const lastSeqOf = (chunk: Chunk): number => (chunk.kind === 'run' ? chunk.lastSeq : chunk.firstSeq + chunk.rows - 1)

/** @returns the rows; throws when they are damaged */
export function loadChunk(chunk: Chunk, decoder: RunDecoder, read: ReadBody = readBody): Batch {
  if (chunk.kind === 'run') return loadRun(chunk, decoder)
  if (chunk.kind === 'block') return decodeBlock(chunk, chunk.file.file.parts(chunk.id))
  const batch = recordBatch(chunk.record, read(chunk.fd, chunk.record.offset, chunk.record))
  if (batch === undefined) throw new Error('the checksum does not hold')
  return batch
}

export const chunkName = (chunk: Chunk): string =>
  `${chunk.kind === 'record' ? `segment ${chunk.segment}` : `${chunk.file.name} ${chunk.kind} ${chunk.id}`}: seq ${chunk.firstSeq} to ${lastSeqOf(chunk)}`

/** Memory that the loaded chunk takes, about. */
const chunkBytes = (chunk: Chunk): number => (chunk.kind === 'record' ? chunk.record.lengthBytes : chunk.rawBytes + chunk.rows * ROW_BYTES)

/**
 * Keeps the most recently used batches, up to a number of bytes, so that paging and context do not decode again. A batch is
 * valid until the next is loaded: its memory may be used again.
 */
export interface ChunkCache { load(chunk: Chunk): Batch }

/** Keeps the batch in hand only, for a reader that goes forward; it is valid until the next is loaded. */
export function createForwardLoader(decoder: RunDecoder): ChunkCache {
  const read = createBodyReader()
  let last: { readonly chunk: Chunk; readonly batch: Batch } | undefined
  return {
    load(chunk) {
      if (last?.chunk.firstSeq === chunk.firstSeq && last.batch.rows === chunk.rows) return last.batch
      last = undefined
      const batch = loadChunk(chunk, decoder, read)
      last = { chunk, batch }
      return batch
    },
  }
}

export function createChunkCache(maxBytes: number, decoder: RunDecoder): ChunkCache {
  const kept = new Map<number, { readonly chunk: Chunk; readonly batch: Batch; readonly bytes: number }>()
  let used = 0
  /** Memory of a record that is kept no longer, for the next: megabytes each would wait to be collected. */
  let spare: ArrayBufferLike | undefined

  const read: ReadBody = (fd, offset, record) => {
    const room = spare
    spare = undefined
    const fits = room instanceof ArrayBuffer && room.byteLength >= record.lengthBytes - RECORD_HEADER_BYTES
    return fits ? readBodyInto(room, { fd, offset, record }) : readBody(fd, offset, record)
  }
  const drop = (firstSeq: number): void => {
    const dropped = kept.get(firstSeq)
    if (dropped === undefined) return
    kept.delete(firstSeq)
    used -= dropped.bytes
    if (dropped.chunk.kind === 'record') spare = dropped.batch.buffer
  }
  const makeRoom = (bytes: number): void => {
    for (const firstSeq of kept.keys()) {
      if (used + bytes <= maxBytes) return
      drop(firstSeq)
    }
  }

  return {
    load(chunk) {
      const found = kept.get(chunk.firstSeq)
      if (found !== undefined && found.batch.rows === chunk.rows) {
        kept.delete(chunk.firstSeq)
        kept.set(chunk.firstSeq, found)
        return found.batch
      }
      drop(chunk.firstSeq) // a record that is part of a run by now
      const bytes = chunkBytes(chunk)
      makeRoom(bytes)
      const batch = loadChunk(chunk, decoder, read)
      kept.set(chunk.firstSeq, { chunk, batch, bytes })
      used += bytes
      return batch
    },
  }
}
