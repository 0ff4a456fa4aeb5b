import { yamlSource } from '#config/index.ts'
import type { Rule } from '#triggers/threads.ts'
import type { DeskRule } from '../rule-answer.ts'

/** Of a rule that is shown; longer ones are cut. */
const MAX_LINES = 500

/** A rule for people: its own lines of the file, and what stands in it. */
export function describeRule(rule: Rule, text: string): DeskRule {
  const { id, version, file, line, overridden, by, falseAlarms, requires, tags, policy, tests } = rule
  const written = stepsIn(file, text, id)
  return {
    id, version, file, line, text: linesOf(text, line), overridden, by, requires, tags, falseAlarms, runbook: policy.runbook, owner: policy.owner,
    tests: tests.map(({ name }, index) => ({ name, steps: written[index] ?? [] })),
  }
}

/** From its first line until something stands no further to the right. */
function linesOf(text: string, line: number): string {
  const lines = text.split('\n')
  const first = lines[line - 1]
  if (first === undefined) return ''
  const indent = indentOf(first)
  const end = lines.findIndex((other, index) => index >= line && other.trim() !== '' && indentOf(other) <= indent)
  const own = lines.slice(line - 1, Math.min(end < 0 ? lines.length : end, line - 1 + MAX_LINES))
  return own.map((other) => other.slice(Math.min(indent, indentOf(other)))).join('\n').trimEnd()
}
const indentOf = (line: string): number => line.length - line.trimStart().length

/** The steps of its tests as they were written. */
function stepsIn(file: string, text: string, id: string): readonly (readonly string[])[] {
  const value = yamlSource(file, text).value as { readonly rules?: readonly { readonly id?: unknown; readonly tests?: readonly { readonly steps?: readonly unknown[] }[] }[] } | undefined
  const rule = Array.isArray(value?.rules) ? value.rules.find((one) => one.id === id) : undefined
  return (rule?.tests ?? []).map(({ steps = [] }) => steps.map((step) => (typeof step === 'string' ? step : JSON.stringify(step))))
}
