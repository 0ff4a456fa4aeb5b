import { appHint } from './hints.ts'
import type { Cursor } from './cursor.ts'

/** Notes HOSTNAME; its number in the interner is given when the header is done. */
export function writeHost(cursor: Cursor, from: number, to: number): void {
  cursor.batch.hostOff[cursor.row] = from - cursor.frame
  cursor.batch.hostLen[cursor.row] = to - from
}

/** Notes APP-NAME and what it hints at. */
export function writeApp(cursor: Cursor, from: number, to: number): void {
  cursor.batch.appOff[cursor.row] = from - cursor.frame
  cursor.batch.appLen[cursor.row] = to - from
  cursor.hints |= appHint(cursor, from, to - from)
}

/** Notes PROCID. */
export function writeProc(cursor: Cursor, from: number, to: number): void {
  cursor.batch.procOff[cursor.row] = from - cursor.frame
  cursor.batch.procLen[cursor.row] = to - from
}

/** Notes MSGID. */
export function writeMsgid(cursor: Cursor, from: number, to: number): void {
  cursor.batch.msgidOff[cursor.row] = from - cursor.frame
  cursor.batch.msgidLen[cursor.row] = to - from
}
