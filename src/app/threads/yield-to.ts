import { readdirSync, readFileSync, readlinkSync } from 'node:fs'
import { setPriority } from 'node:os'

/**
 * Lets the calling thread stand back behind those that must not fall behind (ingest, log writer): when processors are
 * short, searches, rules and sealing wait, sockets do not. Linux only, where a niceness belongs to a thread; elsewhere, or
 * where it is not allowed, all threads stay equal, which is slower under load and nothing worse.
 * @param niceness 1 (a little) to 19 (only when nobody else wants to run)
 */
export function yieldToOthers(niceness: number): void {
  whereAllowed(() => {
    const threadId = Number(readlinkSync('/proc/thread-self').split('/').at(-1))
    if (Number.isInteger(threadId)) setPriority(threadId, niceness)
  })
}

/** Name of the threads on which the engine compiles and collects garbage for all the others. */
const ENGINE_THREAD = 'node-V8Worker'

/**
 * Lets the engine's own threads stand back: four of them compiling at once keep ingest from its sockets for a tenth of a
 * second, which is all that a socket's receive buffer holds.
 * @param niceness see `yieldToOthers`
 */
export function letEngineYield(niceness: number): void {
  whereAllowed(() => {
    for (const id of readdirSync('/proc/self/task')) {
      if (readFileSync(`/proc/self/task/${id}/comm`, 'utf8').trim() === ENGINE_THREAD) setPriority(Number(id), niceness)
    }
  })
}

function whereAllowed(change: () => void): void {
  try {
    change()
  } catch (fault) {
    const { code } = fault as NodeJS.ErrnoException
    if (code === undefined) throw fault // not the system's refusal
  }
}
