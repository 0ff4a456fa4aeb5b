import { readFileSync } from 'node:fs'
import { join } from 'node:path'

/** A mutant that cannot change what is read, and why; `line` of equivalent.txt. */
export interface Equivalent { readonly key: string; readonly reason: string; readonly line: number }

/**
 * equivalent.txt: keys of mutants one a line, as the run reports them, each group followed by the indented reason that holds for all of it.
 * Lines that begin with `//` say how the file is kept.
 */
export function readEquivalents(): readonly Equivalent[] {
  const found: Equivalent[] = []
  let open: { readonly key: string; readonly line: number }[] = []
  readFileSync(join(import.meta.dirname, 'equivalent.txt'), 'utf8').split('\n').forEach((text, index) => {
    if (text.trim() === '' || text.startsWith('//')) return
    if (!text.startsWith(' ')) {
      open.push({ key: text, line: index + 1 })
      return
    }
    if (open.length > 0) found.push(...open.map((entry) => ({ ...entry, reason: text.trim() })))
    open = []
  })
  return [...found, ...open.map((entry) => ({ ...entry, reason: '' }))]
}
