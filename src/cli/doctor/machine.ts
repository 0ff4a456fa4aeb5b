import { execFile } from 'node:child_process'
import { readdirSync, readFileSync, statfsSync, statSync } from 'node:fs'
import { promisify } from 'node:util'

/** What the doctor looks at beside the hub, read-only. Nothing here throws: undefined is what is not there, or may not be read. */
export interface Machine {
  read(path: string): string | undefined
  /** Names in a folder. */
  list(path: string): readonly string[] | undefined
  stat(path: string): { readonly inode: number; readonly modifiedMs: number } | undefined
  /** Bytes of the file system that `path` is on. */
  space(path: string): { readonly freeBytes: number; readonly totalBytes: number } | undefined
  /** Standard output of a program that ended well within two seconds. */
  run(program: string, args: readonly string[]): Promise<string | undefined>
}

const RUN_TIMEOUT_MS = 2000

export const realMachine: Machine = {
  read: (path) => orUndefined(() => readFileSync(path, 'utf8')),
  list: (path) => orUndefined(() => readdirSync(path)),
  stat: (path) => orUndefined(() => {
    const { ino, mtimeMs } = statSync(path)
    return { inode: ino, modifiedMs: mtimeMs }
  }),
  space: (path) => orUndefined(() => {
    const { bavail, blocks, bsize } = statfsSync(path)
    return { freeBytes: bavail * bsize, totalBytes: blocks * bsize }
  }),
  run: async (program, args) => {
    try {
      return (await promisify(execFile)(program, [...args], { timeout: RUN_TIMEOUT_MS, encoding: 'utf8' })).stdout
    } catch {
      return undefined // not installed, or not on this machine: the check is left out
    }
  },
}

function orUndefined<T>(look: () => T): T | undefined {
  try {
    return look()
  } catch {
    return undefined // the caller says what it could not see
  }
}
