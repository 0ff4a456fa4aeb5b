import type { LineBuffer } from '../lines/line-buffer.ts'
import type { SinkFault } from '../protocol.ts'

/** Where a forwarder stands: everything up to `seq` has been sent, or is not for it; `count` messages of its stream were. */
export interface Place { readonly seq: number; readonly count: number }

export interface FlowFault { readonly fault: SinkFault; readonly reason: string }

/** What is on the way over one connection, and what is known to have arrived. */
export interface Flow {
  /** What is said first. */
  readonly greeting: Uint8Array | undefined
  /** The server takes messages. */
  readonly isOpen: boolean
  readonly inFlight: number
  hasRoom(): boolean
  /** Puts a message into `out`, in its frame. `place` is that behind the message. */
  frame(out: LineBuffer, message: Uint8Array, place: Place): void
  /** What was framed is handed to the connection; nothing for it comes before `place`. */
  passed(place: Place): void
  /** What the server says. */
  take(chunk: Uint8Array): FlowFault | undefined
  /** Everything up to here need not be sent again. */
  arrived(): Place
  /** Why the connection is to be given up: nothing moves. */
  overdue(): FlowFault | undefined
  /** What is said last. */
  readonly farewell: Uint8Array | undefined
  /** The server has closed the connection after it was ended in order. */
  ended(): void
}
