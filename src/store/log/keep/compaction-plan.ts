/** Which file compaction rewrites next, as a pure decision. */
export interface CompactionFile {
  readonly name: string
  readonly day: number
  /** Format version of the file. */
  readonly version: number
  readonly rows: number
  readonly runs: number
  /** It was written by compaction and nothing was added since. */
  readonly isCompacted: boolean
}
const COMPACTION_CAUSES = ['version', 'fragments', 'cold'] as const
export type CompactionCause = (typeof COMPACTION_CAUSES)[number]

/** Small runs that are worth joining, and rows that a run should have at least. */
const MIN_FRAGMENTS = 8
const FRAGMENT_ROWS = 8192
/** A file that is still written to is rewritten only when that takes a moment. */
const MAX_OPEN_ROWS = 500_000

export interface CompactionChoice { readonly name: string; readonly cause: CompactionCause }

/**
 * Files of an older format first (every reader must know it until then), then those made of many small runs (a quiet hub
 * seals little at a time), then those of finished days, which were packed in haste. A rewritten file is the last part of its
 * day; on a day that goes on, sealing goes on in it, so there only the last part is rewritten.
 * @param files in order of day and part; sealing goes on in the last one
 */
export function chooseCompaction(files: readonly CompactionFile[], currentVersion: number): CompactionChoice | undefined {
  const open = files.at(-1)
  const isOfFinishedDay = (file: CompactionFile): boolean => file.day < open!.day
  const isFree = (file: CompactionFile): boolean => isOfFinishedDay(file) || (file === open && file.rows <= MAX_OPEN_ROWS)
  const old = files.find((file) => file.version < currentVersion)
  if (old !== undefined) return { name: old.name, cause: 'version' }
  const fragmented = files.find((file) => isFree(file) && file.runs >= MIN_FRAGMENTS && file.rows / file.runs < FRAGMENT_ROWS && !file.isCompacted)
  if (fragmented !== undefined) return { name: fragmented.name, cause: 'fragments' }
  const cold = files.find((file) => isOfFinishedDay(file) && !file.isCompacted && file.rows > 0)
  return cold === undefined ? undefined : { name: cold.name, cause: 'cold' }
}
