import { join } from 'node:path'
import { decideRetention, type DayFileAge } from '../retention.ts'
import { listDayFiles } from '../seal/day-files.ts'
import { withSealedFile } from './sealed-file.ts'

export interface AgeRetentionOptions {
  readonly directory: string
  readonly retentionMs: number
  /** Milliseconds by a clock that nobody sets. */
  readonly elapsedMs: () => number
}

/** Remembers what it believed last, see `decideRetention`. */
export function createAgeRetention({ directory, retentionMs, elapsedMs }: AgeRetentionOptions): (nowMs: number) => ReturnType<typeof decideRetention> {
  let believed: { readonly newestMs: number; readonly atMs: number } | undefined
  return (nowMs) => {
    const files = readAges(directory)
    const newestMs = files.reduce<number | undefined>((newest, file) => (file.newestMs === undefined || (newest ?? -Infinity) > file.newestMs ? newest : file.newestMs), undefined)
    const previous = believed === undefined ? undefined : { newestMs: believed.newestMs, agoMs: elapsedMs() - believed.atMs }
    const decision = decideRetention({ files, retentionMs, newestMs, previous, nowMs })
    if (decision.held === undefined && newestMs !== undefined) believed = { newestMs, atMs: elapsedMs() }
    return decision
  }
}

function readAges(directory: string): DayFileAge[] {
  return listDayFiles(directory).map(({ name, day }) => {
    try {
      return { name, day, newestMs: withSealedFile(join(directory, name), (file) => file.newestMs()) }
    } catch {
      return { name, day, newestMs: undefined } // told by the look for damaged files
    }
  })
}
