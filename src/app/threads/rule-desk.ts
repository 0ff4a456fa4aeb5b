import { parentPort, workerData } from 'node:worker_threads'
import type { Result } from '#base/result.ts'
import { formatTextFault, type TextFault } from '#domain/fault.ts'
import { createRenderer } from '#render/index.ts'
import { loadRoutes, loadRules, readRuleFiles, readRules, suggestRule, type RuleSet } from '#triggers/threads.ts'
import { describeRules } from './rule-text.ts'
import { withTried } from './tried-files.ts'
import type { DeskAnswer, DeskQuestion, SuggestTask } from '../rule-answer.ts'

/** Thread entry: reads and tries rule files once, and ends. Files may be long and tests slow; it may be terminated at any moment. */
const task = workerData as DeskQuestion | SuggestTask

parentPort!.postMessage(task.kind === 'suggest' ? suggestRule(task.question, createRenderer()) : answerTo(task))

function answerTo({ directories, routes, nowMs, ...question }: DeskQuestion): DeskAnswer {
  const files = readRuleFiles(directories)
  if (!files.ok) return refused(files.faults)
  const sources = question.kind === 'rules' ? files.value : withTried(files.value, question)
  const read = question.kind === 'test' ? loadRules : readRules
  const loaded: Result<RuleSet, TextFault> = read(sources, { renderer: createRenderer(), nowMs, receivers: question.kind === 'rules' ? undefined : receiversOf(routes) })
  if (!loaded.ok) return refused(loaded.faults)
  const { rules, tests, warnings } = loaded.value
  return {
    faults: [], warnings, rules: rules.length, tests: question.kind === 'test' ? tests : 0,
    written: question.kind === 'rules' ? describeRules(rules, sources) : [],
  }
}

/** Whom a text that is tried may name; a rule that is in use is only shown. */
function receiversOf(routes: DeskQuestion['routes']) {
  const known = routes === undefined ? undefined : loadRoutes(routes)
  return known?.ok === true ? ({ routes: known.value, whenNobody: 'fault' } as const) : undefined
}

function refused(faults: readonly TextFault[]): DeskAnswer {
  return { faults: faults.map((fault) => ({ ...fault, text: formatTextFault(fault) })), warnings: [], rules: 0, tests: 0, written: [] }
}
