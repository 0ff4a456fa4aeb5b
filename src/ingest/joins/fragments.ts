import { FAULT } from '../parse/fault-bits.ts'
import type { Fragment } from '../parse/kmsg.ts'
import type { HeldLine, JoinedFrame } from './held-lines.ts'
import type { Piece } from './piece.ts'

/** Pieces of one record: netconsole cuts at about 1,000 bytes a record that has at most some ten thousand. */
const MAX_PARTS = 64

/** A record of the kernel that netconsole has cut (`ncfrag=offset/length`); its pieces may come in any order. */
export interface CutRecord extends HeldLine {
  readonly kind: 'record'
  /** Whether the piece lies wholly in a part of the record that is not there yet. */
  fits(fragment: Fragment, piece: Piece): boolean
  /** Takes a piece that fits; `grow` of the table comes first. @returns whether the record is whole */
  append(fragment: Fragment, piece: Piece): boolean
}

/** Pieces of one record have the same number, clock, flags and caller. */
export const recordKey = ({ keyEnd }: Fragment, { frame, sender }: Piece): string =>
  `record ${sender.listener} ${sender.address} ${Buffer.from(frame.buffer, frame.byteOffset, keyEnd).toString('latin1')}`

interface Part { readonly offset: number; readonly end: number; readonly piece: Piece }

export function createCutRecord(first: Fragment, piece: Piece): CutRecord {
  const parts: Part[] = [] // at most MAX_PARTS, by offset
  let missingBytes = first.length
  const fits = ({ offset, length }: Fragment, { frame, textAt }: Piece): boolean => {
    const end = offset + frame.length - textAt
    return length === first.length && end <= length && end > offset && parts.length < MAX_PARTS && parts.every((part) => part.end <= offset || part.offset >= end)
  }
  const append = ({ offset }: Fragment, next: Piece): boolean => {
    const end = offset + next.frame.length - next.textAt
    parts.push({ offset, end, piece: next })
    parts.sort((a, b) => a.offset - b.offset)
    missingBytes -= end - offset
    return missingBytes === 0
  }
  append(first, piece)
  return {
    kind: 'record',
    key: recordKey(first, piece),
    sender: piece.sender,
    bytes: piece.frame.length,
    pieces: 1,
    age: 0,
    fits,
    append,
    frames: () => unbroken(parts).map((run) => frameOf(run, { receivedMs: piece.receivedMs, isWhole: missingBytes === 0 })),
  }
}

/** Parts that follow each other without a hole are one message: a text is never joined over bytes that nobody has seen. */
function unbroken(parts: readonly Part[]): readonly Part[][] {
  const runs: Part[][] = []
  for (const part of parts) {
    const last = runs.at(-1)
    if (last !== undefined && last.at(-1)!.end === part.offset) last.push(part)
    else runs.push([part])
  }
  return runs
}

/** The header of the first part, and the bytes of all. */
function frameOf(run: readonly Part[], { receivedMs, isWhole }: { readonly receivedMs: number; readonly isWhole: boolean }): JoinedFrame {
  const bytes = Buffer.concat(run.map(({ piece }, n) => (n === 0 ? piece.frame : piece.frame.subarray(piece.textAt))))
  return { bytes, form: 'syslog', faults: (run.length > 1 ? FAULT.joined : 0) | (isWhole ? 0 : FAULT.pieceMissing), receivedMs }
}
