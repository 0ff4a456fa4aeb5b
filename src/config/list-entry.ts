import { isMap, isSeq, parseDocument, stringify } from 'yaml'
import { fail, ok, type Result } from '#base/result.ts'
import type { TextFault } from '#domain/fault.ts'
import { yamlSource } from './source.ts'

/** A value for the list at `path`, e.g. `['syslog', 'tags']`. */
export interface ListEntry {
  readonly path: readonly [string, ...string[]]
  readonly entry: Readonly<Record<string, string | number>>
}

/** The lines that a person would write for one entry, from the top of the file. */
export const listEntryLines = ({ path, entry }: ListEntry): string => stringify(path.reduceRight<unknown>((below, key) => ({ [key]: below }), [entry]), { lineWidth: 0 })

/** The text of a configuration with one more entry at the end of a list; comments and order stay. Faults where the text is no YAML, or where something else than a map or a list stands on the way. */
export function appendListEntry({ file, text, path, entry }: ListEntry & { readonly file: string; readonly text: string }): Result<string, TextFault> {
  const { faults } = yamlSource(file, text)
  if (faults.length > 0) return fail(...faults)
  const document = parseDocument(text)
  for (let depth = 0; depth <= path.length; depth++) {
    const node: unknown = depth === 0 ? document.contents : document.getIn(path.slice(0, depth), true)
    const isLast = depth === path.length
    const isAbsent = node === null || node === undefined || (typeof node === 'object' && 'value' in node && node.value === null)
    if (isAbsent) {
      // an empty file, `syslog:` without anything, or no such key yet
      if (depth > 0 || document.contents === null) document.setIn(path.slice(0, depth), document.createNode(isLast ? [] : {}))
    } else if (isLast ? !isSeq(node) : !isMap(node)) {
      return fail({ file, line: 1, column: 1, message: `${path.slice(0, depth).join('.') || 'the file'} is not a ${isLast ? 'list' : 'map'}`, hint: 'write the entry by hand' })
    }
  }
  document.addIn(path, document.createNode(entry))
  return ok(document.toString({ lineWidth: 0 }))
}
