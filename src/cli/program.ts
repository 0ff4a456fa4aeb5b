import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

/** The folder of the launcher: the checkout, or an unpacked bundle. Without a slash at the end. */
export const PROGRAM_ROOT = fileURLToPath(new URL('../..', import.meta.url)).replace(/\/$/, '')

export const programVersion = (): string => (JSON.parse(readFileSync(`${PROGRAM_ROOT}/package.json`, 'utf8')) as { version: string }).version
