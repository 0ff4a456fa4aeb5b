import { readFileSync } from 'node:fs'
import { openFilesLimit } from './of-limits.ts'

/** How many files this process may open; undefined where there is no `/proc`. */
export function readFileLimit(): number | undefined {
  try {
    return openFilesLimit(readFileSync('/proc/self/limits', 'utf8'))
  } catch {
    return undefined // not Linux, or a container that hides it: the check says that it is not known
  }
}
