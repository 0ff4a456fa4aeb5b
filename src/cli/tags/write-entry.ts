import { closeSync, copyFileSync, fchmodSync, fsyncSync, openSync, readFileSync, realpathSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { fail, ok, type Result } from '#base/result.ts'
import { appendListEntry, type ListEntry } from '#config/index.ts'
import type { TextFault } from '#domain/fault.ts'

export interface WrittenEntry { readonly file: string; readonly backup: string }

/**
 * Adds an entry to a list of the configuration file: the new text is checked whole before it takes the file's name in one
 * step, and what was there stays beside it as `FILE.bak`. @param check the faults of a configuration file
 */
export function writeEntry({ file: given, check, ...entry }: ListEntry & { readonly file: string; readonly check: (file: string) => readonly TextFault[] }): Result<WrittenEntry, TextFault> {
  const file = realpathSync(given) // a link stays one
  const appended = appendListEntry({ ...entry, file, text: readFileSync(file, 'utf8') })
  if (!appended.ok) return appended
  const part = `${file}.new`
  const backup = `${file}.bak`
  try {
    writeWhole(part, appended.value, statSync(file).mode & 0o777)
    const [fault, ...more] = check(part)
    if (fault !== undefined) return fail(fault, ...more)
    copyFileSync(file, backup)
    renameSync(part, file)
    syncFolder(dirname(file))
    return ok({ file, backup })
  } finally {
    rmSync(part, { force: true })
  }
}

function writeWhole(path: string, text: string, mode: number): void {
  const handle = openSync(path, 'w', mode)
  try {
    fchmodSync(handle, mode) // whatever the umask says
    writeFileSync(handle, text)
    fsyncSync(handle)
  } finally {
    closeSync(handle)
  }
}

/** The new name survives a power cut. */
function syncFolder(path: string): void {
  const handle = openSync(path, 'r')
  try {
    fsyncSync(handle)
  } finally {
    closeSync(handle)
  }
}
