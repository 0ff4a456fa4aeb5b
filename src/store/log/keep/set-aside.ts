import { existsSync, renameSync } from 'node:fs'
import { join } from 'node:path'
import { withSealedFile } from './sealed-file.ts'
import { dayFilePaths, listDayFiles } from '../seal/day-files.ts'
import { setAsideSegments, syncDirectory } from '../segments/files.ts'
import { readLosses, writeLosses, type Loss } from './losses.ts'
import { probeFile } from './probe.ts'

export interface Inspection {
  /** Set aside now. */
  readonly setAside: readonly Loss[]
  /** Files that cannot be read now and stay: of a newer program, or refused by the system. */
  readonly unreadable: readonly { readonly name: string; readonly reason: string }[]
}

/**
 * Looks at every sealed file; a damaged one is renamed `….damaged` with what SQLite keeps beside it, so that it is neither
 * read nor written any more, and is recorded as a loss first: a crash between the two is made good at the next look.
 * Only the keeper does this. Threads that have the file open read on until they next list the folder.
 */
export function setAsideDamaged(directory: string, nowMs: number): Inspection {
  const setAside: Loss[] = []
  const aside: string[] = []
  const unreadable: { readonly name: string; readonly reason: string }[] = []
  const known = readLosses(directory)
  const names = listDayFiles(directory).map((file) => file.name)
  for (const [place, name] of names.entries()) {
    const { state, reason } = probeFile(join(directory, name))
    if (state === 'sound') continue
    if (state !== 'damaged') {
      unreadable.push({ name, reason })
      continue
    }
    const free = freeName(directory, name)
    aside.push(free)
    // recorded already when the look before was cut off between record and renaming
    if (!known.some((loss) => loss.name === free)) setAside.push({ name: free, reason, atMs: nowMs, ...gapAround(directory, names, place), accepted: null })
  }
  setAside.push(...unrecordedSegments(directory, { known, nowMs }))
  if (setAside.length > 0) writeLosses(directory, [...known, ...setAside])
  for (const name of aside) moveAside(directory, name)
  return { setAside, unreadable }
}

/** `2026-11-22.001.db.damaged`, or with a number when a file of that day was set aside before. */
function freeName(directory: string, name: string): string {
  for (let copy = 1; ; copy++) {
    const free = copy === 1 ? `${name}.damaged` : `${name}.damaged-${copy}`
    if (!existsSync(join(directory, free))) return free
  }
}

/** The write-ahead log goes first: left behind, it would be taken for that of a later file of this name. */
function moveAside(directory: string, aside: string): void {
  const name = aside.replace(/\.damaged(?:-\d+)?$/, '')
  for (const path of dayFilePaths(directory, name).toReversed()) {
    const suffix = path.slice(join(directory, name).length)
    if (existsSync(path)) renameSync(path, join(directory, aside + suffix))
  }
  syncDirectory(directory)
}

/** Segments with damage are set aside by the sealer after it has kept what could be read. */
function unrecordedSegments(directory: string, { known, nowMs }: { readonly known: readonly Loss[]; readonly nowMs: number }): Loss[] {
  const recorded = new Set(known.map((loss) => loss.name))
  return setAsideSegments(directory)
    .map((file) => `segments/${file}`)
    .filter((name) => !recorded.has(name))
    .map((name) => ({ name, reason: 'it had unreadable places; the rest of it is sealed', atMs: nowMs, fromSeq: 0, toSeq: 0, accepted: null }))
}

/** Files follow each other in seq: what a lost one held lies between its readable neighbours. */
function gapAround(directory: string, names: readonly string[], place: number): Pick<Loss, 'fromSeq' | 'toSeq'> {
  const before = names.slice(0, place).toReversed().map((name) => rangeOfFile(directory, name)).find((range) => range !== undefined)
  const after = names.slice(place + 1).map((name) => rangeOfFile(directory, name)).find((range) => range !== undefined)
  return { fromSeq: before === undefined ? 0 : before.lastSeq + 1, toSeq: after === undefined ? 0 : after.firstSeq - 1 }
}

function rangeOfFile(directory: string, name: string): { readonly firstSeq: number; readonly lastSeq: number } | undefined {
  try {
    return withSealedFile(join(directory, name), (file) => {
      const firstSeq = file.entriesAfter(0).reduce((least, entry) => Math.min(least, entry.firstSeq), Infinity)
      return firstSeq === Infinity ? undefined : { firstSeq, lastSeq: file.lastSeq() }
    })
  } catch {
    return undefined // damaged too: it has a loss of its own
  }
}
