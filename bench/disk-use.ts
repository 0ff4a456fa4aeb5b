import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { folderBytes } from './measure.ts'

/** Where the bytes of a data folder are. */
export interface DiskUse {
  readonly totalBytes: number
  readonly logBytes: number
  /** Below log/: by table or index of the sealed files, all files together; `segments` and `others` are whole files. */
  readonly kinds: Readonly<Record<string, number>>
}

/** Sizes are of files, not of blocks on the disk; what a kind has is whole pages (SQLite's dbstat). */
export function diskUse(data: string): DiskUse {
  const log = join(data, 'log')
  const kinds: Record<string, number> = {}
  for (const entry of readdirSync(log, { withFileTypes: true })) {
    if (!entry.isFile() || !entry.name.endsWith('.db')) continue
    for (const [name, bytes] of pagesByName(join(log, entry.name))) kinds[name] = (kinds[name] ?? 0) + bytes
  }
  const logBytes = folderBytes(log)
  kinds['segments'] = folderBytes(join(log, 'segments'))
  kinds['others'] = logBytes - Object.values(kinds).reduce((sum, bytes) => sum + bytes, 0)
  return { totalBytes: folderBytes(data), logBytes, kinds }
}

function pagesByName(path: string): [string, number][] {
  const database = new DatabaseSync(path, { readOnly: true })
  try {
    const rows = database.prepare('SELECT name, SUM(pgsize) AS bytes FROM dbstat GROUP BY name').all() as unknown as { name: string; bytes: number }[]
    return rows.map(({ name, bytes }) => [name, bytes])
  } finally {
    database.close()
  }
}
