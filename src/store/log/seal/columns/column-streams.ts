/**
 * Where the columns of a block go and come from. Two byte streams: `soft` is compressed as a whole (headers, dictionaries, skewed
 * bytes), `dense` is stored as it is (bit-packed numbers, random bytes: nothing that a compressor could make smaller).
 */
import { ByteWriter, type ByteReader } from '../byte-stream.ts'
import { createColumnScratch, type ColumnScratch } from './column-scratch.ts'

export interface ColumnSink {
  readonly soft: ByteWriter
  readonly dense: ByteWriter
  /** Buffers of the writers; one set serves all columns of one thread. */
  readonly scratch: ColumnScratch
}

export interface ColumnSource {
  readonly soft: ByteReader
  readonly dense: ByteReader
}

/** Two empty streams and the buffers to fill them; `clear` both streams and use it again for the next block. */
export const createColumnSink = (): ColumnSink => ({ soft: new ByteWriter(), dense: new ByteWriter(), scratch: createColumnScratch() })
