import type { TextFault } from '#domain/fault.ts'
import { meant } from './fault.ts'
import type { Override } from './overrides.ts'
import { idOf, isMap, rulesIn, type WrittenFile } from './rule-files.ts'
import type { Var, VarValue } from './vars.ts'

/** What the files of `rules/local/` change in the others. */
export interface Local {
  readonly overrides: ReadonlyMap<string, Override>
  /** Variables as a file sees them. */
  readonly varsOf: (file: WrittenFile) => ReadonlyMap<string, Var>
  readonly faults: readonly TextFault[]
}

/** Overrides and variables of all files, and what is wrong with them as a whole: names of nothing, names twice, files that lack what they are for. */
export function gatherLocal(files: readonly WrittenFile[]): Local {
  const faults: TextFault[] = []
  checkIds(files, faults)
  for (const file of files) checkParts(file, faults)
  const overrides = gatherOverrides(files, faults)
  const declared = new Set(files.flatMap((file) => (file.isLocal ? [] : Object.keys(mapIn(file, 'vars')))))
  const changed = gatherChangedVars(files, declared, faults)
  const varsOf = (file: WrittenFile): ReadonlyMap<string, Var> => new Map([...Object.entries(mapIn(file, 'vars')).map(([name, value]): readonly [string, Var] => [name, changed.get(name) ?? varOf(file, name, value)]), ...inherited(file, changed)])
  return { overrides, varsOf, faults }
}

const mapIn = ({ source }: WrittenFile, key: string): Readonly<Record<string, unknown>> => {
  const value = isMap(source.value) ? source.value[key] : undefined
  return isMap(value) ? value : {}
}
const varOf = (file: WrittenFile, name: string, value: unknown): Var => ({ value: value as VarValue, file: file.name, ...file.source.locate(['vars', name]), isLocal: file.isLocal })
/** Rules that stand beside the changes may use what they change. */
const inherited = (file: WrittenFile, changed: ReadonlyMap<string, Var>): Iterable<readonly [string, Var]> => (file.isLocal ? changed : [])

/** An id is one rule's in all files. */
function checkIds(files: readonly WrittenFile[], faults: TextFault[]): void {
  const places = new Map<string, string>()
  for (const file of files) {
    rulesIn(file).forEach((rule, index) => {
      const id = idOf(rule)
      if (id === undefined) return
      const before = places.get(id)
      const place = file.source.locate(['rules', index, 'id'])
      if (before !== undefined) faults.push({ file: file.name, ...place, message: `there is a rule \`${id}\` already`, hint: `in ${before}${file.isLocal ? '; what is otherwise in it stands in `overrides`' : ''}` })
      else places.set(id, `${file.name}:${place.line}`)
    })
  }
}

/** A pack has a name and rules; only local files change others. */
function checkParts(file: WrittenFile, faults: TextFault[]): void {
  const value = isMap(file.source.value) ? file.source.value : {}
  if (file.isLocal) return
  if (value['pack'] === undefined) faults.push({ file: file.name, ...file.source.locate([]), message: 'the file lacks `pack`', hint: 'the name of the collection' })
  if (value['rules'] === undefined) faults.push({ file: file.name, ...file.source.locate([]), message: 'the file lacks `rules`', hint: 'a list' })
  if (value['overrides'] !== undefined) faults.push({ file: file.name, ...file.source.locateKey(['overrides']), message: '`overrides` stand in a folder `local` beside the rules', hint: 'e.g. rules/local/changes.yaml' })
}

function gatherOverrides(files: readonly WrittenFile[], faults: TextFault[]): ReadonlyMap<string, Override> {
  const ids = files.flatMap((file) => rulesIn(file).flatMap((rule) => idOf(rule) ?? []))
  const found = new Map<string, Override>()
  for (const file of files.filter(({ isLocal }) => isLocal)) {
    for (const [id, value] of Object.entries(mapIn(file, 'overrides'))) {
      const path = ['overrides', id]
      const place = { file: file.name, ...file.source.locateKey(path) }
      const before = found.get(id)
      if (!ids.includes(id)) faults.push({ ...place, message: `there is no rule \`${id}\``, hint: meant(id, ids) })
      else if (before !== undefined) faults.push({ ...place, message: `there are overrides of \`${id}\` already`, hint: `in ${before.source.name}:${before.source.locate(before.path).line}` })
      else if (isMap(value) && 'id' in value) faults.push({ ...place, message: 'the id of a rule cannot be overridden', hint: 'alerts and history hang on it' })
      else if (isMap(value)) found.set(id, { source: file.source, path, value })
    }
  }
  return found
}

/** Variables of rule files that local files give another value. A local file without rules has no variables of its own. */
function gatherChangedVars(files: readonly WrittenFile[], declared: ReadonlySet<string>, faults: TextFault[]): ReadonlyMap<string, Var> {
  const changed = new Map<string, Var>()
  for (const file of files.filter(({ isLocal }) => isLocal)) {
    for (const [name, value] of Object.entries(mapIn(file, 'vars'))) {
      const place = { file: file.name, ...file.source.locateKey(['vars', name]) }
      const before = changed.get(name)
      if (!declared.has(name)) {
        if (rulesIn(file).length === 0) faults.push({ ...place, message: `no rule file has a variable \`${name}\``, hint: meant(name, [...declared]) })
      } else if (before !== undefined) faults.push({ ...place, message: `\`${name}\` has another value already`, hint: `in ${before.file}:${before.line}` })
      else changed.set(name, varOf(file, name, value))
    }
  }
  return changed
}
