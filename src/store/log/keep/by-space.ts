import { dayFileBytes, listDayFiles } from '../seal/day-files.ts'
import type { DiskReading, SpaceSettings } from './disk.ts'
import { decideSpace, type SpaceDecision } from './space.ts'

export interface SpaceRetentionOptions {
  readonly directory: string
  readonly space: SpaceSettings
  /** Milliseconds by a clock that nobody sets. */
  readonly elapsedMs: () => number
  /** Nothing in it may go. */
  readonly isKept: (name: string) => boolean
  readonly readDisk: (directory: string, settings: SpaceSettings) => DiskReading | undefined
}

/** Remembers the reading before; after a removal two new ones are needed, since readers may hold the removed files open. */
export function createSpaceRetention({ directory, space, elapsedMs, isKept, readDisk }: SpaceRetentionOptions): { decide(): SpaceDecision; reading(): DiskReading | undefined } {
  let earlier: { readonly reading: DiskReading; readonly atMs: number } | undefined
  let latest: DiskReading | undefined
  return {
    reading: () => latest,
    decide() {
      latest = readDisk(directory, space)
      if (latest === undefined) return { remove: [] }
      const files = listDayFiles(directory).filter(({ name }) => !isKept(name)).map(({ name }) => ({ name, bytes: dayFileBytes(directory, name) }))
      const previous = earlier === undefined ? undefined : { ...earlier.reading, agoMs: elapsedMs() - earlier.atMs }
      const decision = decideSpace({ files, reading: latest, limits: latest.limits, previous })
      // a reading stays the one before until another is far enough from it to confirm it
      if (decision.reason === undefined || decision.remove.length > 0) earlier = undefined
      else if (earlier === undefined || decision.held !== 'unconfirmed') earlier = { reading: latest, atMs: elapsedMs() }
      return decision
    },
  }
}
