import { BYTE, isDigit, startsWith, type Cursor } from './cursor.ts'
import { FORMAT } from './fault-bits.ts'
import { writeApp } from './fields.ts'

/** Facilities of IOS have up to 32 characters, mnemonics too. */
const MAX_MNEMONIC = 100
const SEVEN = 55
const UNDERSCORE = 95
/** The firewalls: `%ASA-6-302014`, also without a severity. */
const FIREWALLS = ['%ASA', '%PIX', '%FTD', '%FWSM'] as const

/** 0: no mnemonic. */
export type CiscoFormat = 0 | typeof FORMAT.ciscoIos | typeof FORMAT.ciscoAsa

/** Where the mnemonic whose percent sign the caller has seen at `at` ends; `at` where none stands: `%FACILITY-SEVERITY-MNEMONIC`, the facility with dashes of its own. */
export function mnemonicEnd(cursor: Cursor, at: number): number {
  const { bytes, end } = cursor
  const limit = Math.min(end, at + MAX_MNEMONIC)
  if (at + 1 >= limit || !isLetter(bytes[at + 1]!)) return at
  let next = at + 1
  let hasSeverity = false
  while (next < limit && isMnemonicByte(bytes[next]!)) {
    if (bytes[next] === BYTE.dash && next + 3 < end && bytes[next + 2] === BYTE.dash && isSeverity(bytes[next + 1]!) && isMnemonicByte(bytes[next + 3]!)) hasSeverity = true
    next++
  }
  if (next < end && bytes[next] !== BYTE.colon && bytes[next] !== BYTE.space) return at
  return hasSeverity || isFirewall(cursor, at, next) ? next : at
}

/**
 * `%FACILITY-SEVERITY-MNEMONIC: ` at `cursor.at`, with or without the colon and with a blank before it (IOS-XR): the tag; moves to the text.
 * @returns the dialect that its name tells, 0 and nothing moved where none stands
 */
export function readMnemonic(cursor: Cursor): CiscoFormat {
  const { bytes, end, at } = cursor
  const stop = mnemonicEnd(cursor, at)
  if (stop === at) return 0
  writeApp(cursor, at, stop)
  let next = stop
  if (next + 1 < end && bytes[next] === BYTE.space && bytes[next + 1] === BYTE.colon) next++
  if (next < end && bytes[next] === BYTE.colon) next++
  if (next < end && bytes[next] === BYTE.space) next++
  cursor.at = next
  return ciscoFormat(cursor, at)
}

/** Which of Cisco's systems names its messages as the one at `at`. */
export function ciscoFormat(cursor: Cursor, at: number): Exclude<CiscoFormat, 0> {
  for (const name of FIREWALLS) if (startsWith(cursor, at, name)) return FORMAT.ciscoAsa
  return FORMAT.ciscoIos
}

function isFirewall(cursor: Cursor, from: number, to: number): boolean {
  for (const name of FIREWALLS) if (to - from === name.length && startsWith(cursor, from, name)) return true
  return false
}

const isLetter = (byte: number): boolean => (byte | 0x20) >= 97 && (byte | 0x20) <= 122
const isSeverity = (byte: number): boolean => byte >= BYTE.zero && byte <= SEVEN
const isMnemonicByte = (byte: number): boolean => isLetter(byte) || isDigit(byte) || byte === BYTE.dash || byte === UNDERSCORE || byte === BYTE.slash
