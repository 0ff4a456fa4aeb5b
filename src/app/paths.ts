import { accessSync, constants, mkdirSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { AppFault } from '#domain/fault.ts'
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
  readonly rules: readonly string[]
}

/** Makes the data folder (mode 0700: it holds the operator's token and everyone's logs) and names what is in it. @throws AppFault when it cannot be written to */
export function preparePaths(config: HubConfig): HubPaths {
  const data = resolve(config.data)
  const log = join(data, 'log')
  const assets = resolve(data, config.boot.assets)
  try {
    mkdirSync(data, { recursive: true, mode: 0o700 })
    mkdirSync(log, { recursive: true })
    mkdirSync(assets, { recursive: true })
    accessSync(data, constants.R_OK | constants.W_OK | constants.X_OK)
  } catch (cause) {
    throw new AppFault('store-failed', `the data folder ${data} cannot be used (${(cause as Error).message}); make it readable and writable for the user who runs the hub, or choose another with --data`, { cause })
  }
  return {
    data, log, assets,
    database: join(data, 'hub.db'),
    lock: join(data, 'hub.lock'),
    operatorToken: join(data, 'operator.token'),
    hubUrl: join(data, 'hub.url'),
    rules: config.rules.directories.map((directory) => resolve(PROGRAM_DIRECTORY, directory)),
  }
}
