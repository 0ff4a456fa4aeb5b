import type { Sender } from '../sender.ts'

/** A datagram that is not a whole line: its bytes, copied, and where its text begins in them. */
export interface Piece {
  readonly frame: Uint8Array
  readonly textAt: number
  readonly receivedMs: number
  readonly sender: Sender
}
