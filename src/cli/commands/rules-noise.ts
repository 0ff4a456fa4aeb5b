import type { Command } from 'commander'
import type { NoiseView } from '#api/index.ts'
import { printable } from '#base/text.ts'
import type { RunAction } from '../context.ts'
import { nothingFound } from '../context.ts'
import { EXIT } from '../exit.ts'
import { listOutputOption } from '../options.ts'
import { jsonLine, table, type Column, type Output } from '../output.ts'

interface NoiseOptions { readonly since?: string; readonly output: Output }

/** `hps rules noise`: which rules tell people what they do not want to know. */
export function addRulesNoise(rules: Command, run: RunAction): void {
  rules
    .command('noise')
    .summary('which rules are noisy, and what to do')
    .description('Lists the rules by how often they told people of what nobody looked after, with an advice for each. It looks at the alerts that are kept (for 90 days).')
    .option('-S, --since <time>', 'alerts that began then or later: a duration before now, or RFC 3339 (default: 30d)')
    .addOption(listOutputOption())
    .action(
      run(async ({ io, hub, paint }, { since, output }: NoiseOptions) => {
        const view = await (await hub()).get<NoiseView>('/rules/noise', since === undefined ? {} : { since })
        if (output === 'json') for (const row of view.rules) io.out(jsonLine(row))
        else if (view.rules.length > 0) {
          io.out(table(view.rules, COLUMNS, paint))
          io.out(`\n${view.rules.map((row) => `${paint.name(printable(row.rule))}: ${printable(row.advice)}${nodesOf(row)}\n`).join('')}`)
        }
        return view.rules.length === 0 ? nothingFound(io, 'alerts') : EXIT.ok
      }),
    )
}

type Row = NoiseView['rules'][number]
const nodesOf = ({ nodes, alerts }: Row): string => (nodes.length === 0 ? '' : printable(` (${nodes.map(({ node, alerts: own }) => `${node} ${Math.round((own / alerts) * 100)} %`).join(', ')})`))
const share = (part: number, whole: number): string | null => (whole === 0 ? null : `${Math.round((part / whole) * 100)} %`)

const COLUMNS: readonly Column<Row>[] = [
  { title: 'RULE', cell: (row) => row.rule }, { title: 'SEVERITY', cell: (row) => row.severity }, { title: 'NOISE', cell: (row) => row.noise, align: 'right' }, { title: 'ALERTS', cell: (row) => row.alerts, align: 'right' },
  { title: 'TOLD', cell: (row) => row.told, align: 'right' }, { title: 'ACKED', cell: (row) => row.acknowledged, align: 'right' }, { title: 'CLOSED', cell: (row) => row.closed, align: 'right' },
  { title: 'BY ITSELF', cell: (row) => share(row.self_resolved, row.alerts), align: 'right' }, { title: '< 5 MIN', cell: (row) => share(row.short, row.alerts), align: 'right' },
  { title: 'FLAPS', cell: (row) => row.flaps, align: 'right' }, { title: 'AGAIN', cell: (row) => row.returned, align: 'right' }, { title: 'SILENCED', cell: (row) => row.silenced, align: 'right' }, { title: 'OPEN', cell: (row) => row.open, align: 'right' },
]
