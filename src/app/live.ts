import type { Batch } from '#domain/batch.ts'
import { createGate, type Clue, type Gate } from './live-gate.ts'
import { createTurns } from './turns.ts'

/**
 * Live tails: first what is stored after the reader's position, then the committed batches as they come. A tail that
 * cannot take more is skipped and told so; one that misses a batch (main was busy) reads the store again. A tail's
 * position only moves over what it was given or told of, so nothing is lost in silence. Tails of one query share one look at
 * a batch, and a message is decoded once for all of them.
 */
export interface LiveItem<Message> { readonly message?: Message; readonly skipped?: { readonly fromSeq: number; readonly toSeq: number; readonly count: number } }

/** Share of the main thread that matching may take, and how far above it a burst may go; beyond it the store is read, on other threads. */
const MAX_SHARE = 0.5
const MAX_DEBT_MS = 300

/** Tails that read the store at the same time: when all have missed something, people's searches must still get their turn. */
const MAX_READING = 4

/** Whether row `row` of a live batch is asked for; `clues` as `cluesOf` gives them. */
export interface LiveMatcher { readonly matches: (batch: Batch, row: number) => boolean; readonly clues: readonly Clue[] | undefined }

export interface TailOptions<Message> {
  /** The query in its canonical form: tails with the same one share `matcher`. */
  readonly key: string
  readonly afterSeq: number
  /** Asked for at each batch, since names may become known later; the same object while nothing changed. */
  matcher(): LiveMatcher
  /** Matching stored messages with `afterSeq < seq <= uptoSeq`, oldest first, at most a page; `doneSeq` is how far it looked. */
  backfill(afterSeq: number, uptoSeq: number): Promise<{ readonly messages: readonly Message[]; readonly doneSeq: number }>
  deliver(item: LiveItem<Message>): boolean
  /** The store failed to answer; the tail ends. */
  onFault(fault: unknown): void
}

export interface Live<Message> {
  readonly size: number
  tail(options: TailOptions<Message>): () => void
  /** A copy of a committed batch; `decode` makes a message of a row. */
  deliver(batch: Batch): void
  /** All up to `seq` is on disk. */
  committed(seq: number): void
}

interface Tail<Message> extends TailOptions<Message> {
  /** Everything up to here was given to the reader, or told as skipped. */
  position: number
  catchingUp: boolean
  ended: boolean
  skipped: { fromSeq: number; toSeq: number; count: number } | undefined
}

/** The tails of one query. */
interface Group<Message> { readonly tails: Set<Tail<Message>>; matcher: LiveMatcher | undefined }

export interface LiveOptions<Message> {
  /** Milliseconds that only go forward. */
  readonly now: () => number
  decode(batch: Batch, row: number): Message
  onSize(size: number): void
  /** A batch was not matched here, since matching takes too much time: the tails read it from the store. */
  onLeft(): void
}

export function createLive<Message extends { readonly seq: number }>({ decode, onSize, onLeft, now }: LiveOptions<Message>): Live<Message> {
  const tails = new Set<Tail<Message>>()
  const groups = new Map<string, Group<Message>>()
  const inTurn = createTurns(MAX_READING)
  let gate: Gate<Group<Message>> | undefined
  let committedSeq = 0
  let debtMs = 0
  let lastMs = now()

  /** Runs `work` unless what ran before took more than its share. */
  function withinShare(work: () => void): void {
    const startMs = now()
    debtMs = Math.max(0, debtMs - ((startMs - lastMs) * MAX_SHARE) / (1 - MAX_SHARE))
    lastMs = startMs
    if (debtMs > MAX_DEBT_MS) return onLeft()
    work()
    lastMs = now()
    debtMs += lastMs - startMs
  }

  /** What was left out is told as soon as the reader can take it, also when nothing more comes that it asked for. */
  function tellSkipped(tail: Tail<Message>): void {
    if (tail.skipped !== undefined && tail.deliver({ skipped: tail.skipped })) tail.skipped = undefined
  }

  function offer(tail: Tail<Message>, message: Message): void {
    tellSkipped(tail)
    if (tail.skipped === undefined && tail.deliver({ message })) return
    const { seq } = message
    tail.skipped = tail.skipped === undefined ? { fromSeq: seq, toSeq: seq, count: 1 } : { ...tail.skipped, toSeq: seq, count: tail.skipped.count + 1 }
  }

  async function catchUp(tail: Tail<Message>): Promise<void> {
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

  function begin(tail: Tail<Message>): void {
    tails.add(tail)
    const group = groups.get(tail.key)
    if (group === undefined) groups.set(tail.key, { tails: new Set([tail]), matcher: undefined })
    else group.tails.add(tail)
    onSize(tails.size)
  }

  function end(tail: Tail<Message>): void {
    tail.ended = true
    if (!tails.delete(tail)) return
    const group = groups.get(tail.key)
    group?.tails.delete(tail)
    if (group?.tails.size === 0) groups.delete(tail.key)
    gate = undefined
    onSize(tails.size)
  }

  /** Made anew when a query came, went, or means something else than before. */
  function currentGate(): Gate<Group<Message>> {
    for (const group of groups.values()) {
      const [first] = group.tails
      const matcher = first!.matcher()
      if (matcher === group.matcher) continue
      group.matcher = matcher
      gate = undefined
    }
    return (gate ??= createGate([...groups.values()], (group) => group.matcher!.clues))
  }

  function matchRows(batch: Batch, listening: ReadonlySet<Tail<Message>>): void {
    const match = currentGate()
    for (let row = 0; row < batch.rows; row++) {
      const seq = batch.firstSeq + row
      let message: Message | undefined
      match.forEach(batch, row, ({ matcher, tails: wanting }) => {
        if (!matcher!.matches(batch, row)) return
        message ??= decode(batch, row)
        for (const tail of wanting) if (seq > tail.position && listening.has(tail)) offer(tail, message)
      })
    }
  }

  return {
    get size() {
      return tails.size
    },
    tail(options) {
      const tail: Tail<Message> = { ...options, position: options.afterSeq, catchingUp: false, ended: false, skipped: undefined }
      begin(tail)
      void catchUp(tail)
      return () => end(tail)
    },
    deliver(batch) {
      const lastSeq = batch.firstSeq + batch.rows - 1
      // a batch before this one may not have been copied to us: `committed` sends such a tail to the store
      const listening = [...tails].filter((tail) => !tail.catchingUp && lastSeq > tail.position && batch.firstSeq <= tail.position + 1)
      if (listening.length === 0) return
      withinShare(() => {
        matchRows(batch, new Set(listening))
        for (const tail of listening) tail.position = lastSeq
      })
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
