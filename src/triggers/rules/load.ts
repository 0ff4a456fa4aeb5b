import { loadConfig, readYaml } from '#config/index.ts'
import { fail, ok, type Result } from '#base/result.ts'
import type { TextFault } from '#domain/fault.ts'
import type { Renderer } from '#render/index.ts'
import { requiredLiterals } from '../match/literal.ts'
import type { RuleFault } from './read-match.ts'
import { patternsOf } from './patterns.ts'
import { readRule } from './read-rule.ts'
import type { Match, Rule } from './rule.ts'
import { runTests } from './run-tests.ts'
import { RuleFileSchema, type RuleFile } from './schema.ts'

export interface RuleSource { readonly name: string; readonly text: string }
export interface RuleSet {
  readonly rules: readonly Rule[]
  readonly tests: number
  /** What works but should not stay so. */
  readonly warnings: readonly string[]
}

/** Rules that neither ask for an application nor have a literal are tried in full on every message: this many at most. */
const MAX_UNGATED = 20
/** More rules than this are refused: a mistake, or a machine writing rules. */
const MAX_RULES = 10_000

/** All files as one set, every test run; or all faults. A set with a fault is never used, not even in part. */
export function loadRules(sources: readonly RuleSource[], renderer: Renderer): Result<RuleSet, TextFault> {
  const rules: Rule[] = []
  const faults: TextFault[] = []
  const places = new Map<string, string>()
  for (const { name, text } of sources) {
    const check = (file: RuleFile): RuleFault[] => {
      const found: RuleFault[] = []
      const own = file.rules.map((rule, index) => {
        const path = ['rules', index]
        const before = places.get(rule.id)
        if (before !== undefined) found.push({ path: [...path, 'id'], message: `there is a rule \`${rule.id}\` already`, hint: `in ${before}` })
        places.set(rule.id, name)
        return readRule(rule, { file: name, pack: file.pack, path, renderer, faults: found })
      })
      if (found.length === 0) found.push(...own.flatMap(runTests))
      if (found.length === 0) found.push(...checkUngated([...rules, ...own], rules.length))
      rules.push(...own)
      return found
    }
    const loaded = loadConfig({ schema: RuleFileSchema, file: name, text, env: {}, prefix: 'NONE', wholeChecks: [check] })
    if (!loaded.ok) {
      // A text that is no YAML has no keys to miss.
      const readable = readYaml(name, text)
      faults.push(...(readable.ok ? loaded.faults : readable.faults))
    }
  }
  if (faults.length > 0) return fail(...faults)
  const ungated = rules.filter(isUngated)
  return ok({
    rules,
    tests: rules.reduce((sum, rule) => sum + rule.tests.length, 0),
    warnings: ungated.map((rule) => `${rule.file}: rule ${rule.id} has neither an application nor a literal of 4 letters: it is tried on every message`),
  })
}

function checkUngated(rules: readonly Rule[], from: number): RuleFault[] {
  if (rules.length > MAX_RULES) return [{ path: ['rules'], message: `more than ${MAX_RULES} rules` }]
  let count = 0
  return rules.flatMap((rule, index) => {
    if (!isUngated(rule) || ++count <= MAX_UNGATED || index < from) return []
    return [{ path: ['rules', index - from, 'when', 'match'], message: `more than ${MAX_UNGATED} rules have neither an application nor a literal`, hint: 'add `app:` or `contains:`' }]
  })
}

const isUngated = (rule: Rule): boolean => patternsOf(rule).some(({ on }) => on.kind === 'line' && !namesApps(on.match) && requiredLiterals(on.match) === undefined)

const namesApps = (match: Match): boolean => match.app !== undefined || match.all.some(namesApps) || (match.any.length > 0 && match.any.every(namesApps))
