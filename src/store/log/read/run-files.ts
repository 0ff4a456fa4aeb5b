import { existsSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { isDiskFault } from '../../disk-fault.ts'
import { dayFileBytes, fileVersion, listDayFiles } from '../seal/day-files.ts'
import type { Origin } from '../seal/origins.ts'
import { openRunFile, RUN_FILE_VERSION, type RunFile } from '../seal/runs/run-file.ts'
import type { Dictionaries, RunEntry } from '../seal/runs/run.ts'
import { openShape, type Shape } from '../seal/shapes/shape.ts'

/** A sealed run as something to search. */
export interface RunChunk extends RunEntry { readonly kind: 'run'; readonly file: OpenRunFile }

/** A sealed file that is open for reading, with its runs and its dictionaries in memory. */
export interface OpenRunFile {
  readonly name: string
  readonly file: RunFile
  /** Those that its runs may refer to; longer than they were when the file has grown. */
  dictionaries(): Dictionaries
}

/** The sealed files of version 2. The two halves of a look at the disk are those of `SealedFiles`. */
export interface RunFiles {
  refreshMarks(): void
  refreshRuns(): void
  isSealed(segment: number): boolean
  /** In order of seq. */
  runs(): readonly RunChunk[]
  /** Names of files whose messages another file holds too: that one counts. */
  replaced(): ReadonlySet<string>
  count(): number
  bytes(): number
  /** Files that cannot be read at all. */
  damaged(): string[]
  close(): void
}

interface Known extends OpenRunFile {
  readonly identity: string | undefined
  readonly sealed: Set<number>
  readonly replaced: ReadonlySet<string>
  runs: RunChunk[]
  marksVersion: number
  runsVersion: number
  generation: number
  readonly shapes: Shape[]
  readonly origins: Origin[]
}

const NEVER = -1
/** A folder changes a few times a minute at most. */
const MAX_LOOKS = 5
const namesIn = (directory: string): ReadonlySet<string> => new Set(listDayFiles(directory).map(({ name }) => name))

export function openRunFiles(directory: string): RunFiles {
  const open = new Map<string, Known>()
  /** Unreadable files; they are tried once. */
  const refused = new Map<string, string>()
  /** Files that the disk did not give just now; they are tried at the next look. */
  const troubled = new Map<string, string>()
  let ordered: readonly RunChunk[] | undefined
  let hasVanished = false

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
      const sentence = `${name}: ${error instanceof Error ? error.message : String(error)}`
      if (!existsSync(join(directory, name))) hasVanished = true
      else (isDiskFault(error) ? troubled : refused).set(name, sentence)
    }
  }

  const list = (): void => {
    troubled.clear()
    let names = namesIn(directory)
    // a folder that changes while it is listed may show neither a file nor the one that takes its place: the second look does
    if ([...open.keys()].some((name) => !names.has(name))) names = namesIn(directory)
    // a name may come back for another file: when a day's last one went and the clock was set back to that day
    for (const [name, known] of open) if (!names.has(name) || identityOf(join(directory, name)) !== known.identity) drop(name)
    for (const name of refused.keys()) if (!names.has(name)) refused.delete(name)
    for (const name of names) {
      if (open.has(name) || refused.has(name)) continue
      guard(name, () => {
        const path = join(directory, name)
        const identity = identityOf(path)
        if (fileVersion(path) === RUN_FILE_VERSION) open.set(name, openKnown({ name, identity, file: openRunFile(path, 'read') }))
      })
    }
  }

  /** Reads again the files that were written to since `version`. What took the place of a file that has gone meanwhile is seen at another look. */
  const refresh = (version: 'marksVersion' | 'runsVersion', load: (known: Known) => void): void => {
    for (let look = 0; look < MAX_LOOKS; look++) {
      hasVanished = false
      list()
      for (const known of open.values()) guard(known.name, () => refreshFile(known, version, load))
      if (!hasVanished) return
    }
  }

  const refreshFile = (known: Known, version: 'marksVersion' | 'runsVersion', load: (known: Known) => void): void => {
    const found = known.file.dataVersion()
    if (found === known[version]) return
    load(known)
    known[version] = found
  }

  const loadRuns = (known: Known): void => {
    const generation = known.file.generation()
    if (generation !== known.generation) known.runs = []
    known.generation = generation
    for (const entry of known.file.entriesAfter(known.runs.at(-1)?.id ?? 0)) known.runs.push({ ...entry, kind: 'run', file: known })
    ordered = undefined
  }

  const replaced = (): Set<string> => new Set([...open.values()].flatMap((known) => [...known.replaced]))

  return {
    damaged: () => [...refused.values(), ...troubled.values()],
    refreshMarks: () =>
      refresh('marksVersion', ({ file, sealed }) => {
        for (const number of file.sealedNumbers()) sealed.add(number)
      }),
    refreshRuns: () => refresh('runsVersion', loadRuns),
    isSealed: (segment) => [...open.values()].some((known) => known.sealed.has(segment)),
    runs() {
      if (ordered !== undefined) return ordered
      const hidden = replaced()
      return (ordered = [...open.values()].filter((known) => !hidden.has(known.name)).flatMap((known) => known.runs).sort((a, b) => a.firstSeq - b.firstSeq))
    },
    replaced,
    count: () => open.size,
    bytes: () => [...open.keys()].reduce((sum, name) => sum + dayFileBytes(directory, name), 0),
    close() {
      for (const name of open.keys()) drop(name)
    },
  }
}

/** Tells a file from another of its name; undefined when there is none. */
function identityOf(path: string): string | undefined {
  const stat = statSync(path, { throwIfNoEntry: false })
  return stat === undefined ? undefined : `${stat.ino} ${stat.birthtimeMs}`
}

function openKnown({ name, identity, file }: { readonly name: string; readonly identity: string | undefined; readonly file: RunFile }): Known {
  const shapes: Shape[] = []
  const origins: Origin[] = []
  let version = NEVER
  const known: Known = {
    name, identity, file, shapes, origins, sealed: new Set(), replaced: new Set(file.replaced()), runs: [], marksVersion: NEVER, runsVersion: NEVER, generation: NEVER,
    dictionaries() {
      // what the runs that are known refer to was committed with them or before
      if (version === NEVER || known.runsVersion !== version) {
        for (const definition of file.shapesFrom(shapes.length)) shapes.push(openShape(shapes.length + 1, definition))
        origins.push(...file.originsFrom(origins.length))
        version = known.runsVersion
      }
      return { shapes, origins }
    },
  }
  return known
}
