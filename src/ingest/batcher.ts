import { FRAMING } from '#domain/framing.ts'
import type { Receipt } from '#domain/stream.ts'
import type { Clock } from '#base/time.ts'
import type { BatchFlow } from './batch-flow.ts'
import type { IngestCounters } from './counters.ts'
import { Departures } from './departures.ts'
import { EASY_BATCHES, isUrgent, isWithinShare, roomOf } from './fair-share.ts'
import type { FrameSink, StreamFramer } from './framing/stream-framer.ts'
import { Holdings } from './holdings.ts'
import type { JoinedFrame } from './joins/held-lines.ts'
import { createJoiner, HELD, type Joiner } from './joins/joiner.ts'
import { LossBook } from './loss-book.ts'
import { FAULT } from './parse/fault-bits.ts'
import type { FrameRow } from './parse/parser.ts'
import { RowWriter } from './row-writer.ts'
import type { Sender, SenderTable } from './sender.ts'
import { Tagger } from './tags/tagger.ts'
import type { TagSetting } from './tags/tag-rule.ts'

/** What was lost is told this long after the first of it, with the next batch that leaves. */
const TELL_LOSSES_MS = 1000

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

/**
 * Fills batches with parsed frames and hands them to the flow: at once while the writer is idle, else when they are full. Whoever can
 * wait is made to while batches run short; of datagrams those beyond their sender's share are left out, and counted.
 */
export class Batcher {
  readonly #options: BatcherOptions
  readonly #flow: BatchFlow
  readonly #tagger: Tagger
  readonly #rows: RowWriter
  readonly #departures: Departures
  readonly #joiner: Joiner
  readonly #holdings = new Holdings()
  readonly #losses: LossBook
  readonly #streamSink: FrameSink
  #isDeferred = false
  #isTelling = false
  /** Of what comes frame by frame: index of FRAMINGS. */
  #framing: number = FRAMING.unknown
  /** Of the frame in hand; of one that does not stay they are not counted. */
  #cutBytes = 0

  constructor(options: BatcherOptions) {
    const { flow, counters } = options
    this.#options = options
    this.#flow = flow
    this.#tagger = new Tagger(options.tags ?? [])
    this.#losses = new LossBook(counters)
    this.#departures = new Departures({ ...options, holdings: this.#holdings, losses: this.#losses })
    this.#rows = new RowWriter({ ...options, tagger: this.#tagger, departures: this.#departures })
    this.#joiner = createJoiner({ ...options, write: (frame, sender) => this.#write(frame, sender), onUnplaced: (sender) => this.#addUnplaced(sender) })
    const rows = this.#rows
    this.#streamSink = {
      frame: (bytes, start, end, faults, framing) => rows.add(bytes, start, end, faults, framing),
      cut: (bytes) => counters.add('cut-bytes', bytes),
    }
  }

  /** One frame of a datagram or body. @returns false when no batch is free: a datagram is counted as lost then, what can wait is to come again */
  take(frame: { readonly bytes: Uint8Array; readonly form: FrameRow['form'] }, sender: Sender): boolean {
    if (sender.transport === 'udp') return this.#takeDatagram(frame, sender)
    this.#enter(sender, frame.form)
    const isTaken = !this.#rows.mustWait && this.#addCut(frame.bytes, 0)
    this.#leave(sender)
    return isTaken
  }

  /** A datagram of a kernel's console; what finds no free batch is counted as lost. */
  takeConsole(bytes: Uint8Array, sender: Sender): void {
    this.#joiner.console.take(bytes, sender, this.#options.clock())
  }

  /** Datagrams that the kernel dropped between two looks. */
  addKernelDrops(drops: { readonly listener: string; readonly count: number; readonly fromMs: number; readonly toMs: number }): void {
    this.#losses.addKernelDrops(drops)
    this.#willTell()
  }

  /** Writes the lines of which pieces are still waited for. @returns false when no batch was free for some */
  flushPieces(): boolean {
    return this.#joiner.flush()
  }

  /** A chunk of a connection. @returns how many bytes were taken; the framer may owe a frame even when all were */
  takeStream(chunk: Uint8Array, framer: Pick<StreamFramer, 'push'>, sender: Sender): number {
    const rows = this.#rows
    rows.enter(sender, 'syslog')
    if (rows.mustWait) return 0
    rows.place(chunk)
    const taken = framer.push(chunk, this.#streamSink)
    this.#leave(sender)
    return taken
  }

  /** Which of the batches, in the order in which the flow is given them and from 1, holds the row taken last. */
  get batchNumber(): number {
    return this.#departures.batches + 1
  }

  /** The row taken last is the first of its connection. */
  markOpening(): void {
    this.#rows.markOpening()
  }

  /** The end of a connection. @returns false when no batch was free for what is left: call it again */
  endStream(framer: StreamFramer, sender: Sender): boolean {
    this.#rows.enter(sender, 'syslog')
    if (this.#rows.mustWait) return false
    const isDone = framer.end(this.#streamSink)
    this.#leave(sender)
    return isDone
  }

  /** The receipt goes with the batch that holds the row taken last. @returns false when there is no batch to put it in */
  addReceipt(receipt: Receipt): boolean {
    if (this.#rows.batch === undefined && !this.#rows.next(this.#rows.reserveOf('http'))) return false
    this.#departures.addReceipt(receipt)
    this.#wake()
    return true
  }

  /** Another `syslog.tags`, from the next message on. */
  setTags(tags: readonly TagSetting[]): void {
    this.#tagger.replace(tags)
  }

  /** Hands over what there is, if there is anything. */
  flush(): void {
    this.#rows.flush()
  }

  /** Hands over all that there is, losses too. @returns false when no batch is free for them */
  close(): boolean {
    this.#departures.areLossesDue = true
    this.flush()
    return this.#tellLosses()
  }

  /** The oldest batch that was handed over is settled. */
  onSettled(): void {
    this.#holdings.settle()
    this.#rows.onSettled()
  }

  /** To be called when the writer may have become idle. */
  onReturn(): void {
    if (!this.#flow.isQuiet) return
    if (this.#departures.pauseMs === 0) this.flush()
    else if (this.#rows.batch !== undefined) this.#wake()
    this.#tellLosses()
  }

  #takeDatagram(datagram: { readonly bytes: Uint8Array; readonly form: FrameRow['form'] }, sender: Sender): boolean {
    const rows = this.#rows
    this.#enter(sender, datagram.form)
    let isTaken = this.#addCut(datagram.bytes, 0)
    const isPiece = isTaken && this.#joiner.isPiece(rows.batch!, rows.frame.row, sender)
    const piece = isPiece ? this.#joiner.pieceOf(rows.batch!, rows.frame.row, sender) : undefined
    if (piece !== undefined) rows.takeBack()
    else if (isTaken) this.#share(sender)
    this.#leave(sender)
    if (piece !== undefined) {
      const faults = this.#joiner.hold(piece)
      isTaken = faults === HELD || this.#write({ bytes: piece.frame, form: datagram.form, faults, receivedMs: piece.receivedMs }, sender)
    }
    if (!isTaken) this.#addUnplaced(sender)
    return isTaken
  }

  /** A line of datagrams that was put together, received when its first piece was. @returns false when no batch is free */
  #write({ bytes, form, faults, receivedMs }: JoinedFrame, sender: Sender): boolean {
    this.#enter(sender, form)
    this.#rows.frame.receivedMs = receivedMs
    const isTaken = this.#addCut(bytes, faults)
    if (isTaken) this.#share(sender)
    this.#leave(sender)
    return isTaken
  }

  /** The row written last is held against its sender, or taken back where that would be more than his share. */
  #share(sender: Sender): void {
    const rows = this.#rows
    const { row, length } = rows.frame
    const bytes = roomOf(length)
    if (this.#flow.freeBatches >= EASY_BATCHES || isUrgent(rows.batch!.pri[row]! & 7) || isWithinShare(sender.heldBytes + bytes, rows.freeBytes)) return this.#holdings.add(sender, bytes)
    this.#losses.addShed(rows.batch!, row, sender)
    rows.takeBack()
    this.#willTell()
  }

  #addUnplaced(sender: Sender): void {
    this.#losses.addUnplaced(sender, this.#options.clock())
    this.#willTell()
  }

  #addCut(bytes: Uint8Array, faults: number): boolean {
    const { maxFrameBytes } = this.#options
    const length = Math.min(bytes.length, maxFrameBytes)
    if (length === bytes.length) return this.#rows.add(bytes, 0, length, faults, this.#framing)
    this.#cutBytes = bytes.length - length
    return this.#rows.add(bytes, 0, length, faults | FAULT.truncated, this.#framing)
  }

  #enter(sender: Sender, form: FrameRow['form']): void {
    this.#rows.enter(sender, form)
    this.#framing = framingOf(sender, form)
  }

  #leave(sender: Sender): void {
    const rows = this.#rows
    const cutBytes = this.#cutBytes
    this.#cutBytes = 0
    rows.leave()
    if (rows.takenRows === 0) return
    const { counters } = this.#options
    if (cutBytes > 0) counters.add('cut-bytes', cutBytes)
    counters.add(MESSAGES[sender.transport], rows.takenRows)
    counters.add(BYTES[sender.transport], rows.takenBytes)
    sender.counts.messages += rows.takenRows
    rows.takenRows = 0
    rows.takenBytes = 0
    this.#wake()
  }

  /** While the writer is idle, what was read in this turn of the event loop leaves at its end; under load a few milliseconds later. */
  #wake(): void {
    if (this.#isDeferred || !this.#flow.isQuiet) return
    this.#isDeferred = true
    this.#options.defer(() => {
      this.#isDeferred = false
      if (this.#flow.isQuiet) this.flush()
    }, this.#departures.pauseMs)
  }

  #willTell(): void {
    if (this.#isTelling) return
    this.#isTelling = true
    this.#options.defer(() => {
      this.#isTelling = false
      this.#departures.areLossesDue = true
      if (this.#flow.isQuiet) this.#tellLosses()
    }, TELL_LOSSES_MS)
  }

  /** Losses that are due leave with an empty batch when there is no other. @returns false when none is free */
  #tellLosses(): boolean {
    if (!this.#departures.areLossesDue || this.#losses.isEmpty) return true
    if (this.#rows.batch === undefined && !this.#rows.next(0)) return false
    this.#rows.seal()
    return true
  }
}

const MESSAGES = { udp: 'messages-udp', tcp: 'messages-tcp', http: 'messages-http', internal: 'messages-internal', relp: 'messages-relp', unix: 'messages-unix' } as const
const BYTES = { udp: 'bytes-udp', tcp: 'bytes-tcp', http: 'bytes-http', internal: 'bytes-internal', relp: 'bytes-relp', unix: 'bytes-unix' } as const

/** Of what comes frame by frame; the framer of a connection knows its own. */
function framingOf({ transport }: Sender, form: FrameRow['form']): number {
  if (transport === 'udp') return form === 'console' ? FRAMING.console : FRAMING.datagram
  if (transport === 'internal') return FRAMING.own
  if (form === 'ndjson' || form === 'broken-json') return FRAMING.ndjson
  return form === 'journal' ? FRAMING.journal : FRAMING.httpLines
}
