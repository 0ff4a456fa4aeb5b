import { createHash } from 'node:crypto'
import { readFileSync, readdirSync } from 'node:fs'
import { extname, join } from 'node:path'

/** A file of the pages: its media type, bytes, and a strong entity tag of them. */
export interface PageFile {
  readonly type: string
  readonly bytes: Uint8Array
  readonly etag: string
}

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.svg': 'image/svg+xml',
}

/** Reads the web pages into memory, once at start: a dozen small files, served as they are. Throws when the folder cannot be read. */
export function loadPages(folder: string = join(import.meta.dirname, 'static')): ReadonlyMap<string, PageFile> {
  const pages = new Map<string, PageFile>()
  for (const name of readdirSync(folder).toSorted()) {
    const type = TYPES[extname(name)]
    if (type === undefined) continue
    const bytes = readFileSync(join(folder, name))
    pages.set(name, { type, bytes, etag: `"${createHash('sha256').update(bytes).digest('base64url').slice(0, 22)}"` })
  }
  return pages
}
