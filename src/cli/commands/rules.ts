import type { RuleDetail, RulesView, RuleView } from '#api/index.ts'
import { printable } from '#base/text.ts'
import type { AddCommand } from '../context.ts'
import { EXIT } from '../exit.ts'
import { listOutputOption } from '../options.ts'
import { facts, jsonLine, type Column, type Output } from '../output.ts'
import { printList } from '../print-list.ts'
import { addRuleFiles } from './rule-files.ts'
import { addRulesBacktest } from './rules-backtest.ts'
import { addRulesExplain } from './rules-explain.ts'
import { addRulesNoise } from './rules-noise.ts'
import { addRulesSuggest } from './rules-suggest.ts'
import { addRulesWhyNot } from './rules-why-not.ts'

/** `hps rules …`: what reacts to the stream. */
export const addRules: AddCommand = (program, run) => {
  const rules = program.command('rules').summary('list and show rules, check and test rule files').description('The rules that react to messages.')
  rules
    .command('list', { isDefault: true })
    .description('Lists the rules in use: state, matches, open alerts, and what each costs; and says why the files as they are now are not in use.')
    .addOption(listOutputOption())
    .action(
      run(async (context, { output }: { readonly output: Output }) => {
        const { rules: rows, faults } = await (await context.hub()).get<RulesView>('/rules')
        for (const fault of faults) context.io.talk(`refused: ${printable(fault)}`)
        return printList(context, { rows, what: 'rules', columns: COLUMNS, output })
      }),
    )

  rules
    .command('show')
    .description('Shows a rule: its text, where it is overridden, its known false alarms and its runbook.')
    .argument('<rule>', 'id of the rule')
    .addOption(listOutputOption())
    .action(
      run(async ({ io, hub, paint }, id: string, { output }: { readonly output: Output }) => {
        const rule = await (await hub()).get<RuleDetail>(`/rules/${encodeURIComponent(id)}`)
        io.out(output === 'json' ? jsonLine(rule) : `${describe(rule)}${rule.text === null ? '' : `\n${paint.bold('As it is written')}\n${rule.text.split('\n').map(printable).join('\n')}\n`}`)
        return EXIT.ok
      }),
    )
  addRuleFiles(rules, run)
  addRulesBacktest(rules, run)
  addRulesNoise(rules, run)
  addRulesExplain(rules, run)
  addRulesWhyNot(rules, run)
  addRulesSuggest(rules, run)
}

const describe = (rule: RuleDetail): string => facts([
  ['rule', rule.id], ['title', rule.title], ['severity', rule.severity], ['status', rule.status], ['kind', rule.kind], ['by', rule.by.join(', ')], ['file', `${rule.file}${rule.line === null ? '' : `:${rule.line}`}`], ['pack', rule.pack], ['version', rule.version],
  ...rule.overridden.map(({ what, file, line, column }) => ['overridden', `${what} in ${file}:${line}:${column}`] as const),
  ['matches', rule.matches], ['open alerts', rule.alerts_open], ['live keys', rule.live_keys], ['time', rule.cpu_ms === null ? null : `${rule.cpu_ms.toFixed(1)} ms`], ['not tried now', rule.breaker],
  ['tests', rule.tests.map(({ name }) => name).join('; ')], ['needs', rule.requires.join(', ')], ['false alarms', rule.false_alarms], ['runbook', rule.runbook], ['owner', rule.owner], ['tags', rule.tags.join(', ')], ['no text', rule.text_why],
])

const COLUMNS: readonly Column<RuleView>[] = [
  { title: 'RULE', cell: (row) => row.id },
  { title: 'SEVERITY', cell: (row) => row.severity },
  { title: 'STATUS', cell: (row) => (row.breaker === null ? row.status : `${row.status}, stopped`) },
  { title: 'KIND', cell: (row) => row.kind },
  { title: 'MATCHES', cell: (row) => row.matches, align: 'right' },
  { title: 'OPEN', cell: (row) => row.alerts_open, align: 'right' },
  { title: 'KEYS', cell: (row) => row.live_keys, align: 'right' },
  { title: 'MS', cell: (row) => (row.cpu_ms === null ? null : row.cpu_ms.toFixed(0)), align: 'right' },
  { title: 'FILE', cell: (row) => row.file },
  { title: 'TITLE', cell: (row) => row.title },
]
