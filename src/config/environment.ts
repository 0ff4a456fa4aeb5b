import { didYouMean } from '#base/text.ts'
import type { TextFault } from '#domain/fault.ts'
import { settingsOf, variableName, type Schema } from './schema.ts'
import { plainSource, yamlSource, type ConfigSource } from './source.ts'

/** One value that stands above the file: from a variable or a flag. */
export interface Override {
  readonly path: readonly string[]
  readonly source: ConfigSource
}

export type Environment = Readonly<Record<string, string | undefined>>

/**
 * `HPS_HTTP_PORT=8081` for every setting; lists and maps as YAML text. A variable that is nearly the name of a setting is a
 * fault; others with the prefix are somebody else's (an orchestrator sets `HPS_SERVICE_HOST` for a service called hps).
 */
export function readEnvironment(schema: Schema, env: Environment, { prefix, reserved }: { readonly prefix: string; readonly reserved: readonly string[] }): { readonly overrides: Override[]; readonly faults: TextFault[] } {
  const settings = new Map(settingsOf(schema).map((setting) => [variableName(prefix, setting.path), setting]))
  const overrides: Override[] = []
  const faults: TextFault[] = []
  for (const name of Object.keys(env).sort()) {
    const text = env[name]
    if (!name.startsWith(`${prefix}_`) || text === undefined || reserved.includes(name)) continue
    const setting = settings.get(name)
    if (setting !== undefined) {
      overrides.push({ path: setting.path, source: readVariable(`$${name}`, text, setting.schema) })
      continue
    }
    const meant = didYouMean(name.slice(prefix.length + 1), [...settings.keys()].map((known) => known.slice(prefix.length + 1)))
    if (meant !== undefined) faults.push({ file: `$${name}`, line: 1, column: 1, message: 'there is no such setting', hint: `did you mean ${prefix}_${meant}?` })
  }
  return { overrides, faults }
}

function readVariable(name: string, text: string, { type }: Schema): ConfigSource {
  if (type === 'array' || type === 'object') return yamlSource(name, text)
  if (type === 'integer' || type === 'number') return plainSource(name, /^-?\d+(\.\d+)?$/.test(text) ? Number(text) : text)
  if (type === 'boolean') return plainSource(name, text === 'true' ? true : text === 'false' ? false : text)
  return plainSource(name, text)
}
