import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { formatTextFault } from '#domain/fault.ts'
import { HUB_EVENT_KINDS } from '#domain/hub-event.ts'
import { createRenderer } from '#render/index.ts'
import { loadRules } from '#triggers/index.ts'
import { COMPARISONS, VERSUS, WHEN_KINDS } from '#triggers/rules/rule.ts'
import { ExpectSchema } from '#triggers/rules/schema-tests.ts'
import { MATCH_DEFS } from '#triggers/rules/schema-match.ts'
import { RESOLVE_KEYS, RuleSchema } from '#triggers/rules/schema.ts'

const page = readFileSync(new URL('../../../docs/reference/rules.md', import.meta.url), 'utf8')
/** Examples of the page: whole files, lists of rules, and files of `local`. */
const sources = [...page.matchAll(/^```yaml\n([\s\S]*?)^```$/gm)].map(([, text], index) => {
  const line = page.slice(0, page.indexOf(text!)).split('\n').length
  const name = `docs/reference/rules.md, example ${index + 1}, line ${line}`
  if (text!.startsWith('# rules/local/')) return { name, text: text!, isLocal: true }
  return { name, text: text!.startsWith('- id:') ? `format: 1\npack: page\nrules:\n${text!}` : text! }
})

test('every example of the page loads, and its tests come out', () => {
  const loaded = loadRules(sources, { renderer: createRenderer() })
  expect(loaded.ok ? loaded.value.warnings : loaded.faults.map(formatTextFault)).toEqual([])
  expect(loaded.ok && new Set(loaded.value.rules.map(({ when }) => when.kind))).toEqual(new Set(WHEN_KINDS))
  expect(sources.length).toBeGreaterThanOrEqual(14)
})

test('without the local file the rules are what the page says of them', () => {
  const loaded = loadRules(sources.filter((source) => !('isLocal' in source)), { renderer: createRenderer() })
  expect(loaded.ok ? [] : loaded.faults.map(formatTextFault)).toEqual([])
})

test.for<readonly [string, readonly string[]]>([
  ['a rule', Object.keys(RuleSchema.properties)],
  ['a condition', Object.keys(MATCH_DEFS.match.properties)],
  ['a comparison', COMPARISONS],
  ['a kind', WHEN_KINDS],
  ['a change', VERSUS],
  ['an event', HUB_EVENT_KINDS],
  ['an end', RESOLVE_KEYS],
  ['an expectation', Object.keys(ExpectSchema.properties)],
])('every word of %s is on the page', ([, words]) => {
  expect(words.filter((word) => !new RegExp(`\`[^\`\n]*\\b${word}\\b[^\`\n]*\``).test(page))).toEqual([])
})
