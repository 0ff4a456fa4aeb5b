/** What must go because the store is too large or its disk too full, as a pure decision: whole sealed files, oldest first, never the newest. */
export interface SpaceReading {
  /** Sealed files and segments together. */
  readonly usedBytes: number
  /** What the file system still gives this user. */
  readonly freeBytes: number
}
export interface SpaceLimits {
  /** Infinity: none. */
  readonly maxBytes: number
  readonly minFreeBytes: number
}
export interface SpaceInput {
  /** Sealed files, oldest first; pinned ones are not among them. */
  readonly files: readonly { readonly name: string; readonly bytes: number }[]
  readonly reading: SpaceReading
  readonly limits: SpaceLimits
  /** An earlier reading since the last removal, and how long ago it was by a clock that nobody sets. */
  readonly previous: (SpaceReading & { readonly agoMs: number }) | undefined
}
const SPACE_REASONS = ['max-size', 'min-free'] as const
export type SpaceReason = (typeof SPACE_REASONS)[number]
const SPACE_HOLDS = ['unconfirmed', 'only-newest-left'] as const
type SpaceHold = (typeof SPACE_HOLDS)[number]
export interface SpaceDecision {
  readonly remove: readonly string[]
  /** Which limit is passed; undefined when there is room. */
  readonly reason?: SpaceReason
  /** Why nothing goes although a limit is passed. */
  readonly held?: SpaceHold
}

/** Two readings closer than this may have the same cause. */
export const CONFIRM_AFTER_MS = 1000

/**
 * One odd reading must never cost a log: a limit counts as passed when two readings say so, by as much as the milder of them
 * says; and one decision takes at most half of the files that may go, so the next one sees what the first has done.
 * Not held by the guard against wrong clocks: a full disk loses new messages whatever the time is.
 */
export function decideSpace({ files, reading, limits, previous }: SpaceInput): SpaceDecision {
  const reason = reasonOf(reading, limits)
  if (reason === undefined) return { remove: [] }
  const removable = files.slice(0, -1)
  if (removable.length === 0) return { remove: [], reason, held: 'only-newest-left' }
  if (previous === undefined || previous.agoMs < CONFIRM_AFTER_MS) return { remove: [], reason, held: 'unconfirmed' }
  const neededBytes = Math.min(excessBytes(reading, limits), excessBytes(previous, limits))
  const most = Math.ceil(removable.length / 2)
  const remove: string[] = []
  for (let freed = 0; freed < neededBytes && remove.length < most; ) {
    const { name, bytes } = removable[remove.length]!
    remove.push(name)
    freed += bytes
  }
  return remove.length === 0 ? { remove, reason, held: 'unconfirmed' } : { remove, reason }
}

const excessBytes = ({ usedBytes, freeBytes }: SpaceReading, { maxBytes, minFreeBytes }: SpaceLimits): number => Math.max(0, usedBytes - maxBytes, minFreeBytes - freeBytes)

function reasonOf({ usedBytes, freeBytes }: SpaceReading, { maxBytes, minFreeBytes }: SpaceLimits): SpaceReason | undefined {
  if (freeBytes < minFreeBytes) return 'min-free'
  return usedBytes > maxBytes ? 'max-size' : undefined
}
