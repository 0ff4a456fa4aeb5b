import type { FrameRow } from '../parse/parser.ts'
import type { Sender } from '../sender.ts'

/** Lines of which pieces are waited for, of all senders: each is a few hundred bytes, a sender has one or a few. */
export const MAX_HELD_LINES = 1024
/** Of these, of one sender. */
export const MAX_LINES_PER_SENDER = 8
/** Bytes of all of them together. */
export const MAX_HELD_BYTES = 4 * 1024 * 1024
/** A line is given up after its second tick: what belongs to it has between one and two of these to come. */
export const TICK_MS = 500
const TICKS = 2

/** A frame ready to be written, put together from pieces. */
export interface JoinedFrame {
  readonly bytes: Uint8Array
  readonly form: FrameRow['form']
  /** Bits of FAULT. */
  readonly faults: number
  readonly receivedMs: number
}

/** A line that is not whole yet. */
export interface HeldLine {
  readonly kind: 'ipxe' | 'record' | 'console'
  readonly key: string
  readonly sender: Sender
  /** Bytes held. */
  bytes: number
  /** Datagrams, or parts of one, that it was put together from. */
  pieces: number
  /** Ticks of the clock that it has seen. */
  age: number
  /** What is written when no more is waited for. */
  frames(): readonly JoinedFrame[]
}

export interface HeldLines {
  get(key: string): HeldLine | undefined
  /** Takes a line in, giving up older ones where there is no room. @returns false when these could not be written */
  add(line: HeldLine): boolean
  /** Makes room for a line to grow by a piece. @returns false when there is none, or the line is being written already */
  grow(line: HeldLine, bytes: number): boolean
  /** Writes a line, and forgets it. @returns false when no batch is free: it is kept, without what was written, and tried again */
  settle(line: HeldLine): boolean
  /** The same for a line that is not whole. */
  giveUp(line: HeldLine): boolean
  /** Gives all up. @returns false when no batch was free for some */
  flush(): boolean
}

export interface HeldLinesOptions {
  /** @returns false when no batch is free */
  write(frame: JoinedFrame, sender: Sender): boolean
  /** Runs `work` after so many milliseconds. */
  readonly defer: (work: () => void, delayMs: number) => void
  /** Called with lines and bytes held whenever they have changed. */
  report(lines: number, bytes: number): void
  /** Called for each line that is given up because its rest did not come, or there was no room to wait for it. */
  onGivenUp(line: HeldLine): void
  /** Called for each line that is written, with the number of messages that it became. */
  onWritten(line: HeldLine, messages: number): void
}

/**
 * The lines that are waited for, oldest first. It has bounds, and the oldest lines make room, first those of the same sender:
 * whoever sends nothing but first pieces is soon answered with his own lines, in pieces. Each is written once, whole or not.
 */
export function createHeldLines({ write, defer, report, onGivenUp, onWritten }: HeldLinesOptions): HeldLines {
  const lines = new Map<string, HeldLine>() // at most MAX_HELD_LINES
  const ofSender = new Map<Sender, Set<HeldLine>>() // the same lines: at most MAX_LINES_PER_SENDER in a set, and no empty one
  /** Lines that were being written when room ran out, and what is left of them. */
  const unwritten = new Map<HeldLine, { readonly frames: readonly JoinedFrame[]; next: number }>() // some of `lines`
  let bytes = 0
  let isTicking = false

  const forget = (line: HeldLine): void => {
    unwritten.delete(line)
    lines.delete(line.key)
    const own = ofSender.get(line.sender)
    own?.delete(line)
    if (own?.size === 0) ofSender.delete(line.sender)
    bytes -= line.bytes
    report(lines.size, bytes)
  }
  const settle = (line: HeldLine): boolean => {
    const writing = unwritten.get(line) ?? { frames: line.frames(), next: 0 }
    for (; writing.next < writing.frames.length; writing.next++) {
      if (write(writing.frames[writing.next]!, line.sender)) continue
      unwritten.set(line, writing)
      return false
    }
    forget(line)
    onWritten(line, writing.frames.length)
    return true
  }
  const giveUp = (line: HeldLine): boolean => {
    if (!unwritten.has(line)) onGivenUp(line)
    return settle(line)
  }
  const makeRoom = (newBytes: number, keep: HeldLine): boolean => {
    const newLines = lines.get(keep.key) === keep ? 0 : 1
    const own = ofSender.get(keep.sender)
    const [oldestOwn] = own !== undefined && own.size + newLines > MAX_LINES_PER_SENDER ? own : []
    if (oldestOwn !== undefined && !giveUp(oldestOwn)) return false
    for (const oldest of lines.values()) {
      if (lines.size + newLines <= MAX_HELD_LINES && bytes + newBytes <= MAX_HELD_BYTES) break
      if (oldest !== keep && !giveUp(oldest)) return false
    }
    return true
  }
  const wake = (): void => {
    if (isTicking || lines.size === 0) return
    isTicking = true
    defer(tick, TICK_MS)
  }
  const tick = (): void => {
    isTicking = false
    for (const line of lines.values()) if (++line.age >= TICKS && !giveUp(line)) break
    wake()
  }

  return {
    get: (key) => lines.get(key),
    add(line) {
      if (!makeRoom(line.bytes, line)) return false
      lines.set(line.key, line)
      const own = ofSender.get(line.sender)
      if (own === undefined) ofSender.set(line.sender, new Set([line]))
      else own.add(line)
      bytes += line.bytes
      report(lines.size, bytes)
      wake()
      return true
    },
    grow(line, more) {
      if (unwritten.has(line) || !makeRoom(more, line)) return false
      line.bytes += more
      line.pieces++
      bytes += more
      report(lines.size, bytes)
      return true
    },
    settle,
    giveUp,
    flush() {
      for (const line of lines.values()) if (!giveUp(line)) return false
      return true
    },
  }
}
