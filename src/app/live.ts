import type { Batch } from '#domain/batch.ts'
import type { StoredMessage } from '#domain/message.ts'

/**
 * Live tails: first what is stored after the reader's position, then the committed batches as they come. A tail that
 * cannot take more is skipped and told so; one that misses a batch (main was busy) reads the store again. A tail's
 * position only moves over what it was given or told of, so nothing is lost in silence.
 */
export interface LiveItem { readonly message?: StoredMessage; readonly skipped?: { readonly fromSeq: number; readonly toSeq: number; readonly count: number } }

/** Tails that read the store at the same time: when all have missed something, people's searches must still get their turn. */
const MAX_READING = 4

interface TailOptions {
  readonly afterSeq: number
  /** Whether row `row` of a live batch is asked for. Read anew at each batch, since names may become known later. */
  matcher(): (batch: Batch, row: number) => boolean
  /** Matching stored messages with `afterSeq < seq <= uptoSeq`, oldest first, at most a page; `doneSeq` is how far it looked. */
  backfill(afterSeq: number, uptoSeq: number): Promise<{ readonly messages: readonly StoredMessage[]; readonly doneSeq: number }>
  deliver(item: LiveItem): boolean
  /** The store failed to answer; the tail ends. */
  onFault(fault: unknown): void
}

export interface Live {
  readonly size: number
  tail(options: TailOptions): () => void
  /** A copy of a committed batch; `decode` makes a message of a row. */
  deliver(batch: Batch): void
  /** All up to `seq` is on disk. */
  committed(seq: number): void
}

interface Tail extends TailOptions {
  /** Everything up to here was given to the reader, or told as skipped. */
  position: number
  catchingUp: boolean
  ended: boolean
  skipped: { fromSeq: number; toSeq: number; count: number } | undefined
}

export function createLive({ decode, onSize }: { readonly decode: (batch: Batch, row: number) => StoredMessage; readonly onSize: (size: number) => void }): Live {
  const tails = new Set<Tail>()
  const inTurn = createTurns(MAX_READING)
  let committedSeq = 0

  /** What was left out is told as soon as the reader can take it, also when nothing more comes that it asked for. */
  function tellSkipped(tail: Tail): void {
    if (tail.skipped !== undefined && tail.deliver({ skipped: tail.skipped })) tail.skipped = undefined
  }

  function offer(tail: Tail, message: StoredMessage): void {
    tellSkipped(tail)
    if (tail.skipped === undefined && tail.deliver({ message })) return
    const { seq } = message
    tail.skipped = tail.skipped === undefined ? { fromSeq: seq, toSeq: seq, count: 1 } : { ...tail.skipped, toSeq: seq, count: tail.skipped.count + 1 }
  }

  async function catchUp(tail: Tail): Promise<void> {
    tail.catchingUp = true
    try {
      while (!tail.ended && tail.position < committedSeq) {
        const { messages, doneSeq } = await inTurn(() => tail.backfill(tail.position, committedSeq))
        if (tail.ended) return
        if (doneSeq <= tail.position) throw new Error(`the store holds nothing after ${tail.position}, but ${committedSeq} is committed`)
        for (const message of messages) offer(tail, message)
        tail.position = doneSeq
      }
      tail.catchingUp = false
    } catch (fault) {
      end(tail)
      tail.onFault(fault)
    }
  }

  function end(tail: Tail): void {
    tail.ended = true
    if (tails.delete(tail)) onSize(tails.size)
  }

  return {
    get size() {
      return tails.size
    },
    tail(options) {
      const tail: Tail = { ...options, position: options.afterSeq, catchingUp: false, ended: false, skipped: undefined }
      tails.add(tail)
      onSize(tails.size)
      void catchUp(tail)
      return () => end(tail)
    },
    deliver(batch) {
      const lastSeq = batch.firstSeq + batch.rows - 1
      const decoded = new Map<number, StoredMessage>() // by row: many tails may want the same
      const messageOf = (row: number): StoredMessage => {
        const message = decoded.get(row) ?? decode(batch, row)
        decoded.set(row, message)
        return message
      }
      for (const tail of tails) {
        if (tail.catchingUp || lastSeq <= tail.position) continue
        if (batch.firstSeq > tail.position + 1) continue // a batch before this one was not copied to us: `committed` sends the tail to the store
        const matches = tail.matcher()
        for (let row = Math.max(0, tail.position + 1 - batch.firstSeq); row < batch.rows; row++) {
          if (matches(batch, row)) offer(tail, messageOf(row))
        }
        tail.position = lastSeq
      }
    },
    committed(seq) {
      committedSeq = Math.max(committedSeq, seq)
      for (const tail of tails) {
        if (!tail.catchingUp) tellSkipped(tail)
        if (!tail.catchingUp && tail.position < committedSeq) void catchUp(tail)
      }
    },
  }
}

/** Runs at most `most` at a time; the others wait in line, one for each tail at most. */
function createTurns(most: number): <T>(work: () => Promise<T>) => Promise<T> {
  const line: (() => void)[] = []
  let running = 0
  return async (work) => {
    if (running >= most) await new Promise<void>((resolve) => line.push(resolve))
    else running++
    try {
      return await work()
    } finally {
      const next = line.shift()
      if (next === undefined) running--
      else next()
    }
  }
}
