import { watch, type FSWatcher } from 'node:fs'

/** Editors write a file in several steps: changes are taken together when this long nothing more has come. */
const SETTLE_MS = 300

/** Calls `changed` after `*.yaml` files of the folders changed. A folder that is not there or cannot be watched is left out: `reload` still works. */
export function watchRuleFiles(directories: readonly string[], changed: () => void): () => void {
  let timer: NodeJS.Timeout | undefined
  const watchers: FSWatcher[] = []
  for (const directory of directories) {
    try {
      const watcher = watch(directory, { persistent: false }, (_event, name) => {
        if (name !== null && !name.endsWith('.yaml')) return
        clearTimeout(timer)
        timer = setTimeout(changed, SETTLE_MS)
      })
      watcher.on('error', () => watcher.close())
      watchers.push(watcher)
    } catch (error) {
      if (!['ENOENT', 'EACCES', 'ENOSPC', 'EMFILE'].includes((error as NodeJS.ErrnoException).code ?? '')) throw error
    }
  }
  return () => {
    clearTimeout(timer)
    for (const watcher of watchers) watcher.close()
  }
}
