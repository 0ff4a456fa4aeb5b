import { readCisco } from './cisco.ts'
import { ciscoFormat, mnemonicEnd, readMnemonic } from './cisco-mnemonic.ts'
import { BYTE, isDigit, type Cursor } from './cursor.ts'
import { FAULT, FORMAT } from './fault-bits.ts'
import { writeHost } from './fields.ts'
import { isFreeZoneName, readZone } from './zone.ts'

/**
 * Looks again at what was read behind a stamp as `HOST TAG: text`, where its tag or text begins as Cisco's parts do.
 * @param found where the tag would stand, and whether one was found there
 */
export function refineCisco(cursor: Cursor, found: { readonly tagAt: number; readonly hasTag: boolean }): void {
  const { bytes, batch, row, at, faults } = cursor
  const { tagAt, hasTag } = found
  if (hasTag && bytes[tagAt] === BYTE.percent) {
    if (mnemonicEnd(cursor, tagAt) > tagAt) batch.format[row] = ciscoFormat(cursor, tagAt)
    return
  }
  if (hasTag && !isDigit(bytes[tagAt]!) && bytes[tagAt] !== BYTE.star) {
    // `STAMP host agent: %FAC-…` is Arista's: the agent is the tag. Without a host the word is the zone or the host.
    if (mnemonicEnd(cursor, at) > at) {
      if ((faults & FAULT.noHost) !== 0) takeZoneOrHost(cursor)
      else takeZone(cursor, tagAt)
    }
    return
  }
  const appLen = batch.appLen[row]!
  const procOff = batch.procOff[row]!
  const procLen = batch.procLen[row]!
  const msgidOff = batch.msgidOff[row]!
  const msgidLen = batch.msgidLen[row]!
  batch.appLen[row] = 0
  batch.procLen[row] = 0
  batch.msgidLen[row] = 0
  cursor.at = tagAt
  if (readCisco(cursor)) return
  cursor.at = at
  batch.appLen[row] = appLen
  batch.procOff[row] = procOff
  batch.procLen[row] = procLen
  batch.msgidOff[row] = msgidOff
  batch.msgidLen[row] = msgidLen
}

/** `STAMP NewYork: %SYS-5-…` or `STAMP switch-1: %SYS-5-…`: letters alone are a zone, where none was read. */
function takeZoneOrHost(cursor: Cursor): void {
  const { bytes, batch, row, frame } = cursor
  const from = frame + batch.appOff[row]!
  const to = from + batch.appLen[row]!
  if ((cursor.faults & FAULT.noZone) !== 0 && isFreeZoneName(bytes, from, to)) {
    cursor.faults |= FAULT.unknownZone
  } else {
    writeHost(cursor, from, to)
    cursor.faults &= ~FAULT.noHost
  }
  batch.format[row] = readMnemonic(cursor)
}

/** `STAMP switch-1 AEST: %SYS-5-…`: a relay put the host between the stamp and its zone. */
function takeZone(cursor: Cursor, tagAt: number): void {
  const { batch, row, at } = cursor
  cursor.at = tagAt
  const offset = readZone(cursor)
  cursor.at = at
  if (Number.isNaN(offset)) return
  batch.sentMs[row]! -= offset
  readMnemonic(cursor)
  batch.format[row] = FORMAT.ciscoIos
}
