import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fail, ok, type Result } from '#base/result.ts'
import type { TextFault } from '#domain/fault.ts'
import type { RuleSource } from './rule-files.ts'

/** Receivers and routes stand beside rules and are not rules. */
const NOT_RULES = /^routes(\..*)?\.yaml$/
const MAX_FILE_BYTES = 4 * 1024 * 1024
/** Folder below each folder of rules for what one site says otherwise. */
export const LOCAL = 'local'

/** Every `*.yaml` of the folders and of `local/` in them, in order of folders and then of names. A folder that is not there has no rules; one that cannot be read is a fault. */
export function readRuleFiles(directories: readonly string[]): Result<RuleSource[], TextFault> {
  const faults: TextFault[] = []
  const sources = directories.flatMap((directory) => [...readFolder(directory, faults), ...readFolder(join(directory, LOCAL), faults).map((source) => ({ ...source, isLocal: true }))])
  return faults.length === 0 ? ok(sources) : fail(...faults)
}

function readFolder(directory: string, faults: TextFault[]): readonly RuleSource[] {
  return namesIn(directory, faults).flatMap((name) => {
    const file = join(directory, name)
    try {
      const bytes = readFileSync(file)
      if (bytes.length <= MAX_FILE_BYTES) return [{ name: file, text: bytes.toString('utf8') }]
      faults.push({ file, line: 1, column: 1, message: `larger than ${MAX_FILE_BYTES} bytes` })
    } catch (error) {
      faults.push(unreadable(file, error))
    }
    return []
  })
}

function namesIn(directory: string, faults: TextFault[]): string[] {
  try {
    return readdirSync(directory).filter((name) => name.endsWith('.yaml') && !NOT_RULES.test(name)).sort()
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') faults.push(unreadable(directory, error))
    return []
  }
}

const unreadable = (file: string, error: unknown): TextFault => ({ file, line: 1, column: 1, message: `cannot be read: ${(error as Error).message}` })
