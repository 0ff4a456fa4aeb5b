/**
 * How far readers may go: the segment that is written and the byte up to which it is synced. Kept in shared memory by
 * the one appender, read by any thread. Segments below it are closed and synced whole; above it nothing may be read.
 */
export interface WatermarkPosition { readonly segment: number; readonly endBytes: number; readonly lastSeq: number }
export type WatermarkShared = SharedArrayBuffer

const VERSION = 0 // odd while the writer is between two values
const SEGMENT = 1
const END = 2
const LAST_SEQ = 3
const START_SEQ = 4 // of the first publication

export const createWatermark = (): WatermarkShared => new SharedArrayBuffer(5 * 8)

export function publishWatermark(shared: WatermarkShared, { segment, endBytes, lastSeq }: WatermarkPosition): void {
  const slots = new BigInt64Array(shared)
  if (Atomics.load(slots, VERSION) === 0n) Atomics.store(slots, START_SEQ, BigInt(lastSeq))
  Atomics.add(slots, VERSION, 1n)
  Atomics.store(slots, SEGMENT, BigInt(segment))
  Atomics.store(slots, END, BigInt(endBytes))
  Atomics.store(slots, LAST_SEQ, BigInt(lastSeq))
  Atomics.add(slots, VERSION, 1n)
}

/** All three values of one publication. Before the first one every value is 0: nothing may be read. */
export function readWatermark(shared: WatermarkShared): WatermarkPosition {
  const slots = new BigInt64Array(shared)
  for (;;) {
    const before = Atomics.load(slots, VERSION)
    const position = { segment: Number(Atomics.load(slots, SEGMENT)), endBytes: Number(Atomics.load(slots, END)), lastSeq: Number(Atomics.load(slots, LAST_SEQ)) }
    // the writer is between two values for nanoseconds: reading again is cheaper than any lock
    if ((before & 1n) === 0n && Atomics.load(slots, VERSION) === before) return position
  }
}

/** The last message that was on the disk when the hub started, whatever was received since; undefined: the log writer has not begun. */
export function readLogStart(shared: WatermarkShared): number | undefined {
  const slots = new BigInt64Array(shared)
  return Atomics.load(slots, VERSION) < 2n ? undefined : Number(Atomics.load(slots, START_SEQ))
}
