import { basename } from 'node:path'
import type { Command } from 'commander'
import type { BacktestView } from '#api/index.ts'
import { formatDuration } from '#base/duration.ts'
import { cut, printable } from '#base/text.ts'
import type { Paint } from '../color.ts'
import type { RunAction } from '../context.ts'
import { CliFault, EXIT } from '../exit.ts'
import type { CliIo } from '../io.ts'
import { askLong } from '../long-question.ts'
import { listOutputOption, wholeNumber } from '../options.ts'
import { facts, jsonLine, table, type Column, type Output } from '../output.ts'

interface BacktestOptions { readonly since?: string; readonly until?: string; readonly lines?: number; readonly output: Output }

const ENDS: Readonly<Record<string, string>> = {
  cancelled: 'it was stopped: what follows is of the time before',
  alerts: 'it came to so many alerts that more say nothing: this rule is not for people',
}
const DAY_MS = 86_400_000
const BAR_COLUMNS = 40

/** `hps rules backtest`: would this rule have woken me? */
export function addRulesBacktest(rules: Command, run: RunAction): void {
  rules
    .command('backtest')
    .summary('try a rule on the past')
    .description('Says what a rule, or the rules of a file, would have done with the messages that are stored: matches, alerts, and notices for each receiver. Nothing is changed and nobody is told. Ctrl-C stops it and shows what was found.')
    .argument('<rule>', 'id of a rule; or a rule file (`*.yaml`, a path), `-` for standard input')
    .option('-S, --since <time>', 'from then on: a duration before now, or RFC 3339 (default: 7d)')
    .option('-U, --until <time>', 'up to then, likewise (default: now)')
    .option('-n, --lines <count>', 'how many alerts are shown one by one (default: 20)', wholeNumber)
    .addOption(listOutputOption())
    .action(
      run(async ({ io, hub, paint }, given: string, { since, until, lines, output }: BacktestOptions) => {
        const body = { ...(await whatOf(given, io)), ...(since === undefined ? {} : { since }), ...(until === undefined ? {} : { until }), ...(lines === undefined ? {} : { limit: lines }) }
        const view = await askLong<BacktestView>(await hub(), io, { path: '/rules/backtest', parameters: {}, body, running: '/rules/backtest/running', doing: 'tried on' })
        io.out(output === 'json' ? jsonLine(view) : backtestText(view, paint))
        return view.reason === 'cancelled' ? EXIT.failed : EXIT.ok
      }),
    )
}

const isFile = (given: string): boolean => given === '-' || given.includes('/') || /\.ya?ml$/.test(given)

/** @throws CliFault where a file cannot be read */
async function whatOf(given: string, io: CliIo): Promise<{ readonly rule: string } | { readonly text: string; readonly file?: string }> {
  if (!isFile(given)) return { rule: given }
  try {
    const text = await io.read(given)
    const name = basename(given).replace(/\.yml$/, '.yaml')
    return /^[\w.-]{1,128}\.yaml$/.test(name) ? { text, file: name } : { text }
  } catch (error) {
    throw new CliFault(EXIT.usage, `${printable(given)} cannot be read: ${(error as NodeJS.ErrnoException).code ?? (error as Error).message}`, { hint: 'give the id of a rule, a rule file, or - for standard input', cause: error })
  }
}

/** All of it is printable: titles and names are those of senders. */
function backtestText(view: BacktestView, paint: Paint): string {
  const { alerts, notices } = view
  const span = formatDuration(Math.max(1000, Math.round((Date.parse(view.reached) - Date.parse(view.from)) / 1000) * 1000))
  return [
    paint.bold(`In ${span}: ${count(notices.news, 'notice')} of something new about ${count(alerts.fired, 'alert')}; ${count(notices.total, 'notice')} in all.\n`),
    view.complete ? '' : `${ENDS[view.reason ?? ''] ?? 'it is not complete'} (${view.reached})\n`,
    '\n',
    facts([
      ['time', `${view.from} to ${view.reached}`], ['messages', view.messages], ['events', view.events], ['matches', view.matches], ['ended', view.clears === 0 ? null : view.clears],
      ['alerts', `${alerts.fired} fired${some(alerts.unlasted, 'were over before `for:` had passed')}${some(alerts.short, 'over within 5 minutes')}${some(alerts.flaps, 'flaps')}${some(alerts.escalated, 'escalated')}${some(alerts.open_at_end, 'open at the end')}`],
      ['refused', alerts.refused === 0 ? null : `${alerts.refused} findings: as many alerts as may be were open`], ['reports', view.reports === 0 ? null : `${view.reports} stages and changes of state`],
      ['left out', notices.left.map(({ reason, count: times }) => `${reason} ${times}`).join(', ')], ['ran too', view.companions.join(', ')],
    ]),
    section(view.rules.length > 1 ? view.rules : [], RULE_COLUMNS, paint),
    section(notices.receivers, RECEIVER_COLUMNS, paint),
    section(view.nodes, NODE_COLUMNS, paint),
    view.other_nodes.nodes === 0 ? '' : `and ${count(view.other_nodes.nodes, 'other node')} with ${count(view.other_nodes.alerts, 'alert')}\n`,
    section(view.steps, stepColumns(view), paint),
    section(view.first, ALERT_COLUMNS, paint),
    view.first.length < alerts.fired && view.first.length > 0 ? `the first ${view.first.length} of ${alerts.fired}; more with -n\n` : '',
    view.remarks.length === 0 ? '' : `\n${view.remarks.map((remark) => `${paint.dim(`- ${printable(remark)}`)}\n`).join('')}`,
  ].join('')
}

const count = (number: number, what: string): string => `${number} ${what}${number === 1 ? '' : 's'}`
const some = (number: number, what: string): string => (number === 0 ? '' : `, ${number} ${what}`)
const section = <T>(rows: readonly T[], columns: readonly Column<T>[], paint: Paint): string => (rows.length === 0 ? '' : `\n${table(rows, columns, paint)}`)

type Row<K extends 'rules' | 'nodes' | 'steps' | 'first'> = BacktestView[K][number]
const RULE_COLUMNS: readonly Column<Row<'rules'>>[] = [
  { title: 'RULE', cell: (row) => row.rule }, { title: 'MATCHES', cell: (row) => row.matches, align: 'right' }, { title: 'ALERTS', cell: (row) => row.alerts, align: 'right' }, { title: 'FIRED', cell: (row) => row.fired, align: 'right' },
]
const RECEIVER_COLUMNS: readonly Column<BacktestView['notices']['receivers'][number]>[] = [
  { title: 'RECEIVER', cell: (row) => `${row.receiver === '' ? '(default)' : row.receiver}${row.known ? '' : ' (not in the routes)'}` }, { title: 'MAILS', cell: (row) => row.mails, align: 'right' }, { title: 'WEBHOOKS', cell: (row) => row.webhooks, align: 'right' },
  { title: 'NEWS', cell: (row) => row.news, align: 'right' }, { title: 'STILL', cell: (row) => row.still, align: 'right' }, { title: 'OVER', cell: (row) => row.resolved, align: 'right' }, { title: 'DIGESTS', cell: (row) => row.digests, align: 'right' },
]
const NODE_COLUMNS: readonly Column<Row<'nodes'>>[] = [{ title: 'NODE', cell: (row) => row.node }, { title: 'ALERTS', cell: (row) => row.alerts, align: 'right' }]
const ALERT_COLUMNS: readonly Column<Row<'first'>>[] = [
  { title: 'FIRED', cell: (row) => row.fired ?? row.first }, { title: 'OVER', cell: (row) => row.over }, { title: 'SEVERITY', cell: (row) => row.severity }, { title: 'NODE', cell: (row) => row.node }, { title: 'MESSAGE', cell: (row) => row.message, align: 'right' },
  { title: 'COUNT', cell: (row) => row.count, align: 'right' }, { title: 'NOTICES', cell: (row) => row.notices, align: 'right' }, { title: 'TITLE', cell: (row) => cut(row.title, 100) },
]

function stepColumns({ steps, step_ms: stepMs }: BacktestView): readonly Column<Row<'steps'>>[] {
  const highest = Math.max(1, ...steps.map(({ alerts }) => alerts))
  return [
    { title: stepMs < DAY_MS ? 'TIME' : 'DAY', cell: (row) => (stepMs < DAY_MS ? row.at.slice(0, 16) : row.at.slice(0, 10)) }, { title: 'ALERTS', cell: (row) => row.alerts, align: 'right' }, { title: 'NOTICES', cell: (row) => row.notices, align: 'right' },
    { title: '', cell: (row) => '#'.repeat(Math.round((row.alerts / highest) * BAR_COLUMNS)) || ' ' },
  ]
}
