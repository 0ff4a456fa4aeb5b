import { accessSync, chmodSync, closeSync, constants, existsSync, mkdirSync, openSync, statSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { AppFault } from '#domain/fault.ts'
import { RESTORING_FOLDER } from '#store/index.ts'
import type { HubConfig } from './config.ts'

/** The folder of the program: where `rules/` of the distribution is. */
const PROGRAM_DIRECTORY = dirname(dirname(dirname(fileURLToPath(import.meta.url))))

export interface HubPaths {
  readonly data: string
  readonly database: string
  /** Locked while a hub runs on this folder. */
  readonly lock: string
  readonly log: string
  readonly operatorToken: string
  readonly hubUrl: string
  readonly assets: string
  /** Where each sink stands. */
  readonly sinks: string
  readonly rules: readonly string[]
  /** The folder of the program, with its rules and docs. */
  readonly program: string
}

/** Makes the data folder (mode 0700: it holds the operator's token and everyone's logs) and names what is in it; the log and hub.db stay private in a folder that others may enter. @throws AppFault when it cannot be written to */
export function preparePaths(config: HubConfig): HubPaths {
  const data = resolve(config.data)
  const log = join(data, 'log')
  const assets = resolve(data, config.boot.assets)
  const database = join(data, 'hub.db')
  const sinks = join(data, 'sinks')
  if (existsSync(join(data, RESTORING_FOLDER))) throw new AppFault('store-failed', `a restore into ${data} was cut off; empty the folder and restore again`)
  try {
    mkdirSync(data, { recursive: true, mode: 0o700 })
    mkdirSync(log, { recursive: true })
    mkdirSync(assets, { recursive: true })
    closeSync(openSync(database, 'a', 0o600)) // what SQLite puts beside it gets the same mode
    for (const [path, mode] of [[log, 0o700], [database, 0o600]] as const) keepPrivate(path, mode)
    accessSync(data, constants.R_OK | constants.W_OK | constants.X_OK)
  } catch (cause) {
    throw new AppFault('store-failed', `the data folder ${data} cannot be used (${(cause as Error).message}); make it readable and writable for the user who runs the hub, or choose another with --data`, { cause })
  }
  return {
    data, log, assets, database, sinks,
    lock: join(data, 'hub.lock'),
    operatorToken: join(data, 'operator.token'),
    hubUrl: join(data, 'hub.url'),
    rules: config.rules.directories.map((directory) => resolve(PROGRAM_DIRECTORY, directory)),
    program: PROGRAM_DIRECTORY,
  }
}

/** A folder that was there before may be open to everyone (a volume, `mkdir` by hand): what the hub keeps in it is not. */
function keepPrivate(path: string, mode: number): void {
  const stat = statSync(path)
  if ((stat.mode & 0o077) !== 0 && stat.uid === process.getuid?.()) chmodSync(path, mode)
}
