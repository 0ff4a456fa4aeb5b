import { closeSync, fsyncSync, openSync, readFileSync, renameSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { syncDirectory } from '../segments/files.ts'

/** A file that was set aside because it cannot be read: messages may be missing until a person has accepted that. */
export interface Loss {
  /** Name below the log folder, as it is now: `2026-11-22.001.db.damaged`. */
  readonly name: string
  readonly reason: string
  readonly atMs: number
  /** No message before or after these can be missing; 0 when nothing is known. */
  readonly fromSeq: number
  readonly toSeq: number
  readonly accepted: { readonly atMs: number; readonly by: string } | null
}

/** Beside the sealed files; part of every backup. */
export const LOSSES_FILE = 'losses.json'
/** Accepted ones beyond this are forgotten, oldest first; open ones never. */
const MAX_ACCEPTED = 100

/** What was set aside, oldest first; nothing when there is no record. Throws when the record cannot be read: then nobody knows what is missing. */
export function readLosses(directory: string): readonly Loss[] {
  let text: string
  try {
    text = readFileSync(join(directory, LOSSES_FILE), 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return []
    throw error
  }
  return (JSON.parse(text) as { readonly losses: readonly Loss[] }).losses
}

/** Those that make every answer incomplete. */
export const openLosses = (losses: readonly Loss[]): readonly Loss[] => losses.filter(({ accepted }) => accepted === null)

/** Replaces the record at once and for good: a power cut leaves the one before or this one. */
export function writeLosses(directory: string, losses: readonly Loss[]): void {
  const accepted = losses.filter((loss) => loss.accepted !== null)
  const forgotten = new Set(accepted.slice(0, Math.max(0, accepted.length - MAX_ACCEPTED)))
  const path = join(directory, LOSSES_FILE)
  const fd = openSync(`${path}.new`, 'w', 0o600)
  try {
    writeSync(fd, `${JSON.stringify({ losses: losses.filter((loss) => !forgotten.has(loss)) }, null, 2)}\n`)
    fsyncSync(fd)
  } finally {
    closeSync(fd)
  }
  renameSync(`${path}.new`, path)
  syncDirectory(directory)
}

/** @returns the record with this loss accepted, or undefined when none of that name is open */
export function acceptLoss(losses: readonly Loss[], name: string, accepted: NonNullable<Loss['accepted']>): readonly Loss[] | undefined {
  if (!losses.some((loss) => loss.name === name && loss.accepted === null)) return undefined
  return losses.map((loss) => (loss.name === name && loss.accepted === null ? { ...loss, accepted } : loss))
}
