import { writeWhole, type SinkFiles } from './files.ts'

const MODE = 0o600
const MAX_BYTES = 4096

/** A small JSON file as it is; undefined: there is none, or it is no JSON. */
export function readSmall(files: SinkFiles, path: string): Readonly<Record<string, unknown>> | undefined {
  if (files.stat(path) === undefined) return undefined
  const fd = files.open(path, 'read', MODE)
  try {
    const bytes = Buffer.alloc(MAX_BYTES)
    const value: unknown = JSON.parse(bytes.toString('utf8', 0, files.read(fd, bytes, 0)))
    return typeof value === 'object' && value !== null ? (value as Readonly<Record<string, unknown>>) : undefined
  } catch (error) {
    if (error instanceof SyntaxError) return undefined
    throw error
  } finally {
    files.close(fd)
  }
}

/** Replaced as a whole: after a kill it is the one before or this one; when `synced`, after a power cut too. */
export function replaceSmall(files: SinkFiles, path: string, { value, how }: { readonly value: object; readonly how: 'synced' | 'quick' }): void {
  const fd = files.open(`${path}.new`, 'new', MODE)
  try {
    writeWhole(files, fd, Buffer.from(`${JSON.stringify(value)}\n`))
    if (how === 'synced') files.sync(fd)
  } finally {
    files.close(fd)
  }
  files.rename(`${path}.new`, path)
}
