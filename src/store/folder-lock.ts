import Database from 'better-sqlite3'

/**
 * Holds a folder for this process: an exclusive SQLite transaction on a file of its own, which is a lock of the kernel and
 * so ends with the process, however that ends.
 * @returns undefined when another process holds it
 */
export function lockFolder(file: string): Disposable | undefined {
  const db = new Database(file, { timeout: 0 })
  try {
    db.pragma('journal_mode = MEMORY') // nothing is ever written
    db.exec('BEGIN EXCLUSIVE')
  } catch (fault) {
    db.close()
    if ((fault as { readonly code?: string }).code?.startsWith('SQLITE_BUSY') === true) return undefined
    throw fault
  }
  return { [Symbol.dispose]: () => void db.close() }
}
