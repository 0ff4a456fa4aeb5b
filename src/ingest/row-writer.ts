import { BATCH_BYTES, COLUMNS, HINT, type Batch } from '#domain/batch.ts'
import type { Transport } from '#domain/source.ts'
import { MAX_HOST_NAME } from '#domain/wire.ts'
import type { Clock } from '#base/time.ts'
import type { BatchFlow } from './batch-flow.ts'
import type { IngestCounters } from './counters.ts'
import type { Departures } from './departures.ts'
import { RESERVED_BATCHES, roomLeft, roomOf } from './fair-share.ts'
import { createInterner, type Interner } from './interner.ts'
import { FORMAT } from './parse/fault-bits.ts'
import { createParser, type FrameRow, type Parser } from './parse/parser.ts'
import type { Sender, SenderTable } from './sender.ts'
import type { Tagger } from './tags/tagger.ts'
import { Turns } from './turns.ts'

/** Host names and senders of one epoch each; when either table is full, both start anew. */
export const MAX_INTERNED = 65_536
/** Room for the host names of an epoch: 64 bytes each on average. */
const HOST_ARENA_BYTES = 64 * MAX_INTERNED
/** Room for the name that the kernel's own forms are given. */
const KERNEL_BYTES = 8

/** Batches that must stay free when a message of this transport begins another: whoever can wait leaves them to datagrams. */
const RESERVED: Readonly<Record<Transport, number>> = { udp: 0, internal: 0, tcp: RESERVED_BATCHES, relp: RESERVED_BATCHES, unix: RESERVED_BATCHES, http: RESERVED_BATCHES }

/** Writes frames as parsed rows into the batch in hand, and takes the next batch when it is full. */
export class RowWriter {
  readonly #flow: BatchFlow
  readonly #senders: SenderTable
  readonly #counters: IngestCounters
  readonly #clock: Clock
  readonly #maxFrameBytes: number
  readonly #departures: Departures
  readonly #hosts: Interner = createInterner({ capacity: MAX_INTERNED, maxKeyBytes: MAX_HOST_NAME, arenaBytes: HOST_ARENA_BYTES })
  readonly #tagger: Tagger
  readonly #parser: Parser
  /** The frame written last. */
  readonly frame: FrameRow = { row: 0, start: 0, length: 0, receivedMs: 0, faults: 0, form: 'syslog' }
  /** Rows and bytes written since the last `leave`. */
  takenRows = 0
  takenBytes = 0
  #batch: Batch | undefined
  #sender: Sender | undefined
  #reserved = 0
  readonly #turns = new Turns()
  /** Room that a mapping of this sender's messages wants behind each frame. */
  #spareBytes = 0
  /** A chunk that lies in the batch as a whole, from `#placedAt` on: its frames are not copied again. */
  #placed: Uint8Array | undefined
  #placedAt = 0
  /** End of the bytes of the batch that rows use; behind it lies at most the rest of the placed chunk. */
  #usedBytes = 0

  constructor(options: { readonly flow: BatchFlow; readonly senders: SenderTable; readonly counters: IngestCounters; readonly clock: Clock; readonly maxFrameBytes: number; readonly tagger: Tagger; readonly departures: Departures }) {
    this.#flow = options.flow
    this.#senders = options.senders
    this.#counters = options.counters
    this.#clock = options.clock
    this.#maxFrameBytes = options.maxFrameBytes
    this.#departures = options.departures
    this.#tagger = options.tagger
    this.#parser = createParser(this.#hosts, this.#tagger)
  }

  /** The batch in hand. */
  get batch(): Batch | undefined {
    return this.#batch
  }

  /** Room that is free: in the batches of the pool, and behind the row written last. */
  get freeBytes(): number {
    const batch = this.#batch
    return this.#flow.freeBatches * BATCH_BYTES + (batch === undefined ? 0 : roomLeft(batch.capacityRows - batch.rows, batch.bytes.length - this.#usedBytes))
  }

  /** What is left of the pool is kept for senders that cannot wait. */
  get mustWait(): boolean {
    const isShort = this.#flow.freeBatches < this.#reserved
    if (isShort) this.#turns.refuse()
    return isShort
  }

  /** Batches that must stay free when a message of this transport begins another; in the turn of those who wait they may begin one. */
  reserveOf(transport: Transport): number {
    const reserved = RESERVED[transport]
    return reserved > 0 && this.#turns.isOpen ? Math.min(reserved, Math.max(0, this.#flow.freeBatches - 1)) : reserved
  }

  /** The writer has settled a batch. */
  onSettled(): void {
    this.#turns.settle()
  }

  /** The frames to come are of this sender and received now. */
  enter(sender: Sender, form: FrameRow['form']): void {
    this.#sender = sender
    this.#reserved = this.reserveOf(sender.transport)
    this.#spareBytes = this.#tagger.enter(sender)
    this.frame.form = form
    this.frame.receivedMs = this.#clock()
  }

  /** No more of this sender for now; the caller takes `takenRows` and `takenBytes` and sets them to 0. */
  leave(): void {
    this.#placed = undefined
    if (this.takenRows > 0 && RESERVED[this.#sender!.transport] > 0) this.#turns.take(Math.max(roomOf(0) * this.takenRows, this.takenBytes))
    if (this.#batch !== undefined) this.#batch.byteCount = this.#usedBytes
  }

  /** Copies the chunk into the batch in one piece, where it and a frame held over from before surely fit. */
  place(chunk: Uint8Array): void {
    if (this.#spareBytes > 0 || (this.#batch === undefined && !this.next())) return
    const batch = this.#batch!
    if (batch.byteCount + chunk.length + this.#maxFrameBytes > batch.bytes.length) return
    this.#placed = chunk
    this.#placedAt = batch.byteCount
    batch.bytes.set(chunk, batch.byteCount)
    batch.byteCount += chunk.length
  }

  /** @param framing index of FRAMINGS @returns false when no batch is free: nothing was written */
  add(bytes: Uint8Array, start: number, end: number, faults: number, framing: number): boolean {
    const length = end - start
    if (!this.#hasRoom(bytes === this.#placed ? 0 : length + Math.max(this.#spareBytes, KERNEL_BYTES)) && !this.next()) return false
    const batch = this.#batch!
    const frame = this.frame
    if (bytes === this.#placed) {
      frame.start = this.#placedAt + start
    } else {
      frame.start = batch.byteCount
      batch.bytes.set(bytes.subarray(start, end), frame.start)
      batch.byteCount += length
    }
    frame.row = batch.rows
    frame.length = length
    frame.faults = faults
    this.#parser.parse(batch, frame)
    if (bytes === this.#placed && batch.format[frame.row] === FORMAT.kmsg && batch.appLen[frame.row] === 0) {
      clearRow(batch, frame.row)
      return this.add(bytes.slice(start, end), 0, length, faults, framing) // apart from what follows it: its name needs room
    }
    const behind = frame.start + batch.frameLen[frame.row]! // a mapping may have appended a name
    if (behind > this.#usedBytes) this.#usedBytes = behind
    batch.source[frame.row] = this.#senders.refOf(this.#sender!)
    batch.framing[frame.row] = framing
    batch.rows++
    this.takenRows++
    this.takenBytes += length
    return true
  }

  /** Takes the row that was written last out again; it is not of a placed chunk. */
  takeBack(): void {
    const batch = this.#batch!
    const { row, start, length } = this.frame
    clearRow(batch, row)
    batch.rows--
    this.#usedBytes = start
    this.takenRows--
    this.takenBytes -= length
  }

  /** The row that was written last is the first of its connection. */
  markOpening(): void {
    this.#batch!.hints[this.frame.row]! |= HINT.opening
  }

  /** Puts an empty batch in place of the present one. @returns false when no more than those reserved are free */
  next(reserved = this.#reserved): boolean {
    this.flush()
    if (this.#hosts.isFull || this.#senders.isFull) {
      this.#hosts.clear()
      this.#senders.startEpoch()
      this.#counters.add('epochs')
    }
    if (this.#batch === undefined && this.#flow.freeBatches > reserved) this.#batch = this.#flow.take()
    if (this.#batch === undefined && reserved > 0) this.#turns.refuse()
    return this.#batch !== undefined
  }

  /** Hands over what there is, if there is anything. */
  flush(): void {
    if (this.#batch !== undefined && (this.#batch.rows > 0 || this.#departures.hasReceipts)) this.seal()
  }

  /** Hands over the batch in hand, also an empty one. */
  seal(): void {
    const batch = this.#batch!
    batch.byteCount = this.#usedBytes
    this.#counters.add('tags-unfit', this.#tagger.takeUnfit())
    this.#counters.set('hosts-known', this.#hosts.size)
    this.#batch = undefined
    this.#placed = undefined
    this.#usedBytes = 0
    this.#departures.leave(batch)
  }

  #hasRoom(newBytes: number): boolean {
    const batch = this.#batch
    if (batch === undefined || batch.rows === batch.capacityRows || batch.byteCount + newBytes > batch.bytes.length) return false
    return !this.#hosts.isFull && !this.#senders.isFull
  }
}

function clearRow(batch: Batch, row: number): void {
  for (const { name } of COLUMNS) batch[name][row] = 0
}
