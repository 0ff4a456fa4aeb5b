import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** The folder of the launcher: the checkout, or an unpacked bundle. Without a slash at the end. */
export const PROGRAM_ROOT = fileURLToPath(new URL('../..', import.meta.url)).replace(/\/$/, '')

export const programVersion = (): string => (JSON.parse(readFileSync(`${PROGRAM_ROOT}/package.json`, 'utf8')) as { version: string }).version

/** The configuration file: `--config`, else `HPS_CONFIG`, else `hps.yaml` beside the launcher if it is there. */
export function configFile(flag: string | undefined, env: Readonly<Record<string, string | undefined>>): string | undefined {
  const beside = join(PROGRAM_ROOT, 'hps.yaml')
  return flag ?? env['HPS_CONFIG'] ?? (existsSync(beside) ? beside : undefined)
}
