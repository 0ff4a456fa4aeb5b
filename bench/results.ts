import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { cpus, totalmem } from 'node:os'
import { fileURLToPath } from 'node:url'
import type { Options } from './options.ts'
import type { Part } from './part.ts'

export const udpBufferLimitBytes = (): number => Number(readFileSync('/proc/sys/net/core/rmem_max', 'utf8'))

/** Everything that a run has measured, and on what. @returns the name of the file below bench/results/ */
export function writeResults({ options, parts }: { readonly options: Options; readonly parts: ReadonlyMap<string, Part> }): string {
  const folder = fileURLToPath(new URL('./results/', import.meta.url))
  mkdirSync(folder, { recursive: true })
  const machine = {
    cpu: cpus()[0]?.model ?? 'unknown',
    cores: cpus().length,
    memoryBytes: totalmem(),
    kernel: readFileSync('/proc/version', 'utf8').split(' ')[2],
    node: process.version,
    udpBufferLimitBytes: udpBufferLimitBytes(),
  }
  const at = new Date().toISOString()
  const name = options.smoke ? 'smoke.tmp.json' : `${at.slice(0, 19).replaceAll(':', '')}.json`
  const all = [...parts.values()]
  const content = {
    at,
    options,
    machine,
    figures: all.flatMap(({ figures }) => figures),
    checks: all.flatMap(({ checks }) => checks),
    outcomes: all.flatMap(({ outcomes = [] }) => outcomes),
    details: Object.fromEntries([...parts].filter(([, { details }]) => details !== undefined).map(([scenario, { details }]) => [scenario, details])),
  }
  writeFileSync(`${folder}${name}`, `${JSON.stringify(content, undefined, 2)}\n`)
  return name
}
