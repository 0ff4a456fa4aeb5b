import { readlinkSync } from 'node:fs'
import { setPriority } from 'node:os'

/**
 * Lets the calling thread stand back behind those that must not fall behind (ingest, log writer): when processors are
 * short, searches, rules and sealing wait, sockets do not. Linux only, where a niceness belongs to a thread; elsewhere, or
 * where it is not allowed, all threads stay equal, which is slower under load and nothing worse.
 * @param niceness 1 (a little) to 19 (only when nobody else wants to run)
 */
export function yieldToOthers(niceness: number): void {
  try {
    const threadId = Number(readlinkSync('/proc/thread-self').split('/').at(-1))
    if (Number.isInteger(threadId)) setPriority(threadId, niceness)
  } catch (fault) {
    const { code } = fault as NodeJS.ErrnoException
    if (code === undefined) throw fault // not the system's refusal
  }
}
