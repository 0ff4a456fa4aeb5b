import { BYTE, fieldEnd, type Cursor } from './cursor.ts'
import { namedSeverity, NO_SEVERITY } from './severity.ts'
import { readTag } from './tag.ts'

/**
 * What some write between the host and the tag: a second blank, the host once more (UniFi OS: `udm udm sshd[12]: `), the severity
 * (F5: `info sshd[12]: `, always with a pid). Moves to the text.
 * @returns false, and nothing moved, where something else stands
 */
export function readWordBeforeTag(cursor: Cursor): boolean {
  const { bytes, at, end, batch, row, hints } = cursor
  const stop = fieldEnd(bytes, at, end)
  const isSure = stop === at || isHostAgain(cursor, stop)
  if (!isSure && namedSeverity(bytes, at, stop) === NO_SEVERITY) return false
  cursor.at = stop + 1
  if (readTag(cursor)) {
    if (isSure || batch.procLen[row] !== 0) return true
    batch.appLen[row] = 0
    batch.appOff[row] = 0
    cursor.hints = hints
  }
  cursor.at = at
  return false
}

function isHostAgain({ bytes, at, batch, row, frame }: Cursor, stop: number): boolean {
  const length = batch.hostLen[row]!
  if (stop - at !== length || bytes[stop] !== BYTE.space) return false
  const host = frame + batch.hostOff[row]!
  for (let i = 0; i < length; i++) if (bytes[host + i] !== bytes[at + i]) return false
  return true
}
