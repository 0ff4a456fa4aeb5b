import type { Batch } from '#domain/batch.ts'
import type { Shape } from '../shapes/shape.ts'
import type { Origin } from '../origins.ts'

/**
 * A run: up to `RUN_ROWS` messages that follow each other, regrouped by origin and cut into blocks. What is known of all
 * its rows in order of seq (origin, times) is in its head; the rest in its blocks, whose rows lie origin by origin, inside
 * an origin by seq.
 */
export const RUN_ROWS = 32_768
/** Received bytes of a run; one frame more may go beyond. */
export const RUN_BYTES = 8 * 1024 * 1024
export const BLOCK_ROWS = 4096
export const BLOCK_BYTES = 1024 * 1024
/** Blocks of a run; follows from the bounds above, and is that of the token index. */
export const MAX_BLOCKS = 64

/** The dictionaries of a file as its readers need them. */
export interface Dictionaries {
  /** Shape `id` is at `id - 1`. */
  readonly shapes: readonly Shape[]
  readonly origins: readonly Origin[]
}

/** A run as a file keeps it, without its blocks. */
export interface RunEntry {
  readonly id: number
  readonly segment: number
  readonly firstSeq: number
  readonly lastSeq: number
  readonly rows: number
  readonly minMs: number
  readonly maxMs: number
  /** Of the frames, unpacked. */
  readonly rawBytes: number
  /** Rows of each block. */
  readonly blockRows: readonly number[]
}

export interface EncodedRun extends Omit<RunEntry, 'id' | 'segment'> {
  /** Which origins, how many rows of each, in the order of the blocks. */
  readonly origins: Buffer
  /** Which shapes, how many rows of each; rows without a shape are those of number 0. */
  readonly shapes: Buffer
  readonly head: Buffer
  readonly tokens: Buffer
  readonly blocks: readonly Buffer[]
  /** What was encoded, in the order of the blocks; valid until the next run is. */
  readonly sorted: Batch
}

/** Numbers and how many rows have each: `origins` and `shapes` of a run. */
export interface Tallies { readonly numbers: Uint32Array; readonly counts: Uint32Array }
