import { closeSync, existsSync, fstatSync, mkdirSync, openSync, readdirSync, renameSync, rmSync, rmdirSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { AppFault } from '#domain/fault.ts'
import { syncDirectory } from '../log/segments/files.ts'
import { copyBytes, type CopyPace } from './copy.ts'
import { readManifest, type Manifest } from './manifest.ts'

/** Where the copy lies until every byte of it is proved; while it is there the hub does not start on the folder. */
export const RESTORING_FOLDER = 'restoring'

/**
 * Makes a data folder from a backup. Every file is hashed while it is copied; the folder gets its files only when all of
 * them are what the manifest says. The hub must not run on the folder.
 * @param data a folder that is empty or does not exist
 * @throws AppFault `bad-request` for what is no backup or no empty folder, `store-failed` for a damaged backup or a disk that refuses
 */
export async function restoreBackup({ backup, data, pace }: { readonly backup: string; readonly data: string; readonly pace: CopyPace }): Promise<Manifest> {
  const manifest = readManifest(backup)
  const found = existsSync(data) ? readdirSync(data).filter((entry) => entry !== 'lost+found') : []
  if (found.length > 0) throw new AppFault('bad-request', `${data} is not empty (it holds ${found[0]}): restore into a new folder`)
  const staging = join(data, RESTORING_FOLDER)
  mkdirSync(join(staging, 'log', 'segments'), { recursive: true, mode: 0o700 })
  try {
    for (const file of manifest.files) await copyProved(file, { backup, staging, pace })
    for (const folder of ['log/segments', 'log', '.']) syncDirectory(join(staging, folder))
    for (const entry of readdirSync(staging)) renameSync(join(staging, entry), join(data, entry))
    syncDirectory(data)
    rmdirSync(staging)
    syncDirectory(data)
    syncDirectory(dirname(data))
    return manifest
  } catch (error) {
    rmSync(staging, { recursive: true, force: true })
    throw error instanceof AppFault ? error : new AppFault('store-failed', `the backup was not restored: ${error instanceof Error ? error.message : String(error)}`, { cause: error })
  }
}

async function copyProved({ path, bytes, sha256 }: Manifest['files'][number], { backup, staging, pace }: { readonly backup: string; readonly staging: string; readonly pace: CopyPace }): Promise<void> {
  const fd = openSync(join(backup, path), 'r')
  try {
    const { size } = fstatSync(fd)
    if (size !== bytes) throw new AppFault('store-failed', `the backup is damaged: ${path} has ${size} bytes instead of ${bytes}`)
    const copied = await copyBytes({ fd, bytes, to: join(staging, path), pace })
    if (copied.sha256 !== sha256) throw new AppFault('store-failed', `the backup is damaged: ${path} is not what was written`)
  } finally {
    closeSync(fd)
  }
}
