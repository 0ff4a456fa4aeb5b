import { accessSync, constants, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { HubConfig } from '#app/config.ts'
import { fail, ok, type Result } from '#base/result.ts'
import { loadConfig } from '#config/index.ts'
import { formatTextFault, type TextFault } from '#domain/fault.ts'
import { CliFault, EXIT } from './exit.ts'
import { argumentsCanBeRendered, consolesAreDatagrams, HUB_LEAF_CHECKS, listenersAreWhole, listenersDoNotClash, profilesCanBoot, secretsAreWhole, sinksAreWhole, sinksDoNotClash, tagsCanBeGiven } from './hub-checks.ts'
import { configFile, PROGRAM_ROOT } from './root.ts'

/** Variables with our prefix that belong to the command line, not to the configuration. */
const CLI_VARIABLES = ['HPS_URL', 'HPS_TOKEN', 'HPS_CONFIG', 'HPS_DEBUG', 'HPS_NODE'] as const

/** Files of a TLS listener, and of a sink that forwards over TLS. */
const TLS_FILES = ['certificate_file', 'key_file', 'client_ca_file'] as const
const UPSTREAM_TLS_FILES = ['ca_file', 'certificate_file', 'key_file'] as const

export interface HubConfigRequest {
  /** `--config`; else `HPS_CONFIG`, else `hps.yaml` beside the launcher if it is there. */
  readonly file?: string | undefined
  readonly env: Readonly<Record<string, string | undefined>>
  readonly flags: readonly { readonly name: string; readonly path: readonly string[]; readonly value: unknown }[]
}

/** The hub's configuration, checked whole. A `data` that nobody gave is the folder `data` beside the launcher; it comes out absolute. */
export function loadHubConfig({ file, env, flags }: HubConfigRequest): Result<HubConfig, TextFault> {
  const path = configFile(file, env)
  let text: string | undefined
  try {
    text = path === undefined ? undefined : readFileSync(path, 'utf8')
  } catch (error) {
    return fail({ file: path!, line: 1, column: 1, message: `the file cannot be read: ${(error as Error).message}`, hint: 'give another with --config' })
  }
  const result = loadConfig({
    schema: HubConfig,
    file: path ?? 'no file',
    text,
    env,
    prefix: 'HPS',
    reserved: CLI_VARIABLES,
    flags,
    leafChecks: [...HUB_LEAF_CHECKS, { path: ['mail', 'password_file'], check: unreadable }, ...TLS_FILES.map((key) => ({ path: ['syslog', 'listeners', '*', 'tls', key], check: unreadable })), ...UPSTREAM_TLS_FILES.map((key) => ({ path: ['sinks', '*', 'tls', key], check: unreadable }))],
    wholeChecks: [listenersAreWhole, listenersDoNotClash, consolesAreDatagrams, profilesCanBoot, argumentsCanBeRendered, secretsAreWhole, sinksAreWhole, sinksDoNotClash, tagsCanBeGiven],
  })
  if (!result.ok) return result
  const data = result.value.data === 'data' && !isGiven({ text, env, flags }) ? join(PROGRAM_ROOT, 'data') : resolve(result.value.data)
  return ok(Object.freeze({ ...result.value, data }))
}

/** The same for commands that go no further with a faulty one. */
export function readHubConfig(request: HubConfigRequest): HubConfig {
  const result = loadHubConfig(request)
  if (result.ok) return result.value
  throw new CliFault(EXIT.usage, `the configuration has faults: ${formatTextFault(result.faults[0]!)}`, { hint: 'hps check prints all of them' })
}

const isGiven = ({ text, env, flags }: { readonly text: string | undefined; readonly env: HubConfigRequest['env']; readonly flags: HubConfigRequest['flags'] }): boolean =>
  env['HPS_DATA'] !== undefined || flags.some((flag) => flag.path[0] === 'data') || /^data\s*:/m.test(text ?? '')

function unreadable(file: unknown): string | undefined {
  try {
    accessSync(String(file), constants.R_OK)
    return undefined
  } catch (error) {
    return `must be a file that can be read (${(error as NodeJS.ErrnoException).code ?? 'unknown error'})`
  }
}
