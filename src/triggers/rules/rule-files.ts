import { showPath, yamlSource, type ConfigSource, type ValueFault } from '#config/index.ts'
import type { TextFault } from '#domain/fault.ts'
import type { RuleFault } from './fault.ts'
import { hintFor } from './key-hints.ts'
import { covers, merge, overriddenIn, type Override } from './overrides.ts'
import type { RuleFile } from './schema.ts'
import { fillVars, type Var } from './vars.ts'
import type { Overridden, Path } from './rule.ts'

/** A file of `rules/`, or of `rules/local/` (`isLocal`), which may also say what is otherwise in rules of other files. */
export interface RuleSource { readonly name: string; readonly text: string; readonly isLocal?: boolean }

/** A file as it was written. */
export interface WrittenFile { readonly name: string; readonly isLocal: boolean; readonly source: ConfigSource }
/** A file with what `rules/local/` says joined into it, and its faults so far. */
export interface JoinedFile extends WrittenFile {
  readonly file: RuleFile
  /** By position of the rule. */
  readonly overrides: readonly (Override | undefined)[]
  /** Names of variables that each rule uses. */
  readonly used: readonly ReadonlySet<string>[]
  readonly vars: ReadonlyMap<string, Var>
  readonly faults: readonly TextFault[]
}

export const writtenFile = ({ name, text, isLocal = false }: RuleSource): WrittenFile => ({ name, isLocal, source: yamlSource(name, text) })

export const isMap = (value: unknown): value is Readonly<Record<string, unknown>> => typeof value === 'object' && value !== null && !Array.isArray(value)

/** The rules of a file as they stand there, whatever is wrong with them. */
export function rulesIn({ source }: WrittenFile): readonly unknown[] {
  const rules = isMap(source.value) ? source.value['rules'] : undefined
  return Array.isArray(rules) ? rules : []
}
export const idOf = (rule: unknown): string | undefined => (isMap(rule) && typeof rule['id'] === 'string' ? rule['id'] : undefined)

export interface JoinOptions {
  readonly overrides: ReadonlyMap<string, Override>
  /** As this file sees them. */
  readonly vars: ReadonlyMap<string, Var>
  /** Holds a file to the schema. */
  readonly check: (file: unknown) => readonly ValueFault[]
}

/** Joins overrides and variables into a file and holds the whole to the schema. */
export function joinFile(written: WrittenFile, { overrides: overridesById, vars, check }: JoinOptions): JoinedFile {
  const found: RuleFault[] = []
  const overrides: (Override | undefined)[] = []
  const used: Set<string>[] = []
  const rules = rulesIn(written).map((rule, index) => {
    const id = idOf(rule)
    const override = id === undefined ? undefined : overridesById.get(id)
    overrides.push(override)
    used.push(new Set())
    return fillVars(override === undefined ? rule : merge(rule, override.value), vars, { at: { path: ['rules', index], faults: found }, used: used[index]! })
  })
  const value = isMap(written.source.value) && Array.isArray(written.source.value['rules']) ? { ...written.source.value, rules } : (written.source.value ?? {})
  const joined: JoinedFile = { ...written, file: value as RuleFile, overrides, used, vars, faults: [] }
  const wrong = check(value).map((fault) => ({ ...fault, hint: hintFor(fault) ?? fault.hint }))
  return { ...joined, faults: [...found.map((fault) => placeFault(joined, { ...fault, at: 'value' })), ...wrong.map((fault) => placeFault(joined, fault))] }
}

/** What other files say about a rule. */
export function overriddenOf({ overrides, used, vars }: JoinedFile, index: number): readonly Overridden[] {
  const names = [...used[index]!].flatMap((name) => {
    const found = vars.get(name)
    return found?.isLocal === true ? [{ what: `$${name}`, file: found.file, line: found.line, column: found.column }] : []
  })
  const override = overrides[index]
  return [...(override === undefined ? [] : overriddenIn(override)), ...names]
}

/** A fault stands where its value came from; where two files make a rule, both places are told. */
export function placeFault(joined: JoinedFile, { path, at, message, hint }: ValueFault): TextFault {
  const [, index] = path
  const isRule = path[0] === 'rules' && index !== undefined && Number(index) < joined.overrides.length
  const override = isRule ? joined.overrides[Number(index)] : undefined
  const rest = path.slice(2)
  if (override !== undefined && covers(override, rest)) {
    const place: Path = [...override.path, ...rest]
    const named = message.replace(showPath(path.slice(0, 2)), showPath(override.path))
    return { file: override.source.name, ...(at === 'key' ? override.source.locateKey(place) : override.source.locate(place)), message: named, ...hintOf(hint, `the rule stands in ${joined.name}:${joined.source.locate(path.slice(0, 2)).line}`) }
  }
  const others = isRule ? overriddenOf(joined, Number(index)) : []
  const also = others[0] === undefined ? undefined : `with ${others[0].what} of ${others[0].file}:${others[0].line}:${others[0].column}${others.length > 1 ? ` and ${others.length - 1} more` : ''}`
  return { file: joined.name, ...(at === 'key' ? joined.source.locateKey(path) : joined.source.locate(path)), message, ...hintOf(hint, also) }
}

function hintOf(...hints: readonly (string | undefined)[]): { readonly hint?: string } {
  const said = hints.filter((hint) => hint !== undefined)
  return said.length === 0 ? {} : { hint: said.join('; ') }
}
