import { SEVERITY_WORDS } from '#domain/severity.ts'
import type { Cursor } from './cursor.ts'
import { FAULT } from './fault-bits.ts'

/** What no severity is. */
export const NO_SEVERITY = -1

/** Puts what the text says in the place of the priority's severity. A node may lower its own: it could have sent that priority itself. */
export function writeSeverity(cursor: Cursor, severity: number): void {
  const { batch, row } = cursor
  const pri = batch.pri[row]!
  if ((pri & 7) === severity) return
  batch.pri[row] = (pri & ~7) | severity
  cursor.faults |= FAULT.severityInText
}

/** The severity that a word names (`warning`, `err`, `error`, `4` …, in any case), or NO_SEVERITY. */
export function namedSeverity(bytes: Uint8Array, from: number, to: number): number {
  for (let i = 0; i < SEVERITY_WORDS.length; i++) {
    const { word, code } = SEVERITY_WORDS[i]!
    if (word.length !== to - from) continue
    let same = 0
    // bit 5 is set in lower-case letters and in digits
    while (same < word.length && (bytes[from + same]! | 32) === word.charCodeAt(same)) same++
    if (same === word.length) return code
  }
  return NO_SEVERITY
}
