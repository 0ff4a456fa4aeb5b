import { closeSync, existsSync, mkdirSync, openSync, readdirSync, renameSync, rmSync, statSync, statfsSync } from 'node:fs'
import { dirname, join, relative, resolve } from 'node:path'
import { formatBytes } from '#base/bytes.ts'
import { AppFault } from '#domain/fault.ts'
import { LOSSES_FILE } from '../log/keep/losses.ts'
import { syncDirectory } from '../log/segments/files.ts'
import type { WatermarkShared } from '../log/segments/watermark.ts'
import { copyBytes, copyDatabase, type CopyPace } from './copy.ts'
import { newManifest, writeManifest, type ManifestFile } from './manifest.ts'
import { freezeStore, type FrozenStore } from './snapshot.ts'

export interface BackUpOptions {
  /** The data folder: `hub.db`, `rules.db`, `log/`, perhaps `routes.yaml`. */
  readonly data: string
  readonly directory: string
  readonly databasePath: string
  readonly watermark: WatermarkShared
  /** Folder for backups, absolute; one more is made in it. */
  readonly target: string
  readonly program: string
  readonly nowMs: number
  /** Lets the thread do other work between two slices; throws when the backup is to end. */
  breathe(): Promise<void>
  onProgress(progress: { readonly doneBytes: number; readonly totalBytes: number }): void
}
export interface BackUpResult { readonly path: string; readonly bytes: number; readonly files: number; readonly lastSeq: number; readonly leftOut: readonly string[] }

/** Names that this program gives: a folder with anything else in it is somebody's. */
const OUR_NAME = /^\d{4}-\d\d-\d\dT\d{6}\.\d{3}Z(?:\.partial)?$/
/** The memory of the rules, in the data folder. */
const RULES_FILE = 'rules.db'
/** Left free on the target beside the copy. */
const SPARE_BYTES = 16 * 1024 ** 2

/**
 * A copy of log, hub.db and rules.db of one moment, while all are written to. It has its name only when it is whole and on disk;
 * one that fails is removed. Runs on the keeper's thread, see `freezeStore`; that moment is before the first await.
 * @throws AppFault `bad-request` for a target that cannot be used, `store-failed` when a disk refuses
 */
export async function backUp(options: BackUpOptions): Promise<BackUpResult> {
  const { target, nowMs } = options
  const name = new Date(nowMs).toISOString().replaceAll(/(?<=T.*):/g, '')
  const path = join(target, name)
  const partial = `${path}.partial`
  prepareTarget(options)
  mkdirSync(partial, { mode: 0o700 })
  try {
    using frozen = freezeStore({ ...options, rulesPath: join(options.data, RULES_FILE) })
    const result = await copyAll(frozen, partial, options)
    renameSync(partial, path)
    syncDirectory(target)
    return { ...result, path }
  } catch (error) {
    rmSync(partial, { recursive: true, force: true })
    throw error instanceof AppFault ? error : new AppFault('store-failed', `the backup was not written: ${error instanceof Error ? error.message : String(error)}`, { cause: error })
  }
}

function prepareTarget({ data, target }: BackUpOptions): void {
  if (!relative(resolve(data), target).startsWith('..')) throw new AppFault('bad-request', `${target} lies in the data folder: a backup belongs on another disk`)
  try {
    if (!existsSync(target)) {
      mkdirSync(target, { recursive: true, mode: 0o700 })
      syncDirectory(dirname(target))
    }
    const strange = readdirSync(target).find((entry) => !OUR_NAME.test(entry) && entry !== 'lost+found')
    if (strange !== undefined) throw new AppFault('bad-request', `${target} holds ${strange}, which is no backup; give a folder that is empty or holds backups only`)
  } catch (error) {
    throw error instanceof AppFault ? error : new AppFault('bad-request', `${target} cannot be used: ${(error as Error).message}`, { cause: error })
  }
}

async function copyAll(frozen: FrozenStore, partial: string, options: BackUpOptions): Promise<Omit<BackUpResult, 'path'>> {
  const extras = extrasOf(options)
  const totalBytes = [...frozen.databases, ...frozen.segments, ...extras].reduce((sum, { bytes }) => sum + bytes, 0)
  const { bavail, bsize } = statfsSync(partial)
  if (bavail * bsize < totalBytes + SPARE_BYTES) throw new AppFault('store-failed', `the backup takes ${formatBytes(totalBytes)}, and ${options.target} has ${formatBytes(bavail * bsize)} free`)
  let doneBytes = 0
  const pace: CopyPace = {
    breathe: options.breathe,
    advance(bytes) {
      doneBytes = Math.min(totalBytes, doneBytes + bytes)
      options.onProgress({ doneBytes, totalBytes })
    },
  }
  mkdirSync(join(partial, 'log', 'segments'), { recursive: true, mode: 0o700 })
  const files: ManifestFile[] = []
  for (const { path, fd, bytes } of frozen.segments) files.push({ path, ...(await copyBytes({ fd, bytes, to: join(partial, path), pace })) })
  for (const { path, db } of frozen.databases) files.push({ path, ...(await copyDatabase(db, join(partial, path), pace)) })
  for (const { path, from, bytes } of extras) files.push({ path, ...(await copyFile(from, { bytes, to: join(partial, path), pace })) })
  writeManifest(partial, newManifest({ program: options.program, createdMs: options.nowMs, lastSeq: frozen.lastSeq, files, leftOut: frozen.leftOut }))
  for (const folder of ['log/segments', 'log', '.']) syncDirectory(join(partial, folder))
  return { bytes: files.reduce((sum, { bytes }) => sum + bytes, 0), files: files.length, lastSeq: frozen.lastSeq, leftOut: frozen.leftOut.map(({ name, reason }) => `${name}: ${reason}`) }
}

interface Extra { readonly path: string; readonly from: string; readonly bytes: number }

/** Small files beside the databases that are replaced as a whole when they change. */
function extrasOf({ data, directory }: BackUpOptions): Extra[] {
  const wanted = [{ path: 'routes.yaml', from: join(data, 'routes.yaml') }, { path: `log/${LOSSES_FILE}`, from: join(directory, LOSSES_FILE) }]
  return wanted.flatMap(({ path, from }) => {
    const stat = statSync(from, { throwIfNoEntry: false })
    return stat === undefined ? [] : [{ path, from, bytes: stat.size }]
  })
}

async function copyFile(from: string, { bytes, to, pace }: { readonly bytes: number; readonly to: string; readonly pace: CopyPace }): ReturnType<typeof copyBytes> {
  const fd = openSync(from, 'r')
  try {
    return await copyBytes({ fd, bytes, to, pace })
  } finally {
    closeSync(fd)
  }
}
