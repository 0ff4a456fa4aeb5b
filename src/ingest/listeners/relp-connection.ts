import type { Socket } from 'node:net'
import { FRAMING } from '#domain/framing.ts'
import type { Batcher } from '../batcher.ts'
import type { IngestCounters } from '../counters.ts'
import type { FrameSink, FramerLimits } from '../framing/stream-framer.ts'
import { FAULT } from '../parse/fault-bits.ts'
import type { Sender } from '../sender.ts'
import { RelpAcks } from '../relp/acks.ts'
import type { RelpHead } from '../relp/frame-head.ts'
import { RelpReader } from '../relp/relp-reader.ts'

/** What the hub offers: protocol version 0, which all known clients speak, and the one command that carries messages. */
const OFFERS = '200 OK\nrelp_version=0\nrelp_software=hps-hub\ncommands=syslog'
const UNKNOWN_COMMAND = '500 command not known'

/**
 * One RELP connection: messages are acknowledged once the batch that holds them is on disk, in the order in which they
 * came. What the disk refused is not acknowledged: the connection ends, and the client sends it again over the next one.
 */
export class RelpConnection {
  readonly #socket: Socket
  readonly #sender: Sender
  readonly #batcher: Batcher
  readonly #counters: IngestCounters
  readonly #waiting: Set<RelpConnection>
  readonly #reader: RelpReader
  readonly #acks = new RelpAcks()
  #sink: FrameSink | undefined
  #rest: Uint8Array | undefined
  #closeTransaction: number | undefined
  #isEnded = false
  /** No message has come yet. */
  #isOpening = true
  #isStopping = false

  constructor(options: { readonly socket: Socket; readonly sender: Sender; readonly batcher: Batcher; readonly counters: IngestCounters; readonly limits: FramerLimits
    /** Those that wait for the disk: a connection puts itself in, and takes itself out. */
    readonly waiting: Set<RelpConnection> }) {
    this.#socket = options.socket
    this.#sender = options.sender
    this.#batcher = options.batcher
    this.#counters = options.counters
    this.#waiting = options.waiting
    this.#reader = new RelpReader(options.limits)
  }

  /** The peer is gone: what it has not been told of it will send again. */
  get isFinished(): boolean {
    return this.#isEnded
  }

  pause(): void {
    this.#socket.pause()
  }

  /** @returns false when not all of it found room: the caller stops reading everywhere */
  onData(chunk: Uint8Array): boolean {
    const taken = this.#batcher.takeStream(chunk, this, this.#sender)
    this.#counters.set('relp-waiting', this.#waiting.size)
    if (this.#reader.fault !== undefined) {
      this.#counters.add(`relp-fault-${this.#reader.fault}`)
      this.#socket.destroy()
      return true
    }
    if (taken === chunk.length) return true
    this.#rest = chunk.subarray(taken)
    return false
  }

  resume(): boolean {
    const rest = this.#rest
    if (rest !== undefined && !this.#isEnded) {
      this.#rest = undefined
      if (!this.onData(rest)) return false
    }
    this.#socket.resume()
    return true
  }

  /** The hub stops: reads no more, and ends once all that was taken is answered; what was not, the client sends again. */
  destroy(): void {
    this.#isStopping = true
    this.#rest = undefined
    this.#socket.pause()
    this.#closeWhenDone()
  }

  /** The connection is over. Half a frame was never acknowledged and is dropped. */
  end(): boolean {
    this.#isEnded = true
    this.#rest = undefined
    this.#waiting.delete(this)
    this.#counters.set('relp-waiting', this.#waiting.size)
    this.#reader.close()
    return true
  }

  /** All batches up to this one are settled; the last of them is stored, or was refused. */
  settle(batch: number, isStored: boolean): void {
    const { answers, count } = this.#acks.settle(batch)
    if (this.#acks.isEmpty) this.#waiting.delete(this)
    if (count === 0) return
    if (!isStored) {
      this.#counters.add('relp-refused')
      this.#socket.destroy()
      return
    }
    this.#counters.add('relp-acknowledged', count)
    this.#socket.write(answers)
    this.#closeWhenDone()
  }

  /** For the batcher: reads frames in a chunk. */
  push(chunk: Uint8Array, sink: FrameSink): number {
    this.#sink = sink
    return this.#reader.push(chunk, this)
  }

  /** For the reader: one frame. */
  frame(head: Readonly<RelpHead>, bytes: Uint8Array, start: number, end: number): boolean {
    const { command, transaction } = head
    if (command === 'syslog') return this.#takeMessage(head, bytes, start, end)
    if (command === 'open') this.#answer(transaction, OFFERS)
    else if (command === 'close') this.#closeTransaction = transaction
    else this.#answer(transaction, UNKNOWN_COMMAND)
    this.#closeWhenDone()
    return true
  }

  #takeMessage({ transaction, dataBytes }: Readonly<RelpHead>, bytes: Uint8Array, start: number, end: number): boolean {
    const cutBytes = dataBytes - (end - start)
    if (!this.#sink!.frame(bytes, start, end, cutBytes > 0 ? FAULT.truncated : 0, FRAMING.relp)) return false
    if (this.#isOpening) this.#batcher.markOpening()
    this.#isOpening = false
    if (cutBytes > 0) this.#sink!.cut(cutBytes)
    this.#acks.add(transaction, this.#batcher.batchNumber)
    this.#waiting.add(this)
    return true
  }

  #answer(transaction: number, text: string): void {
    const bytes = Buffer.byteLength(text)
    this.#socket.write(`${transaction} rsp ${bytes}${bytes > 0 ? ' ' : ''}${text}\n`)
  }

  #closeWhenDone(): void {
    const isAsked = this.#closeTransaction !== undefined
    if ((!isAsked && !this.#isStopping) || !this.#acks.isEmpty) return
    if (isAsked) this.#answer(this.#closeTransaction!, '')
    this.#socket.write('0 serverclose 0\n')
    this.#socket.destroySoon()
  }
}
