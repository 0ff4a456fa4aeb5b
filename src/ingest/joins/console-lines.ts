import type { IngestCounters } from '../counters.ts'
import { FAULT } from '../parse/fault-bits.ts'
import { kmsgBody } from '../parse/kmsg.ts'
import type { Sender } from '../sender.ts'
import type { HeldLine, HeldLines, JoinedFrame } from './held-lines.ts'

const NEWLINE = 10
const LESS = 60
const GREATER = 62
/** `<191>` */
const MAX_PRIORITY_BYTES = 5

/** Takes what a kernel prints on its console, in datagrams that end where the kernel's writes end. */
export interface Console {
  /** One datagram: several lines, or a part of one that the next goes on with. What finds no free batch is counted as lost. */
  take(datagram: Uint8Array, sender: Sender, receivedMs: number): void
}

interface OpenLine extends HeldLine {
  readonly kind: 'console'
  readonly parts: Uint8Array[]
  readonly receivedMs: number
}

export function createConsole({ held, write, counters, maxFrameBytes, onUnplaced }: {
  readonly held: HeldLines
  write(frame: JoinedFrame, sender: Sender): boolean
  readonly counters: IngestCounters
  readonly maxFrameBytes: number
  readonly onUnplaced: (sender: Sender) => void
}): Console {
  /** @returns false when there is no batch or no room for it */
  const goOn = (line: OpenLine, part: Uint8Array): boolean => {
    if (line.bytes + part.length > maxFrameBytes || !held.grow(line, part.length)) return false
    line.parts.push(part.slice())
    if (part.at(-1) === NEWLINE) held.settle(line)
    return true
  }
  const begin = (part: Uint8Array, { key, sender, receivedMs }: { readonly key: string; readonly sender: Sender; readonly receivedMs: number }): boolean => {
    if (part.at(-1) === NEWLINE || part.length >= maxFrameBytes) return write({ bytes: part, form: 'console', faults: 0, receivedMs }, sender)
    const parts = [part.slice()]
    return held.add({ kind: 'console', key, sender, receivedMs, parts, bytes: part.length, pieces: 1, age: 0, frames: () => [frameOf(parts, receivedMs)] } as OpenLine)
  }
  return {
    take(datagram, sender, receivedMs) {
      const key = `console ${sender.listener} ${sender.address}`
      for (let at = 0; at < datagram.length; ) {
        if (at > 0) counters.add('pieces-split')
        const newline = datagram.indexOf(NEWLINE, at)
        const end = newline < 0 ? datagram.length : newline + 1
        const part = datagram.subarray(at, end)
        at = end
        const line = held.get(key) as OpenLine | undefined
        if (line !== undefined && goOn(line, part)) continue
        const isClear = line === undefined || held.giveUp(line)
        if (!isClear || !begin(part, { key, sender, receivedMs })) onUnplaced(sender)
      }
    },
  }
}

/** A line that stays without its newline is no damage: the kernel prints such lines. */
function frameOf(parts: readonly Uint8Array[], receivedMs: number): JoinedFrame {
  return { bytes: Buffer.concat(parts), form: 'console', faults: parts.length > 1 ? FAULT.joined : 0, receivedMs }
}

/** Whether a datagram has a header, and is to be read like any other. */
export const hasHeader = (bytes: Uint8Array): boolean => hasPriority(bytes) || kmsgBody(bytes, 0, bytes.length) >= 0

/** `<`, one to three digits, `>`. */
function hasPriority(bytes: Uint8Array): boolean {
  if (bytes[0] !== LESS) return false
  const close = bytes.subarray(0, MAX_PRIORITY_BYTES).indexOf(GREATER)
  return close > 1 && bytes.subarray(1, close).every((byte) => byte >= 48 && byte <= 57)
}
