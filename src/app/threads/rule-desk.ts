import { basename } from 'node:path'
import { parentPort, workerData } from 'node:worker_threads'
import type { Result } from '#base/result.ts'
import { formatTextFault, type TextFault } from '#domain/fault.ts'
import { createRenderer } from '#render/index.ts'
import { loadRules, readRuleFiles, readRules, type RuleSet, type RuleSource } from '#triggers/threads.ts'
import { describeRule } from './rule-text.ts'
import type { DeskAnswer, DeskQuestion } from '../rule-answer.ts'

/** Thread entry: reads and tries rule files once, and ends. Files may be long and tests slow; it may be terminated at any moment. */
const { directories, nowMs, ...question } = workerData as DeskQuestion

parentPort!.postMessage(answerOf())

function answerOf(): DeskAnswer {
  const files = readRuleFiles(directories)
  if (!files.ok) return refused(files.faults)
  const sources = question.kind === 'rule' ? files.value : withTried(files.value, question)
  const read = question.kind === 'test' ? loadRules : readRules
  const loaded: Result<RuleSet, TextFault> = read(sources, { renderer: createRenderer(), nowMs })
  if (!loaded.ok) return refused(loaded.faults)
  const { rules, tests, warnings } = loaded.value
  const rule = question.kind === 'rule' ? rules.find(({ id }) => id === question.id) : undefined
  return {
    faults: [], warnings, rules: rules.length, tests: question.kind === 'test' ? tests : 0,
    rule: rule === undefined ? undefined : describeRule(rule, sources.find(({ name }) => name === rule.file)?.text ?? ''),
  }
}

/** The tried file stands for the one of its name, in the folder and in the order of that. */
function withTried(sources: readonly RuleSource[], { file, text }: { readonly file: string; readonly text: string }): readonly RuleSource[] {
  const isOf = ({ name, isLocal }: RuleSource): boolean => isLocal !== true && basename(name) === file
  return sources.some(isOf) ? sources.map((source) => (isOf(source) ? { ...source, name: file, text } : source)) : [...sources, { name: file, text }]
}

function refused(faults: readonly TextFault[]): DeskAnswer {
  return { faults: faults.map((fault) => ({ ...fault, text: formatTextFault(fault) })), warnings: [], rules: 0, tests: 0, rule: undefined }
}
