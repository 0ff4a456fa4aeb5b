import type { Batch } from '#domain/batch.ts'
import type { StoredMessage } from '#domain/message.ts'
import type { LogReader, ResolvedQuery } from '#store/index.ts'

export type BacktestReader = Pick<LogReader, 'batchAfter' | 'search'>

/** Messages that come next, the first and the last seq that they stand for, and what is between them. */
export type Stretch =
  | { readonly kind: 'rows'; readonly batch: Batch; readonly from: number; readonly to: number; readonly lastSeq: number }
  | { readonly kind: 'messages'; readonly messages: readonly StoredMessage[]; readonly lastSeq: number }

/** Messages of one page, which are objects in memory. */
const PAGE = 2000
/** Where more than one message in so many is a candidate, reading all is cheaper than searching. */
const DENSE = 24
/** It is read for so long then, before a search is tried again. */
const READ_ROWS = 262_144
/** Rows between two looks at whether somebody has cancelled. */
const SLICE_ROWS = 8192

/** The numbers of the first and the last message of a time; undefined: there is none. */
export function seqsOf(reader: BacktestReader, { fromMs, untilMs }: { readonly fromMs: number; readonly untilMs: number }): { readonly firstSeq: number; readonly lastSeq: number } | undefined {
  const edge = (order: 'oldest' | 'newest'): number | undefined => reader.search({ kind: 'time', fromMs, untilMs }, { limit: 1, order, deadlineAtMs: Infinity }).messages[0]?.seq
  const firstSeq = edge('oldest')
  const lastSeq = firstSeq === undefined ? undefined : edge('newest')
  return firstSeq === undefined || lastSeq === undefined ? undefined : { firstSeq, lastSeq: Math.max(firstSeq, lastSeq) }
}

export interface StretchesOptions {
  readonly reader: BacktestReader
  readonly firstSeq: number
  readonly lastSeq: number
  /** Messages that do not answer it may be passed over; undefined: all are given. */
  readonly candidates: ResolvedQuery | undefined
  readonly isCancelled: () => boolean
}

/** The messages between two numbers in their order, each once: read as they are stored, or only those that may be something to a rule. Valid until the next one is asked for. */
export function* stretches({ reader, firstSeq, lastSeq, candidates, isCancelled }: StretchesOptions): Generator<Stretch> {
  let readUntilSeq = candidates === undefined ? Infinity : 0
  for (let seq = firstSeq - 1; seq < lastSeq && !isCancelled(); ) {
    if (candidates === undefined || seq < readUntilSeq) {
      const batch = reader.batchAfter(seq)
      if (batch === undefined || batch.firstSeq > lastSeq) return
      const end = Math.min(batch.rows, lastSeq + 1 - batch.firstSeq)
      for (let from = Math.max(0, seq + 1 - batch.firstSeq); from < end && !isCancelled(); from += SLICE_ROWS) {
        const to = Math.min(end, from + SLICE_ROWS)
        seq = batch.firstSeq + to - 1
        yield { kind: 'rows', batch, from, to, lastSeq: seq }
      }
    } else {
      const range: ResolvedQuery = { kind: 'and', terms: [{ kind: 'seq', comparison: '>', value: seq }, { kind: 'seq', comparison: '<=', value: lastSeq }, candidates] }
      const { messages, reason } = reader.search(range, { limit: PAGE, order: 'oldest', deadlineAtMs: Infinity, isCancelled })
      const last = messages.at(-1)
      const isFull = messages.length >= PAGE || reason === 'cancelled'
      const reached = isFull && last !== undefined ? last.seq : lastSeq
      if (isFull && reached - seq < PAGE * DENSE) readUntilSeq = reached + READ_ROWS
      seq = reached
      if (reason === 'cancelled' && last === undefined) return
      yield { kind: 'messages', messages, lastSeq: seq }
    }
  }
}
