import { HINT } from '#domain/batch.ts'
import { BYTE, startsWith, wordEnd, type Cursor } from './cursor.ts'
import { FAULT, FORMAT } from './fault-bits.ts'
import { writeApp, writeHost } from './fields.ts'
import { isLabel, writeLabel } from './label.ts'

const TAG = 'ipxe:'
/** Begins the domain that a boot script sets so that iPXE's own lines carry the session. */
const LABEL_DOMAIN = '.s-'

/**
 * iPXE's own lines: `[HOST[.DOMAIN] ]ipxe: text` behind the priority, without a timestamp (iPXE `net/udp/syslog.c`).
 * A domain `s-<label>` is the session's, not the host's: it is taken off the host name.
 * @returns false, and nothing moved, where this is something else
 */
export function readIpxe(cursor: Cursor): boolean {
  const { bytes, at, end, batch, row } = cursor
  const hostEnd = startsWith(cursor, at, TAG) ? at : wordEnd(bytes, at, end)
  const tag = hostEnd === at ? at : hostEnd + 1
  if (!startsWith(cursor, tag, TAG)) return false
  const textAt = tag + TAG.length
  if (textAt < end && bytes[textAt] !== BYTE.space) return false
  if (hostEnd > at) writeHost(cursor, at, readDomainLabel(cursor, hostEnd))
  else cursor.faults |= FAULT.noHost
  writeApp(cursor, tag, tag + TAG.length - 1)
  cursor.hints |= HINT.ipxe
  batch.format[row] = FORMAT.ipxe
  cursor.at = Math.min(textAt + 1, end)
  return true
}

/** @returns where the host name ends: before the label's domain, else `hostEnd` */
function readDomainLabel(cursor: Cursor, hostEnd: number): number {
  for (let dot = hostEnd - 1; dot > cursor.at; dot--) {
    if (!startsWith(cursor, dot, LABEL_DOMAIN)) continue
    const from = dot + LABEL_DOMAIN.length
    if (!isLabel(cursor.bytes, from, hostEnd)) return hostEnd
    writeLabel(cursor, from, hostEnd)
    return dot
  }
  return hostEnd
}
