import { closeSync, fsyncSync, openSync, readFileSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { AppFault } from '#domain/fault.ts'

/** The list of a backup: what is not in it does not belong to the backup, and what is in it is proved by its hash. */
export interface Manifest {
  readonly format: typeof MANIFEST_FORMAT
  /** Version of the program that wrote it. */
  readonly program: string
  readonly createdMs: number
  /** Every message up to this one that was stored is in the backup; 0 for an empty store. */
  readonly lastSeq: number
  readonly files: readonly ManifestFile[]
  /** Files of the store that could not be read and are not in the backup. */
  readonly leftOut: readonly { readonly name: string; readonly reason: string }[]
}
export interface ManifestFile {
  /** Relative to the backup, with `/`. */
  readonly path: string
  readonly bytes: number
  readonly sha256: string
}

const MANIFEST_FORMAT = 1
export const MANIFEST_FILE = 'manifest.json'
/** What a backup may hold: a manifest from elsewhere must not name files outside. */
const SAFE_PATH = /^(?:hub\.db|rules\.db|routes\.yaml|log\/(?:losses\.json|segments\/\d{10,15}\.seg|[a-z0-9.-]+\.db))$/

export const newManifest = (content: Omit<Manifest, 'format'>): Manifest => ({ format: MANIFEST_FORMAT, ...content })

export function writeManifest(directory: string, manifest: Manifest): void {
  const fd = openSync(join(directory, MANIFEST_FILE), 'wx', 0o600)
  try {
    writeSync(fd, `${JSON.stringify(manifest, null, 2)}\n`)
    fsyncSync(fd)
  } finally {
    closeSync(fd)
  }
}

/** @throws AppFault `bad-request` when this is no backup that this program can read */
export function readManifest(directory: string): Manifest {
  let manifest: Manifest
  try {
    manifest = JSON.parse(readFileSync(join(directory, MANIFEST_FILE), 'utf8')) as Manifest
  } catch (cause) {
    throw new AppFault('bad-request', `${directory} is no finished backup: its ${MANIFEST_FILE} cannot be read (${(cause as Error).message})`, { cause })
  }
  const format: number = manifest.format
  if (format !== MANIFEST_FORMAT) throw new AppFault('bad-request', `the backup has format ${format}, this program knows ${MANIFEST_FORMAT}`)
  const strange = manifest.files.find(({ path }) => !SAFE_PATH.test(path))
  if (strange !== undefined) throw new AppFault('bad-request', `the manifest names ${strange.path}, which is no file of a backup`)
  return manifest
}
