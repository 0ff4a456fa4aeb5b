import { statSync, statfsSync } from 'node:fs'
import { parseBytes } from '#base/bytes.ts'
import { dayFileBytes, listDayFiles } from '../seal/day-files.ts'
import { listSegments, segmentPath } from '../segments/files.ts'
import type { SpaceLimits, SpaceReading } from './space.ts'

/** `store.max_size` and `store.min_free` as they are written: `auto`, a size, for the first also `none`. */
export interface SpaceSettings { readonly maxSize: string; readonly minFree: string }

/** Of the file system, in parts, when the setting says `auto`. */
const AUTO_MAX_PART = 0.5
const AUTO_MIN_FREE_PART = 0.05
const AUTO_MIN_FREE_MOST_BYTES = 1024 ** 3

export interface DiskReading extends SpaceReading {
  readonly diskBytes: number
  readonly segmentBytes: number
  readonly fileBytes: number
  readonly limits: SpaceLimits
}

/** @returns undefined when the file system does not say how large it is: then nothing is removed for space */
export function readDisk(directory: string, { maxSize, minFree }: SpaceSettings): DiskReading | undefined {
  const { bsize, blocks, bavail } = statfsSync(directory)
  const diskBytes = bsize * blocks
  if (!(diskBytes > 0)) return undefined
  const segmentBytes = listSegments(directory).reduce((sum, number) => sum + (statSync(segmentPath(directory, number), { throwIfNoEntry: false })?.size ?? 0), 0)
  const fileBytes = listDayFiles(directory).reduce((sum, { name }) => sum + dayFileBytes(directory, name), 0)
  const maxBytes = maxSize === 'none' ? Infinity : (parseBytes(maxSize) ?? diskBytes * AUTO_MAX_PART)
  const minFreeBytes = parseBytes(minFree) ?? Math.min(diskBytes * AUTO_MIN_FREE_PART, AUTO_MIN_FREE_MOST_BYTES)
  return { usedBytes: segmentBytes + fileBytes, freeBytes: bsize * bavail, diskBytes, segmentBytes, fileBytes, limits: { maxBytes, minFreeBytes } }
}
