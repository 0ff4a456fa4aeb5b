import type { RuleSummary } from '#triggers/index.ts'
import type { DeskAnswer, DeskRule } from './rule-answer.ts'

/** The rule as it stands on the disk, and why the files cannot be used now. */
export interface WrittenRule { readonly rule: DeskRule | undefined; readonly faults: readonly string[] }

interface Kept {
  /** The set that was in use when they were read; another one is another list. */
  readonly of: readonly RuleSummary[]
  readonly rules: ReadonlyMap<string, DeskRule>
}

export interface WrittenRulesOptions {
  /** In use. */
  readonly list: () => readonly RuleSummary[]
  /** Reads and parses all files, which takes a second or so. */
  readonly read: () => Promise<DeskAnswer>
}

/**
 * Rules as they stand in their files. What was read is kept while the same set is in use (one set), and answers for every rule whose
 * version is the one in use; else the files are read again. Those who ask at the same time wait for the same reading.
 */
export function createWrittenRules({ list, read }: WrittenRulesOptions): (summary: RuleSummary) => Promise<WrittenRule> {
  let kept: Kept | undefined
  let reading: { readonly of: Kept['of']; readonly answer: Promise<DeskAnswer> } | undefined

  async function readAgain(of: Kept['of']): Promise<{ readonly rules: Kept['rules']; readonly faults: readonly string[] }> {
    const mine = reading?.of === of ? reading : (reading = { of, answer: read() })
    try {
      const { written, faults } = await mine.answer
      const rules = new Map(written.map((rule) => [rule.id, rule]))
      if (faults.length === 0 && list() === of) kept = { of, rules }
      return { rules, faults: faults.map(({ text }) => text) }
    } finally {
      if (reading === mine) reading = undefined
    }
  }

  return async ({ id, version }) => {
    const of = list()
    if (kept?.of !== of) kept = undefined
    const known = kept?.rules.get(id)
    if (known?.version === version) return { rule: known, faults: [] }
    const { rules, faults } = await readAgain(of)
    return { rule: rules.get(id), faults }
  }
}
