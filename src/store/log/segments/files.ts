import { closeSync, fsyncSync, openSync, readdirSync } from 'node:fs'
import { join } from 'node:path'

/** Where segments lie: `<log directory>/segments/0000000001.seg`. Numbers only grow. */
export const segmentDirectory = (directory: string): string => join(directory, 'segments')
export const segmentPath = (directory: string, number: number): string => join(segmentDirectory(directory), `${String(number).padStart(10, '0')}.seg`)

/** Numbers of the segments that exist, ascending. */
export function listSegments(directory: string): number[] {
  const numbers: number[] = []
  for (const name of readdirSync(segmentDirectory(directory))) {
    const match = /^(\d{10,15})\.seg$/.exec(name)
    if (match !== null) numbers.push(Number(match[1]))
  }
  return numbers.sort((a, b) => a - b)
}

/** Segments with damage in them are kept under this name after sealing what could be read. */
export const setAsidePath = (directory: string, number: number): string => segmentPath(directory, number).replace(/\.seg$/, '.damaged')
export const setAsideSegments = (directory: string): string[] => readdirSync(segmentDirectory(directory)).filter((name) => name.endsWith('.damaged'))

/** Makes creations and removals in a directory survive a power cut. */
export function syncDirectory(path: string): void {
  const fd = openSync(path, 'r')
  try {
    fsyncSync(fd)
  } finally {
    closeSync(fd)
  }
}
