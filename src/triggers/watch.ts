import { watch, type FSWatcher } from 'node:fs'
import { join } from 'node:path'
import { LOCAL } from './rules/read-files.ts'

/** Editors write a file in several steps: changes are taken together when this long nothing more has come. */
const SETTLE_MS = 300

/**
 * Calls `changed` after `*.yaml` files of the folders, or of `local/` in them, changed; a `local/` that is made later is watched from then on.
 * A folder that is not there or cannot be watched is left out: `reload` still works.
 */
export function watchRuleFiles(directories: readonly string[], changed: () => void): () => void {
  let timer: NodeJS.Timeout | undefined
  const watchers = new Map<string, FSWatcher>()
  const soon = (): void => {
    clearTimeout(timer)
    timer = setTimeout(changed, SETTLE_MS)
  }
  function follow(folder: string, onName: (name: string | null) => void): void {
    watchers.get(folder)?.close()
    try {
      const watcher = watch(folder, { persistent: false }, (_event, name) => onName(name))
      watcher.on('error', () => watcher.close())
      watchers.set(folder, watcher)
    } catch (error) {
      if (!['ENOENT', 'ENOTDIR', 'EACCES', 'ENOSPC', 'EMFILE'].includes((error as NodeJS.ErrnoException).code ?? '')) throw error
    }
  }
  const ofRules = (name: string | null): void => {
    if (name === null || name.endsWith('.yaml')) soon()
  }
  for (const directory of directories) {
    const local = join(directory, LOCAL)
    follow(local, ofRules)
    follow(directory, (name) => {
      if (name !== LOCAL) return ofRules(name)
      follow(local, ofRules)
      soon()
    })
  }
  return () => {
    clearTimeout(timer)
    for (const watcher of watchers.values()) watcher.close()
  }
}
