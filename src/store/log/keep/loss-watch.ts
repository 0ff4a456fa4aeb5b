import { statSync } from 'node:fs'
import { join } from 'node:path'
import { setAsideSegments } from '../segments/files.ts'
import { LOSSES_FILE, openLosses, readLosses, type Loss } from './losses.ts'

/** What is known to be missing, for a reader: looks at the record again only when it has changed. */
export interface LossWatch {
  /** A sentence for everything that was set aside and not accepted. */
  missing(): readonly string[]
}

export function createLossWatch(directory: string): LossWatch {
  const path = join(directory, LOSSES_FILE)
  let seen = ''
  let losses: readonly Loss[] | undefined = []
  const look = (): void => {
    const stat = statSync(path, { throwIfNoEntry: false, bigint: true })
    const found = stat === undefined ? '' : `${stat.ino} ${stat.mtimeNs} ${stat.size}`
    if (found === seen) return
    seen = found
    try {
      losses = readLosses(directory)
    } catch {
      losses = undefined // nobody knows what is missing, which is told as such
    }
  }
  return {
    missing() {
      look()
      if (losses === undefined) return [`${LOSSES_FILE}: cannot be read; what was set aside is not known`]
      const recorded = new Set(losses.map(({ name }) => name))
      const fresh = setAsideSegments(directory).map((name) => `segments/${name}`).filter((name) => !recorded.has(name))
      return [...openLosses(losses).map(({ name, reason }) => `${name}: ${reason}`), ...fresh.map((name) => `${name}: was sealed without its damaged parts`)]
    },
  }
}
