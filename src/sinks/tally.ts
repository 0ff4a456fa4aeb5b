import { SINK_FAULTS, type SeqRange, type SinkFault, type SinkState, type SinkStatus } from './protocol.ts'

/** Ranges of lost messages that are shown. */
const MAX_RANGES = 20

/** What a sink says of itself, counted. */
export interface Tally {
  wrote(messages: number, bytes: number): void
  moved(seq: number | undefined): void
  rotated(): void
  lost(range: SeqRange): void
  failed(fault: SinkFault, reason: string): void
  /** Something failed that does not stop the sink. */
  noted(fault: SinkFault, reason: string): void
  works(): void
  status(): SinkStatus
}

export interface TallyOptions {
  readonly name: string
  readonly clock: () => number
  readonly committedSeq: () => number | undefined
}

export function createTally({ name, clock, committedSeq }: TallyOptions): Tally {
  const errors = Object.fromEntries(SINK_FAULTS.map((fault) => [fault, 0])) as Record<SinkFault, number>
  const counts = { written: 0, bytes: 0, rotations: 0, lost: 0 }
  const ranges: SeqRange[] = []
  let state: SinkState = 'waiting'
  let seq: number | undefined
  let lastError: SinkStatus['lastError']
  const noted = (fault: SinkFault, reason: string): void => {
    errors[fault]++
    lastError = { fault, reason, atMs: clock() }
  }
  return {
    wrote(messages, bytes) {
      counts.written += messages
      counts.bytes += bytes
    },
    moved: (to) => void (seq = to),
    rotated: () => void counts.rotations++,
    lost(range) {
      counts.lost += range.toSeq - range.fromSeq + 1
      ranges.push(range)
      if (ranges.length > MAX_RANGES) ranges.shift()
    },
    failed(fault, reason) {
      state = 'stopped'
      noted(fault, reason)
    },
    noted,
    works: () => void (state = 'running'),
    status: () => ({ name, state, seq, backlog: Math.max(0, (committedSeq() ?? 0) - (seq ?? 0)), ...counts, lostRanges: [...ranges], errors: { ...errors }, lastError }),
  }
}
