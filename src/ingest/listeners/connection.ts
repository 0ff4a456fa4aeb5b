import type { Socket } from 'node:net'
import type { Batcher } from '../batcher.ts'
import { StreamFramer, type FramerLimits } from '../framing/stream-framer.ts'
import type { Sender } from '../sender.ts'

/**
 * One TCP connection: its framer, and what was read but found no free batch. While something is left over the socket is
 * not read; what is left over when the connection ends is still handed on.
 */
export class Connection {
  readonly #socket: Socket
  readonly #sender: Sender
  readonly #batcher: Batcher
  readonly #framer: StreamFramer
  #rest: Uint8Array | undefined
  #isEnded = false
  #isFinished = false

  constructor(options: { readonly socket: Socket; readonly sender: Sender; readonly batcher: Batcher; readonly limits: FramerLimits }) {
    this.#socket = options.socket
    this.#sender = options.sender
    this.#batcher = options.batcher
    this.#framer = new StreamFramer(options.limits)
  }

  /** Nothing more will come of it and nothing is left over. */
  get isFinished(): boolean {
    return this.#isFinished
  }

  pause(): void {
    this.#socket.pause()
  }

  /** @returns false when not all of it found room: the caller stops reading everywhere */
  onData(chunk: Uint8Array): boolean {
    const taken = this.#batcher.takeStream(chunk, this.#framer, this.#sender)
    if (taken === chunk.length && !this.#framer.isOwed) return true
    this.#rest = chunk.subarray(taken)
    return false
  }

  /** Goes on where room was missing, then reads again. @returns false when room is still missing */
  resume(): boolean {
    const rest = this.#rest
    if (rest !== undefined) {
      this.#rest = undefined
      if (!this.onData(rest)) return false
    }
    if (this.#isEnded) return this.end()
    this.#socket.resume()
    return true
  }

  /** The connection is over: hands on what is left. @returns false when room is missing; `resume` tries again */
  end(): boolean {
    this.#isEnded = true
    if (this.#rest !== undefined) return false
    if (!this.#batcher.endStream(this.#framer, this.#sender)) return false
    this.#framer.close()
    this.#isFinished = true
    return true
  }

  /** Ends the connection; what its socket had already read, while it was paused, is kept for `resume`. */
  destroy(): void {
    const buffered = this.#socket.read() as Uint8Array | null
    if (buffered !== null) this.#rest = this.#rest === undefined ? buffered : Buffer.concat([this.#rest, buffered])
    this.#socket.destroy()
  }
}
