import { yamlSource } from '#config/index.ts'
import type { Rule, RuleSource } from '#triggers/threads.ts'
import type { DeskRule } from '../rule-answer.ts'

/** Of a rule that is shown; longer ones are cut. */
const MAX_LINES = 500

type Steps = readonly (readonly string[])[]
interface FileText { readonly lines: readonly string[]; readonly steps: ReadonlyMap<string, Steps> }

/** Rules for people: their own lines of the files, and what stands in them. */
export function describeRules(rules: readonly Rule[], sources: readonly RuleSource[]): readonly DeskRule[] {
  const texts = new Map(sources.map(({ name, text }) => [name, text]))
  const files = new Map<string, FileText>()
  return rules.map((rule) => describeRule(rule, files.getOrInsertComputed(rule.file, () => fileOf(rule.file, texts.get(rule.file) ?? ''))))
}

function describeRule(rule: Rule, { lines, steps }: FileText): DeskRule {
  const { id, version, file, line, overridden, by, falseAlarms, requires, tags, policy, tests } = rule
  const written = steps.get(id) ?? []
  return {
    id, version, file, line, text: linesOf(lines, line), overridden, by, requires, tags, falseAlarms, runbook: policy.runbook, owner: policy.owner,
    tests: tests.map(({ name }, index) => ({ name, steps: written[index] ?? [] })),
  }
}

/** From its first line until something stands no further to the right. */
function linesOf(lines: readonly string[], line: number): string {
  const first = lines[line - 1]
  if (first === undefined) return ''
  const indent = indentOf(first)
  const end = lines.findIndex((other, index) => index >= line && other.trim() !== '' && indentOf(other) <= indent)
  const own = lines.slice(line - 1, Math.min(end < 0 ? lines.length : end, line - 1 + MAX_LINES))
  return own.map((other) => other.slice(Math.min(indent, indentOf(other)))).join('\n').trimEnd()
}
const indentOf = (line: string): number => line.length - line.trimStart().length

/** Read once for all its rules; the steps of their tests are as they were written. */
function fileOf(file: string, text: string): FileText {
  const value = yamlSource(file, text).value as { readonly rules?: readonly { readonly id?: unknown; readonly tests?: readonly { readonly steps?: readonly unknown[] }[] }[] } | undefined
  const rules = Array.isArray(value?.rules) ? value.rules : []
  return { lines: text.split('\n'), steps: new Map(rules.map(({ id, tests }) => [String(id), (tests ?? []).map(({ steps = [] }) => steps.map((step) => (typeof step === 'string' ? step : JSON.stringify(step))))])) }
}
