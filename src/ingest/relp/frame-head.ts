/**
 * The head of a RELP frame (librelp's specification, protocol version 0): `TXNR SP COMMAND SP DATALEN [SP DATA] LF`. TXNR and
 * DATALEN have at most nine digits, COMMAND at most 32 letters; where DATALEN is 0 neither SP nor DATA follows.
 */
const MAX_DIGITS = 9
const MAX_COMMAND = 32
const SPACE = 32
const NEWLINE = 10
const ZERO = 48
const NINE = 57

/** Bytes after which it is always known what the head says: both numbers, the command and the blanks. */
export const MAX_HEAD_BYTES = MAX_DIGITS + 1 + MAX_COMMAND + 1 + MAX_DIGITS + 1

/** Why a stream is no RELP, or not any more. */
export const RELP_FAULTS = ['transaction', 'command', 'length', 'trailer'] as const
export type RelpFault = (typeof RELP_FAULTS)[number]

/** Filled by `readHead`; one object per connection, since one per frame would be garbage at a million a second. */
export interface RelpHead {
  transaction: number
  command: 'open' | 'close' | 'syslog' | 'other'
  /** Where the data begins, relative to the frame. */
  dataOffset: number
  dataBytes: number
}
export const newHead = (): RelpHead => ({ transaction: 0, command: 'other', dataOffset: 0, dataBytes: 0 })

/** @returns `whole` when the head could be read, `open` when more bytes are needed, else what is wrong with it */
export function readHead(head: RelpHead, bytes: Uint8Array, { from, end }: { readonly from: number; readonly end: number }): 'whole' | 'open' | RelpFault {
  let at = digitsEnd(bytes, from, end)
  if (at === end && at - from <= MAX_DIGITS) return 'open'
  if (at === from || at - from > MAX_DIGITS || bytes[at] !== SPACE) return 'transaction'
  head.transaction = numberOf(bytes, from, at)
  const commandAt = ++at
  while (at < end && isLetter(bytes[at]!)) at++
  if (at === end && at - commandAt <= MAX_COMMAND) return 'open'
  if (at === commandAt || at - commandAt > MAX_COMMAND || bytes[at] !== SPACE) return 'command'
  head.command = commandOf(bytes, commandAt, at)
  const lengthAt = ++at
  at = digitsEnd(bytes, lengthAt, end)
  if (at === end && at - lengthAt <= MAX_DIGITS) return 'open'
  if (at === lengthAt || at - lengthAt > MAX_DIGITS) return 'length'
  head.dataBytes = numberOf(bytes, lengthAt, at)
  if (bytes[at] !== SPACE && !(head.dataBytes === 0 && bytes[at] === NEWLINE)) return 'length'
  head.dataOffset = (bytes[at] === SPACE ? at + 1 : at) - from
  return 'whole'
}

function digitsEnd(bytes: Uint8Array, from: number, end: number): number {
  let at = from
  while (at < end && bytes[at]! >= ZERO && bytes[at]! <= NINE) at++
  return at
}

function numberOf(bytes: Uint8Array, from: number, to: number): number {
  let value = 0
  for (let at = from; at < to; at++) value = value * 10 + bytes[at]! - ZERO
  return value
}

const isLetter = (byte: number): boolean => (byte | 32) >= 97 && (byte | 32) <= 122

const COMMANDS = { open: 'open', close: 'close', syslog: 'syslog' } as const

function commandOf(bytes: Uint8Array, from: number, to: number): RelpHead['command'] {
  for (const command of Object.values(COMMANDS)) if (command.length === to - from && isWord(bytes, from, command)) return command
  return 'other'
}

function isWord(bytes: Uint8Array, from: number, word: string): boolean {
  for (let i = 0; i < word.length; i++) if (bytes[from + i] !== word.charCodeAt(i)) return false
  return true
}
