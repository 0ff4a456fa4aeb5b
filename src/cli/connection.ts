import { existsSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { CliFault, EXIT } from './exit.ts'
import type { CliIo } from './io.ts'
import { configFile, PROGRAM_ROOT } from './root.ts'

/** Options that every command takes. */
export interface GlobalOptions {
  readonly url?: string
  readonly tokenFile?: string
  readonly data?: string
  readonly config?: string
  readonly color?: 'auto' | 'always' | 'never'
}

export interface Connection {
  /** Without a slash at the end. */
  readonly url: string
  readonly token: string | undefined
  /** Where the token came from, for people. */
  readonly tokenFrom: string
}

export const DEFAULT_URL = 'http://127.0.0.1:8080'

/**
 * Flags, then `HPS_URL` and `HPS_TOKEN`, then what the hub on this machine left in its data folder (`hub.url`, `operator.token`).
 * The token of the data folder is sent to the hub of that folder only, never to another URL that somebody gave.
 */
export async function findConnection(options: GlobalOptions, env: CliIo['env']): Promise<Connection> {
  const data = await dataFolder(options, env)
  const localUrl = (readIfThere(join(data, 'hub.url')) ?? DEFAULT_URL).replace(/\/+$/, '')
  const url = (options.url ?? env['HPS_URL'] ?? localUrl).replace(/\/+$/, '')
  if (!URL.canParse(url) || !/^https?:/.test(url)) throw new CliFault(EXIT.usage, `${url} is not a URL`, { hint: 'give one like http://10.0.0.1:8080' })
  if (options.tokenFile !== undefined) return { url, token: readToken(options.tokenFile), tokenFrom: options.tokenFile }
  if (env['HPS_TOKEN'] !== undefined && env['HPS_TOKEN'] !== '') return { url, token: env['HPS_TOKEN'], tokenFrom: '$HPS_TOKEN' }
  const file = join(data, 'operator.token')
  if (new URL(url).origin !== new URL(localUrl).origin) return { url, token: undefined, tokenFrom: 'nowhere (give one with HPS_TOKEN or --token-file)' }
  const token = readIfThere(file)
  return { url, token, tokenFrom: token === undefined ? `nowhere (there is no ${file} that you may read)` : file }
}

const LOOPBACK = ['localhost', '127.0.0.1', '[::1]']
/** Whether a hub's URL means this machine. */
export const isLoopback = (url: string): boolean => LOOPBACK.includes(new URL(url).hostname)

/** Where the hub of this machine keeps its data: `--data`, `HPS_DATA`, the `data` of the configuration file, else `data` beside the launcher. */
export async function dataFolder(options: GlobalOptions, env: CliIo['env']): Promise<string> {
  const given = options.data ?? env['HPS_DATA'] ?? await dataOfFile(configFile(options.config, env))
  return given === undefined ? join(PROGRAM_ROOT, 'data') : resolve(given)
}

/** The reader of YAML is loaded only when there is a file: most commands then start in half the time. */
async function dataOfFile(file: string | undefined): Promise<string | undefined> {
  const text = file === undefined ? undefined : readIfThere(file)
  if (text === undefined) return undefined
  const { readYaml } = await import('#config/index.ts')
  const read = readYaml(file!, text)
  const data = read.ok ? (read.value as { readonly data?: unknown } | null)?.data : undefined
  return typeof data === 'string' ? data : undefined
}

function readToken(file: string): string {
  try {
    return readFileSync(file, 'utf8').trim()
  } catch (error) {
    throw new CliFault(EXIT.usage, `the token file ${file} cannot be read`, { hint: (error as Error).message, cause: error })
  }
}

function readIfThere(file: string): string | undefined {
  if (!existsSync(file)) return undefined
  try {
    return readFileSync(file, 'utf8').trim()
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EACCES') return undefined
    throw error
  }
}
