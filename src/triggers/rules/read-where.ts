import { LIFECYCLE_STATES } from '#domain/lifecycle.ts'
import { STAGE_NAMES } from '#domain/stages.ts'
import type { NodeFilter } from '../inventory.ts'
import { below, checkWord, itemPlace, list, refuse, type Reading } from './fault.ts'
import type { Where } from './rule.ts'
import type { RuleText } from './schema.ts'

const WORDS: Readonly<Record<string, { readonly what: string; readonly known: readonly string[] }>> = {
  state: { what: 'lifecycle state', known: LIFECYCLE_STATES },
  stage: { what: 'stage', known: STAGE_NAMES },
}

/** `{state: running, rack: [r1, r2]}`. Labels are free; states and stages are words of the catalogues. */
export function readNodeFilter(text: Readonly<Record<string, string | readonly string[]>>, at: Reading): NodeFilter {
  for (const [name, value] of Object.entries(text)) checkFact(name, value, below(at, name))
  return Object.fromEntries(Object.entries(text).map(([name, value]) => [name, list(value)]))
}

/** A fact of a node whose words are known. */
export function checkFact(name: string, value: string | readonly string[], at: Reading): void {
  const words = Object.hasOwn(WORDS, name) ? WORDS[name] : undefined
  if (words === undefined) return
  list(value).forEach((word, index) => checkWord(word, words.known, { at: itemPlace(at, value, index), what: words.what }))
}

/** The gate before matching. */
export function readWhere(text: NonNullable<RuleText['where']>, at: Reading): Where {
  if (text.node === undefined && text.stage === undefined) refuse(at, '`where` says `node`, `stage` or both')
  if (text.stage !== undefined) checkFact('stage', text.stage, below(at, 'stage'))
  return { node: text.node === undefined ? {} : readNodeFilter(text.node, below(at, 'node')), stage: text.stage === undefined ? undefined : list(text.stage) }
}
