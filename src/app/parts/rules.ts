import type { LintRequest, LintView, RuleDetail, RulesPart, RuleView } from '#api/index.ts'
import { formatUtc } from '#base/time.ts'
import { AppFault } from '#domain/fault.ts'
import type { AlertRecords } from '#store/index.ts'
import type { RuleCost, RuleSummary, StoppedRule } from '#triggers/index.ts'
import type { DeskAnswer, DeskQuestion, RoutesPlaces } from '../rule-answer.ts'
import { createWrittenRules } from '../written-rules.ts'

export interface RulesPartOptions {
  readonly rules: {
    /** In use. */
    list(): readonly RuleSummary[]
    /** Why the files as they are now are not in use. */
    faults(): readonly string[]
    warnings(): readonly string[]
    readonly matches: ReadonlyMap<string, number>
    /** As the rules thread tells it now and then; undefined: not yet. */
    costs(): { readonly costs: readonly RuleCost[]; readonly stopped: readonly StoppedRule[] } | undefined
  }
  readonly alerts: Pick<AlertRecords, 'openCounts'>
  readonly directories: readonly string[]
  readonly routes?: RoutesPlaces | undefined
  readonly desk: (question: DeskQuestion) => Promise<DeskAnswer>
  readonly clock: () => number
}

const whyStopped = ({ share }: StoppedRule): string =>
  share === undefined ? 'it took the rules down by a fault, twice' : `it took ${Math.round(share * 100)} % of the time of all rules while they were behind`

/** The rules in use as the API shows them; `matches` counts since the start of the hub. */
export function createRulesPart({ rules, alerts, directories, routes, desk, clock }: RulesPartOptions): RulesPart {
  const written = createWrittenRules({ list: () => rules.list(), read: () => desk({ kind: 'rules', directories, nowMs: clock() }) })

  function viewer(): (rule: RuleSummary) => RuleView {
    const open = new Map(alerts.openCounts().map(({ rule, count }) => [rule, count]))
    const { costs = [], stopped = [] } = rules.costs() ?? {}
    const cost = new Map(costs.map((one) => [one.rule, one]))
    const halted = new Map(stopped.map((one) => [one.rule, one]))
    return (rule) => {
      const breaker = halted.get(rule.id)
      return {
        id: rule.id, version: rule.version, file: rule.file, severity: rule.severity, title: rule.title, status: rule.status, matches: rules.matches.get(rule.id) ?? 0,
        kind: rule.kind ?? null, pack: rule.pack ?? null, alerts_open: open.get(rule.id) ?? 0, live_keys: rules.costs() === undefined ? null : (cost.get(rule.id)?.keys ?? 0), cpu_ms: cost.get(rule.id)?.cpuMs ?? null,
        breaker: breaker === undefined ? null : `${whyStopped(breaker)}; it is tried again at ${formatUtc(breaker.untilMs)}, or when rules are read again`,
      }
    }
  }

  async function attempt(kind: 'lint' | 'test', { text, file }: LintRequest): Promise<LintView> {
    const { faults, warnings, rules: count, tests } = await desk({ kind, file, text, directories, routes, nowMs: clock() })
    const shown = faults.map((fault) => ({ file: fault.file, line: fault.line, column: fault.column, message: fault.message, hint: fault.hint ?? null }))
    return { good: faults.length === 0, rules: count, tests, faults: shown, warnings: [...warnings] }
  }

  return {
    list: async () => ({ rules: rules.list().map(viewer()), faults: [...rules.faults()], warnings: [...rules.warnings()] }),
    async rule(id) {
      const summary = rules.list().find((rule) => rule.id === id)
      if (summary === undefined) throw new AppFault('not-found', `There is no rule ${id} in use`)
      const { rule, faults } = await written(summary)
      const isSame = rule?.version === summary.version
      return {
        ...viewer()(summary),
        line: rule?.line ?? null, text: isSame ? rule.text : null, text_why: isSame ? null : whyNoText(rule !== undefined, faults),
        overridden: [...(rule?.overridden ?? [])], by: [...(rule?.by ?? [])],
        tests: (rule?.tests ?? []).map(({ name, steps }) => ({ name, steps: [...steps] })), false_alarms: rule?.falseAlarms ?? null, requires: [...(rule?.requires ?? [])], tags: [...(rule?.tags ?? [])],
        runbook: rule?.runbook ?? null, owner: rule?.owner ?? null,
      } satisfies RuleDetail
    },
    lint: (request) => attempt('lint', request),
    test: (request) => attempt('test', request),
  }
}

function whyNoText(isThere: boolean, faults: readonly string[]): string {
  if (isThere) return 'The file has another version of it by now, which is not in use'
  return faults.length === 0 ? 'It stands in no file any more' : `The files have faults: ${faults[0]!}`
}
