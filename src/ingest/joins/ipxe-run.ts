import { FAULT } from '../parse/fault-bits.ts'
import type { HeldLine, JoinedFrame } from './held-lines.ts'
import type { Piece } from './piece.ts'

/** iPXE gathers a line in 128 bytes, a NUL included, and sends them when they are full (iPXE `net/udp/syslog.c`, SYSLOG_BUFSIZE). */
export const FULL_TEXT_BYTES = 127

/** A line of iPXE that goes on in the next datagram of the same sender, behind the same header; a text that is not full ends it, an empty one too. */
export interface IpxeRun extends HeldLine {
  readonly kind: 'ipxe'
  /** Whether the piece goes on where this run stopped. */
  fits(piece: Piece): boolean
  /** Takes a piece that fits; `grow` of the table comes first. */
  append(piece: Piece): void
}

export const ipxeKey = ({ sender }: Piece): string => `ipxe ${sender.listener} ${sender.address}`

export function createIpxeRun(first: Piece): IpxeRun {
  const header = first.frame.subarray(0, first.textAt)
  const texts = [first.frame.subarray(first.textAt)]
  let isWhole = false
  return {
    kind: 'ipxe',
    key: ipxeKey(first),
    sender: first.sender,
    bytes: first.frame.length,
    pieces: 1,
    age: 0,
    fits: ({ frame, textAt }) => !isWhole && textAt === header.length && Buffer.compare(frame.subarray(0, textAt), header) === 0,
    append({ frame, textAt }) {
      texts.push(frame.subarray(textAt))
      isWhole = frame.length - textAt < FULL_TEXT_BYTES
    },
    frames(): readonly JoinedFrame[] {
      const faults = (texts.length > 1 ? FAULT.joined : 0) | (isWhole ? 0 : FAULT.pieceMissing)
      return [{ bytes: Buffer.concat([header, ...texts]), form: 'syslog', faults, receivedMs: first.receivedMs }]
    },
  }
}
