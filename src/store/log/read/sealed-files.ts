import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { isDiskFault } from '../../disk-fault.ts'
import { openDayFile, type BlockEntry, type DayFile } from '../seal/version-1/day-file.ts'
import { dayFileBytes, fileVersion, listDayFiles } from '../seal/day-files.ts'
import { RUN_FILE_VERSION } from '../seal/runs/run-file.ts'

/** A sealed block as something to search. */
export interface BlockChunk extends BlockEntry { readonly kind: 'block'; readonly file: SealedFile }
interface SealedFile {
  readonly name: string
  readonly day: number
  readonly file: DayFile
  readonly sealed: Set<number>
  blocks: BlockChunk[]
  marksVersion: number
  blocksVersion: number
  generation: number
}

/** The sealed files, opened read-only, with their directories of blocks in memory. */
export interface SealedFiles {
  /** First half of a look at the disk: which segments are sealed. Must come before `refreshBlocks`, for all files. */
  refreshMarks(): void
  /** Second half: the blocks. So a segment that is known as sealed has all its blocks here, and never the other way round. */
  refreshBlocks(): void
  isSealed(segment: number): boolean
  /** In order of seq. */
  blocks(): readonly BlockChunk[]
  files(): readonly SealedFile[]
  bytes(): number
  /** Files that cannot be read at all, and blocks found so. */
  damaged(): string[]
  hasRefusedFiles(): boolean
  /** A block was found unreadable. */
  report(what: string): void
  close(): void
}

const NEVER = -1

export function openSealedFiles(directory: string): SealedFiles {
  const open = new Map<string, SealedFile>()
  /** Unreadable files; they are tried once. */
  const refused = new Set<string>()
  const damaged = new Set<string>()
  let ordered: readonly BlockChunk[] | undefined

  const drop = (name: string): void => {
    open.get(name)?.file.close()
    open.delete(name)
    ordered = undefined
  }

  const guard = (name: string, work: () => void): void => {
    try {
      work()
    } catch (error) {
      drop(name)
      // removed since it was listed (what takes its place is of another version), or refused by the disk for now: looked at again
      if (!existsSync(join(directory, name)) || isDiskFault(error)) return
      refused.add(name)
      damaged.add(`${name}: ${error instanceof Error ? error.message : String(error)}`)
    }
  }

  const list = (): void => {
    const listed = listDayFiles(directory)
    const names = new Set(listed.map(({ name }) => name))
    for (const name of open.keys()) if (!names.has(name)) drop(name)
    for (const { name, day } of listed) {
      if (open.has(name) || refused.has(name)) continue
      guard(name, () => {
        if (fileVersion(join(directory, name)) === RUN_FILE_VERSION) return // `openRunFiles` has those
        open.set(name, { name, day, file: openDayFile(join(directory, name), 'read'), sealed: new Set(), blocks: [], marksVersion: NEVER, blocksVersion: NEVER, generation: NEVER })
      })
    }
  }

  const loadBlocks = (known: SealedFile): void => {
    const generation = known.file.generation()
    if (generation !== known.generation) known.blocks = []
    known.generation = generation
    const entries = known.file.entriesAfter(known.blocks.at(-1)?.id ?? 0)
    for (const entry of entries) known.blocks.push({ ...entry, kind: 'block', file: known })
    ordered = undefined
  }

  /** Reads again the files that were written to since `version`. */
  const refresh = (version: 'marksVersion' | 'blocksVersion', load: (known: SealedFile) => void): void => {
    list()
    for (const known of open.values()) {
      guard(known.name, () => {
        const found = known.file.dataVersion()
        if (found === known[version]) return
        known[version] = found
        load(known)
      })
    }
  }

  return {
    damaged: () => [...damaged],
    hasRefusedFiles: () => refused.size > 0,
    report: (what) => void damaged.add(what),
    refreshMarks: () =>
      refresh('marksVersion', ({ file, sealed }) => {
        for (const number of file.sealedNumbers()) sealed.add(number)
      }),
    refreshBlocks: () => refresh('blocksVersion', loadBlocks),
    isSealed: (segment) => [...open.values()].some((known) => known.sealed.has(segment)),
    blocks: () => (ordered ??= [...open.values()].flatMap((known) => known.blocks).sort((a, b) => a.firstSeq - b.firstSeq)),
    files: () => [...open.values()],
    bytes: () => [...open.keys()].reduce((sum, name) => sum + dayFileBytes(directory, name), 0),
    close() {
      for (const name of open.keys()) drop(name)
    },
  }
}
