import { COLUMNS, type Batch } from '#domain/batch.ts'
import type { Receipt } from '#domain/stream.ts'
import { MAX_HOST_NAME } from '#domain/wire.ts'
import type { Clock } from '#base/time.ts'
import type { BatchFlow } from './batch-flow.ts'
import { countRows } from './count-rows.ts'
import type { IngestCounters } from './counters.ts'
import type { FrameSink, StreamFramer } from './framing/stream-framer.ts'
import { createInterner, type Interner } from './interner.ts'
import type { JoinedFrame } from './joins/held-lines.ts'
import { createJoiner, HELD, type Joiner } from './joins/joiner.ts'
import type { Piece } from './joins/piece.ts'
import { FAULT, FORMAT } from './parse/fault-bits.ts'
import { createParser, type FrameRow, type Parser } from './parse/parser.ts'
import type { Sender, SenderTable } from './sender.ts'
import { Tagger } from './tags/tagger.ts'
import type { TagSetting } from './tags/tag-rule.ts'

/** Host names and senders of one epoch each; when either table is full, both start anew. */
export const MAX_INTERNED = 65_536
/** Room for the host names of an epoch: 64 bytes each on average. */
const HOST_ARENA_BYTES = 64 * MAX_INTERNED

export interface BatcherOptions {
  readonly flow: BatchFlow
  readonly senders: SenderTable
  readonly counters: IngestCounters
  readonly clock: Clock
  readonly maxFrameBytes: number
  /** `syslog.tags`; none when absent. */
  readonly tags?: readonly TagSetting[] | undefined
  /** Runs a function once this turn's input has been read (0 ms: `setImmediate`), or that much later. */
  readonly defer: (work: () => void, delayMs: number) => void
}

/** Room for the name that the kernel's own forms are given. */
const KERNEL_BYTES = 8

/** A batch with as many rows means load: the next one may wait until `PACE_MS` after it, so that a sync is worth its while. */
const LOADED_ROWS = 32
const PACE_MS = 5

/** Fills batches with parsed frames and hands them to the flow: at once while the writer is idle, else when they are full. */
export class Batcher {
  readonly #options: BatcherOptions
  readonly #hosts: Interner = createInterner({ capacity: MAX_INTERNED, maxKeyBytes: MAX_HOST_NAME, arenaBytes: HOST_ARENA_BYTES })
  readonly #tagger: Tagger
  readonly #parser: Parser
  readonly #joiner: Joiner
  readonly #frame: FrameRow = { row: 0, start: 0, length: 0, receivedMs: 0, faults: 0, form: 'syslog' }
  readonly #streamSink: FrameSink
  #batch: Batch | undefined
  #receipts: Receipt[] = []
  #isDeferred = false
  #sender: Sender | undefined
  /** Room that a mapping of this sender's messages wants behind each frame. */
  #spareBytes = 0
  /** A chunk that lies in the batch as a whole, from `#placedAt` on: its frames are not copied again. */
  #placed: Uint8Array | undefined
  #placedAt = 0
  /** End of the bytes of the batch that rows use; behind it lies at most the rest of the placed chunk. */
  #usedBytes = 0
  #takenRows = 0
  #takenBytes = 0
  /** When and how full the last batch left. */
  #sealedMs = 0
  #sealedRows = 0
  #sealedBatches = 0

  constructor(options: BatcherOptions) {
    this.#options = options
    this.#tagger = new Tagger(options.tags ?? [])
    this.#parser = createParser(this.#hosts, this.#tagger)
    this.#joiner = createJoiner({ ...options, write: (frame, sender) => this.#write(frame, sender) })
    this.#streamSink = {
      frame: (bytes, start, end, faults) => this.#add(bytes, start, end, faults),
      cut: (bytes) => options.counters.add('cut-bytes', bytes),
    }
  }

  /** One frame of a datagram or body. @returns false when no batch is free: nothing was taken */
  take(frame: { readonly bytes: Uint8Array; readonly form: FrameRow['form'] }, sender: Sender): boolean {
    this.#enter(sender, frame.form)
    const isTaken = this.#addCut(frame.bytes, 0)
    const isPiece = isTaken && sender.transport === 'udp' && this.#joiner.isPiece(this.#batch!, this.#frame.row, sender)
    const piece = isPiece ? this.#takeBack(sender) : undefined
    this.#leave(sender)
    if (piece === undefined) return isTaken
    const faults = this.#joiner.hold(piece)
    return faults === HELD || this.#write({ bytes: piece.frame, form: frame.form, faults, receivedMs: piece.receivedMs }, sender)
  }

  /** A datagram of a kernel's console; what finds no free batch is counted as lost. */
  takeConsole(bytes: Uint8Array, sender: Sender): void {
    this.#joiner.console.take(bytes, sender, this.#options.clock())
  }

  /** Writes the lines of which pieces are still waited for. @returns false when no batch was free for some */
  flushPieces(): boolean {
    return this.#joiner.flush()
  }

  /** A chunk of a connection. @returns how many bytes were taken; the framer may owe a frame even when all were */
  takeStream(chunk: Uint8Array, framer: Pick<StreamFramer, 'push'>, sender: Sender): number {
    this.#enter(sender, 'syslog')
    if (this.#spareBytes === 0) this.#place(chunk)
    const taken = framer.push(chunk, this.#streamSink)
    this.#leave(sender)
    return taken
  }

  /** Which of the batches, in the order in which the flow is given them and from 1, holds the row taken last. */
  get batchNumber(): number {
    return this.#sealedBatches + 1
  }

  /** The end of a connection. @returns false when no batch was free for what is left: call it again */
  endStream(framer: StreamFramer, sender: Sender): boolean {
    this.#enter(sender, 'syslog')
    const isDone = framer.end(this.#streamSink)
    this.#leave(sender)
    return isDone
  }

  /** The receipt goes with the batch that holds the row taken last. @returns false when there is no batch to put it in */
  addReceipt(receipt: Receipt): boolean {
    if (this.#batch === undefined && !this.#nextBatch()) return false
    this.#receipts.push(receipt)
    this.#wake()
    return true
  }

  /** Another `syslog.tags`, from the next message on. */
  setTags(tags: readonly TagSetting[]): void {
    this.#tagger.replace(tags)
  }

  /** Hands over what there is, if there is anything. */
  flush(): void {
    if (this.#batch !== undefined && (this.#batch.rows > 0 || this.#receipts.length > 0)) this.#seal(this.#batch)
  }

  /** To be called when the writer may have become idle. */
  onReturn(): void {
    if (!this.#options.flow.isQuiet) return
    if (this.#pauseMs() === 0) this.flush()
    else if (this.#batch !== undefined) this.#wake()
  }

  /** A line that was put together, received when its first piece was. */
  #write({ bytes, form, faults, receivedMs }: JoinedFrame, sender: Sender): boolean {
    this.#enter(sender, form)
    this.#frame.receivedMs = receivedMs
    const isTaken = this.#addCut(bytes, faults)
    this.#leave(sender)
    return isTaken
  }

  /** Takes the row that was added last out again: it is a piece of a line. */
  #takeBack(sender: Sender): Piece {
    const batch = this.#batch!
    const { row, start, length } = this.#frame
    const piece = this.#joiner.pieceOf(batch, row, sender)
    clearRow(batch, row)
    batch.rows--
    this.#usedBytes = start
    this.#takenRows--
    this.#takenBytes -= length
    return piece
  }

  #addCut(bytes: Uint8Array, faults: number): boolean {
    const length = Math.min(bytes.length, this.#options.maxFrameBytes)
    if (length === bytes.length) return this.#add(bytes, 0, length, faults)
    const isTaken = this.#add(bytes, 0, length, faults | FAULT.truncated)
    if (isTaken) this.#options.counters.add('cut-bytes', bytes.length - length)
    return isTaken
  }

  #enter(sender: Sender, form: FrameRow['form']): void {
    this.#sender = sender
    this.#spareBytes = this.#tagger.enter(sender)
    this.#frame.form = form
    this.#frame.receivedMs = this.#options.clock()
  }

  #leave(sender: Sender): void {
    this.#placed = undefined
    if (this.#batch !== undefined) this.#batch.byteCount = this.#usedBytes
    if (this.#takenRows === 0) return
    const { counters } = this.#options
    counters.add(MESSAGES[sender.transport], this.#takenRows)
    counters.add(BYTES[sender.transport], this.#takenBytes)
    this.#takenRows = 0
    this.#takenBytes = 0
    this.#wake()
  }

  /** Copies the chunk into the batch in one piece, where it and a frame held over from before surely fit. */
  #place(chunk: Uint8Array): void {
    if (this.#batch === undefined && !this.#nextBatch()) return
    const batch = this.#batch!
    if (batch.byteCount + chunk.length + this.#options.maxFrameBytes > batch.bytes.length) return
    this.#placed = chunk
    this.#placedAt = batch.byteCount
    batch.bytes.set(chunk, batch.byteCount)
    batch.byteCount += chunk.length
  }

  #add(bytes: Uint8Array, start: number, end: number, faults: number): boolean {
    const length = end - start
    if (!this.#hasRoom(bytes === this.#placed ? 0 : length + Math.max(this.#spareBytes, KERNEL_BYTES)) && !this.#nextBatch()) return false
    const batch = this.#batch!
    const frame = this.#frame
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
      return this.#add(bytes.slice(start, end), 0, length, faults) // apart from what follows it: its name needs room
    }
    const behind = frame.start + batch.frameLen[frame.row]! // a mapping may have appended a name
    if (behind > this.#usedBytes) this.#usedBytes = behind
    batch.source[frame.row] = this.#options.senders.refOf(this.#sender!)
    batch.rows++
    this.#takenRows++
    this.#takenBytes += length
    return true
  }

  #hasRoom(newBytes: number): boolean {
    const batch = this.#batch
    if (batch === undefined || batch.rows === batch.capacityRows || batch.byteCount + newBytes > batch.bytes.length) return false
    return !this.#hosts.isFull && !this.#options.senders.isFull
  }

  /** Puts an empty batch in place of the present one. @returns false when none is free */
  #nextBatch(): boolean {
    const { flow, senders, counters } = this.#options
    this.flush()
    if (this.#hosts.isFull || senders.isFull) {
      this.#hosts.clear()
      senders.startEpoch()
      counters.add('epochs')
    }
    this.#batch ??= flow.take()
    return this.#batch !== undefined
  }

  #seal(batch: Batch): void {
    const { flow, senders, counters } = this.#options
    batch.byteCount = this.#usedBytes
    this.#sealedMs = this.#options.clock()
    this.#sealedRows = batch.rows
    this.#sealedBatches++
    countRows(batch, counters)
    counters.add('tags-unfit', this.#tagger.takeUnfit())
    counters.set('hosts-known', this.#hosts.size)
    counters.set('sources-known', senders.size)
    const receipts = this.#receipts
    this.#batch = undefined
    this.#placed = undefined
    this.#usedBytes = 0
    this.#receipts = []
    flow.give({ batch, sources: senders.takeDefinitions(), epoch: senders.epoch, receipts, losses: [] })
  }

  /** While the writer is idle, what was read in this turn of the event loop leaves at its end; under load a few milliseconds later. */
  #wake(): void {
    if (this.#isDeferred || !this.#options.flow.isQuiet) return
    this.#isDeferred = true
    this.#options.defer(() => {
      this.#isDeferred = false
      if (this.#options.flow.isQuiet) this.flush()
    }, this.#pauseMs())
  }

  #pauseMs(): number {
    if (this.#sealedRows < LOADED_ROWS) return 0
    const sinceMs = this.#options.clock() - this.#sealedMs
    return sinceMs >= 0 && sinceMs < PACE_MS ? PACE_MS - sinceMs : 0
  }
}

const MESSAGES = { udp: 'messages-udp', tcp: 'messages-tcp', http: 'messages-http', internal: 'messages-internal', relp: 'messages-relp', unix: 'messages-unix' } as const
const BYTES = { udp: 'bytes-udp', tcp: 'bytes-tcp', http: 'bytes-http', internal: 'bytes-internal', relp: 'bytes-relp', unix: 'bytes-unix' } as const

function clearRow(batch: Batch, row: number): void {
  for (const { name } of COLUMNS) batch[name][row] = 0
}
