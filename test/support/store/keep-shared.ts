import type { WatermarkShared } from '#store/index.ts'

/** What the child's reader has to know of its writer, in shared memory: it must judge while the writer is busy. */
export interface KeepShared {
  readonly directory: string
  readonly watermark: WatermarkShared
  readonly retentionMs: number
  /** Time of receipt by seq, 0 where it is not known or the message is gone. */
  readonly times: Float64Array
  /** Newest time of receipt. */
  readonly newestMs: Float64Array
  /** `ACKED`: highest synced seq; `PHASE`: index into KEEP_PHASES. */
  readonly state: Int32Array
}
export const ACKED = 0
export const PHASE = 1
export const MAX_SEQ = 1 << 20

/** What the keeper is at. `guard`: retention under a clock that is a year off, which must remove nothing. */
export const KEEP_PHASES = ['append', 'guard', 'retain', 'compact'] as const
export type KeepPhase = (typeof KEEP_PHASES)[number]

export const createShared = (kept: Pick<KeepShared, 'directory' | 'watermark' | 'retentionMs'>): KeepShared => ({
  ...kept,
  times: new Float64Array(new SharedArrayBuffer(MAX_SEQ * 8)),
  newestMs: new Float64Array(new SharedArrayBuffer(8)),
  state: new Int32Array(new SharedArrayBuffer(8)),
})
