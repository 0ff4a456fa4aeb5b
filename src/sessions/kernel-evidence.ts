/**
 * What a session has shown of its kernel: when it started, how far its clock has come, and marks of its first messages
 * by which the same messages are recognised when they are told again.
 */
export interface KernelEvidence {
  /** Earliest boot time implied so far, epoch milliseconds. */
  bootMs: number
  /** Highest printk clock, microseconds. */
  lastUs: number
  hasBanner: boolean
  /** Clock range within which every message seen has its mark; `minUs > maxUs` while there is none. */
  minUs: number
  maxUs: number
  readonly marks: Set<number>
}

/** Marks kept of a session: the first of its kernel. 2 KiB in hub.db. */
const MAX_MARKS = 256
/** Below this the clock is the same at every boot of a machine; whole milliseconds come from a clock that only ticks. */
const FIRST_TELLING_US = 10_000

export function newKernelEvidence(bootMs: number): KernelEvidence {
  return { bootMs, lastUs: 0, hasBanner: false, minUs: Infinity, maxUs: -1, marks: new Set() }
}

/** Whether a printk clock tells one boot from another of the same machine. */
export const isTelling = (clockUs: number): boolean => clockUs >= FIRST_TELLING_US && clockUs % 1000 !== 0

/** 53 bits over clock and text; `bytes[start, end)` is the text, its printk stamp included or not. */
export function kernelMark(clockUs: number, bytes: Uint8Array, start: number, end: number): number {
  let from = start
  if (bytes[start] === 0x5b) while (from < end && bytes[from++] !== 0x5d);
  let low = 0x811c9dc5 ^ clockUs
  let high = 0x9e3779b9 ^ (clockUs / 4096)
  for (let i = from; i < end; i++) {
    low = Math.imul(low ^ bytes[i]!, 0x01000193)
    high = Math.imul(high ^ bytes[i]!, 0x85ebca6b) ^ (high >>> 15)
  }
  return (high & 0x1fffff) * 0x1_0000_0000 + (low >>> 0)
}

/** Whether more marks are kept: a mark that nobody needs is not worth its computing. */
export const takesMarks = ({ marks }: KernelEvidence): boolean => marks.size < MAX_MARKS

export function addMark(kernel: KernelEvidence, clockUs: number, mark: number): boolean {
  if (!takesMarks(kernel) || kernel.marks.has(mark) || !isTelling(clockUs)) return false
  kernel.marks.add(mark)
  if (clockUs < kernel.minUs) kernel.minUs = clockUs
  if (clockUs > kernel.maxUs) kernel.maxUs = clockUs
  return true
}

/** `known`: this message was here before. `unknown`: it should have been, had this kernel said it. `neutral`: it says nothing. */
export function compareMark(kernel: KernelEvidence, clockUs: number, mark: number): 'known' | 'unknown' | 'neutral' {
  if (!isTelling(clockUs)) return 'neutral'
  if (kernel.marks.has(mark)) return 'known'
  return clockUs >= kernel.minUs && clockUs <= kernel.maxUs ? 'unknown' : 'neutral'
}

const BLOB_VERSION = 1
const HEADER = 7

/** The form in `sessions.kernel_marks`: little-endian 64-bit floats, a header of seven and the marks. */
export function encodeEvidence(kernel: KernelEvidence | undefined, isAnnounced: boolean): Uint8Array | undefined {
  if (kernel === undefined && !isAnnounced) return undefined
  const { bootMs, lastUs, hasBanner, minUs, maxUs, marks } = kernel ?? newKernelEvidence(Number.NaN)
  const values = [BLOB_VERSION, isAnnounced ? 1 : 0, bootMs, lastUs, hasBanner ? 1 : 0, minUs, maxUs, ...marks]
  return new Uint8Array(Float64Array.from(values).buffer)
}

export function decodeEvidence(blob: Uint8Array | undefined): { readonly kernel: KernelEvidence | undefined; readonly isAnnounced: boolean } {
  if (blob === undefined || blob.byteLength < HEADER * 8 || blob.byteLength % 8 !== 0) return { kernel: undefined, isAnnounced: false }
  const values = new Float64Array(blob.slice().buffer)
  if (values[0] !== BLOB_VERSION) return { kernel: undefined, isAnnounced: false }
  const [, announced, bootMs, lastUs, banner, minUs, maxUs] = values
  const isAnnounced = announced === 1
  if (Number.isNaN(bootMs)) return { kernel: undefined, isAnnounced }
  const kernel: KernelEvidence = { bootMs: bootMs!, lastUs: lastUs!, hasBanner: banner === 1, minUs: minUs!, maxUs: maxUs!, marks: new Set(values.subarray(HEADER)) }
  return { kernel, isAnnounced }
}
