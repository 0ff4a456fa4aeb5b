import { parseDurationMs } from '#base/duration.ts'
import { meant, refuse, type Reading } from './fault.ts'

export type VarValue = string | number | boolean
/** A name of `vars` and what it stands for; `isLocal`: a file of `rules/local/` says so. */
export interface Var { readonly value: VarValue; readonly file: string; readonly line: number; readonly column: number; readonly isLocal: boolean }

/** `$slow_install`, `$slow_install + 1m`, `$slow_install - 30s`: a value as a whole. `$$name` is the text `$name`, `$$$name` is `$$name`. */
const USE = /^\$(?<name>[a-z][a-z0-9_]*)(?:\s*(?<sign>[+-])\s*(?<time>\S+))?$/
const ESCAPED = /^\$\$+[a-z]/

/** The value with every `$name` in it replaced; a name that there is not, and a sum that is no time, are faults. `used` gets the names. */
export function fillVars(value: unknown, vars: ReadonlyMap<string, Var>, { at, used }: { readonly at: Reading; readonly used: Set<string> }): unknown {
  if (Array.isArray(value)) return value.map((item, index) => fillVars(item, vars, { at: { path: [...at.path, index], faults: at.faults }, used }))
  if (typeof value === 'object' && value !== null) {
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, fillVars(item, vars, { at: { path: [...at.path, key], faults: at.faults }, used })]))
  }
  if (typeof value !== 'string' || !value.startsWith('$')) return value
  if (ESCAPED.test(value)) return value.slice(1)
  const { name, sign, time } = USE.exec(value)?.groups ?? {}
  if (name === undefined) return value
  const found = vars.get(name)
  if (found === undefined) {
    refuse(at, `there is no variable \`$${name}\``, vars.size === 0 ? 'the file has no `vars`; `$$` at the beginning means the sign itself' : meant(name, [...vars.keys()]))
    return value
  }
  used.add(name)
  return sign === undefined ? found.value : added({ found, sign, time: time!, at })
}

function added({ found, sign, time, at }: { readonly found: Var; readonly sign: string; readonly time: string; readonly at: Reading }): VarValue {
  const base = typeof found.value === 'string' ? parseDurationMs(found.value) : undefined
  const more = parseDurationMs(time)
  const ms = base === undefined || more === undefined ? undefined : base + (sign === '+' ? more : -more)
  if (ms !== undefined && ms >= 0) return `${ms}ms`
  refuse(at, 'only times can be added', 'e.g. `$slow_install + 1m`')
  return found.value
}
