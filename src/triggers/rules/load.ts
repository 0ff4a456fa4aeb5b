import { fail, ok, type Result } from '#base/result.ts'
import { formatTextFault, type TextFault } from '#domain/fault.ts'
import type { Renderer } from '#render/index.ts'
import { schemaCheck } from '#config/index.ts'
import { checkCalendar } from '../schedule/calendar.ts'
import { checkNames } from './check-names.ts'
import type { RuleFault } from './fault.ts'
import { gatherLocal } from './local.ts'
import { checkUngated, warningsOf } from './lint.ts'
import { unknownReceiversOf, type KnownReceivers } from './receivers.ts'
import { readRule } from './read-rule.ts'
import type { ValidCron } from './read-when.ts'
import { checkReferences, cycleOf } from './references.ts'
import { joinFile, overriddenOf, placeFault, writtenFile, type JoinedFile, type RuleSource } from './rule-files.ts'
import type { Path, Rule } from './rule.ts'
import { RuleFileSchema } from './schema.ts'
import { runTests } from './run-tests.ts'

export interface RuleSet {
  readonly rules: readonly Rule[]
  readonly tests: number
  /** What works but should not stay so: `file:line:column: what (hint)`. */
  readonly warnings: readonly string[]
}

export interface LoadContext {
  /** For names in titles. */
  readonly renderer: Renderer
  /** What is said of a calendar beside its syntax; unless given, what the scheduler says. */
  readonly validCron?: ValidCron
  /** For warnings about what has run out. */
  readonly nowMs?: number
  /** Who can be told; unless given, any name is good. */
  readonly receivers?: KnownReceivers | undefined
}

/** Tests of one rule, in a world where the others that it speaks of are too. */
const tested: (rule: Rule, rules: readonly Rule[]) => readonly RuleFault[] = runTests
/** More rules than this are refused: a mistake, or a machine writing rules. */
const MAX_RULES = 10_000

/** A rule that could be read, and where it stands. */
interface Placed { readonly rule: Rule; readonly joined: JoinedFile; readonly path: Path }

/** All files as one set, every test run; or all faults. A set with a fault is never used, not even in part. */
export function loadRules(sources: readonly RuleSource[], context: LoadContext): Result<RuleSet, TextFault> {
  const { placed, faults } = readSet(sources, context)
  const rules = placed.map(({ rule }) => rule)
  if (faults.length === 0) for (const { rule, joined } of placed) addFaults(joined, tested(rule, rules), faults)
  return resultOf({ placed, faults, sources, context })
}

/** The same without running the tests: for what only looks at rules. */
export function readRules(sources: readonly RuleSource[], context: LoadContext): Result<RuleSet, TextFault> {
  return resultOf({ ...readSet(sources, context), sources, context })
}

interface ReadSet { readonly placed: readonly Placed[]; readonly faults: TextFault[] }

function readSet(sources: readonly RuleSource[], context: LoadContext): ReadSet {
  const written = sources.map(writtenFile)
  const readable = written.filter(({ source }) => source.faults.length === 0)
  const local = gatherLocal(readable)
  const check = schemaCheck(RuleFileSchema)
  const joined = readable.map((file) => joinFile(file, { overrides: local.overrides, vars: local.varsOf(file), check }))
  const faults = [...written.flatMap(({ source }) => source.faults), ...local.faults, ...joined.flatMap((file) => file.faults)]
  const placed = joined.filter((file) => file.faults.length === 0).flatMap((file) => readFile(file, context, faults))
  checkSet(placed, context, faults)
  return { placed, faults }
}

function resultOf({ placed, faults, sources, context }: ReadSet & { readonly sources: readonly RuleSource[]; readonly context: LoadContext }): Result<RuleSet, TextFault> {
  if (faults.length > 0) return fail(...inOrder(faults, sources))
  const rules = placed.map(({ rule }) => rule)
  const ids = rules.map(({ id }) => id)
  const warned = (rule: Rule): readonly RuleFault[] => [...warningsOf(rule, ids, context.nowMs), ...(context.receivers === undefined ? [] : unknownReceiversOf(rule, context.receivers))]
  const warnings = placed.flatMap(({ rule, joined, path }) => warned(rule).map((warning) => placeFault(joined, { ...warning, path: [...path, ...warning.path], at: 'value' })))
  return ok({ rules, tests: rules.reduce((sum, rule) => sum + rule.tests.length, 0), warnings: warnings.map(formatTextFault) })
}

/** Rules in which nothing is wrong as far as each can be read alone. */
function readFile(joined: JoinedFile, { validCron = checkCalendar }: LoadContext, faults: TextFault[]): readonly Placed[] {
  const { file, name, source } = joined
  return (file.rules ?? []).flatMap((text, index) => {
    const path: Path = ['rules', index]
    const found: RuleFault[] = []
    const rule = readRule(text, { file: name, line: source.locate(path).line, pack: file.pack ?? 'local', overridden: overriddenOf(joined, index), at: { path, faults: found }, validCron })
    addFaults(joined, found, faults)
    return rule === undefined || found.length > 0 ? [] : [{ rule, joined, path }]
  })
}

/** What only the whole set shows. */
function checkSet(placed: readonly Placed[], { renderer, receivers }: LoadContext, faults: TextFault[]): void {
  const rules = placed.map(({ rule }) => rule)
  const ids = rules.map(({ id }) => id)
  const isWhole = faults.length === 0
  const ungated = checkUngated(rules)
  for (const [index, { rule, joined, path }] of placed.entries()) {
    const found: RuleFault[] = []
    const at = { path, faults: found }
    // A rule that could not be read is not missing.
    if (isWhole) checkReferences(rule, ids, at)
    if (isWhole || rule.when.kind !== 'alerts') checkNames(rule, { at, others: rules, renderer })
    const cycle = rule.when.kind === 'alerts' ? cycleOf(rule, rules) : undefined
    if (cycle !== undefined) found.push({ path: [...path, 'when', 'alerts'], message: `alerts of this rule would set it off again: ${cycle.join(' ← ')}` })
    if (index >= MAX_RULES) found.push({ path, message: `more than ${MAX_RULES} rules` })
    if (receivers !== undefined) for (const { path: where, isFault, ...fault } of unknownReceiversOf(rule, receivers)) if (isFault) found.push({ ...fault, path: [...path, ...where] })
    if (ungated.has(rule)) found.push({ path: [...path, 'when'], ...ungated.get(rule)! })
    addFaults(joined, found, faults)
  }
}

const addFaults = (joined: JoinedFile, found: readonly RuleFault[], faults: TextFault[]): void => void faults.push(...found.map((fault) => placeFault(joined, { ...fault, at: 'value' })))

/** By file in the order in which they are read, each from top to bottom. */
function inOrder(faults: readonly TextFault[], sources: readonly RuleSource[]): readonly TextFault[] {
  const order = new Map(sources.map(({ name }, index) => [name, index]))
  return faults.toSorted((a, b) => (order.get(a.file) ?? 0) - (order.get(b.file) ?? 0) || a.line - b.line || a.column - b.column)
}
