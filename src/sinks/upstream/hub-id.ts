import { diskFiles, type SinkFiles } from '../file/files.ts'
import { readSmall, replaceSmall } from '../file/replace.ts'

const HUB_ID = /^[0-9a-f]{16}$/

/** By what a hub knows its own messages when they come back: made once, by chance, and kept. @param newId 16 hex digits @throws when it cannot be written */
export function readHubId(path: string, newId: () => string, files: SinkFiles = diskFiles): string {
  const kept = readSmall(files, path)?.['id']
  if (typeof kept === 'string' && HUB_ID.test(kept)) return kept
  const id = newId()
  replaceSmall(files, path, { value: { id }, how: 'synced' })
  return id
}
