import { Option } from 'commander'
import { LOSSES_BY, type LossesBy, type LossesView, type ShedView } from '#api/index.ts'
import { parseDurationMs } from '#base/duration.ts'
import type { AddCommand } from '../context.ts'
import { EXIT } from '../exit.ts'
import { wholeNumber, listOutputOption } from '../options.ts'
import { jsonLine, type Column, type Output } from '../output.ts'
import { printList } from '../print-list.ts'
import { describeLosses } from '../loss-text.ts'
import { instant } from '../query-text.ts'

interface Given { readonly since: string; readonly until?: string; readonly source?: string; readonly by: LossesBy; readonly lines: number; readonly output: Output }
interface ShedGiven { readonly source?: string; readonly lines: number; readonly output: Output }

/** `hps loss`: what did not arrive, and why. */
export const addLoss: AddCommand = (program, run) => {
  const loss = program.command('loss').summary('say what was lost, and why').description('The loss ledger: every message that was sent is stored, or counted here.')

  loss
    .command('list', { isDefault: true })
    .description('Says whether anything was lost, cut or came twice, why, and what mends it; then by what --by names. `ever`: since the sender was first seen; received = stored + lost.')
    .option('-S, --since <time>', 'what was lost since: 24h (ago), today, yesterday, "2026-11-22 14:30", RFC 3339, or `ever`', '24h')
    .option('-U, --until <time>', 'what was lost before')
    .option('--source <source>', 'only of this sender: its address or number')
    .addOption(new Option('--by <what>', 'add up by this').choices(LOSSES_BY).default('source'))
    .option('-n, --lines <count>', 'how many rows', wholeNumber, 20)
    .addOption(listOutputOption())
    .action(
      run(async ({ io, hub, paint }, { since, until, source, by, lines, output }: Given) => {
        const nowMs = io.clock()
        const found = await (await hub()).get<LossesView>('/losses', {
          by, limit: Math.min(1000, Math.max(1, lines)),
          ...(since === 'ever' ? {} : { since: parseDurationMs(since) === undefined ? instant(since, nowMs) : since }),
          ...(until === undefined ? {} : { until: instant(until, nowMs) }),
          ...(source === undefined ? {} : { source }),
        })
        io.out(output === 'json' ? jsonLine(found) : describeLosses(found, paint))
        return EXIT.ok
      }),
    )

  loss
    .command('shed')
    .description('Lists what was left out under pressure, by sender and by the shape of the message, with the newest example.')
    .option('--source <source>', 'only of this sender: its address or number')
    .option('-n, --lines <count>', 'how many rows', wholeNumber, 20)
    .addOption(listOutputOption())
    .action(
      run(async (context, { source, lines, output }: ShedGiven) => {
        const { shed } = await (await context.hub()).get<{ readonly shed: readonly ShedView[] }>('/losses/shed', { limit: Math.min(1000, Math.max(1, lines)), ...(source === undefined ? {} : { source }) })
        return printList(context, { rows: shed, what: 'shed messages', columns: SHED_COLUMNS, output })
      }),
    )
}

/** An example is shown as far as it fits a line. */
const SAMPLE_WIDTH = 120

const SHED_COLUMNS: readonly Column<ShedView>[] = [
  { title: 'COUNT', cell: (row) => row.count, align: 'right' },
  { title: 'SOURCE', cell: (row) => row.source },
  { title: 'SEVERITY', cell: (row) => row.severity },
  { title: 'LAST', cell: (row) => row.last },
  { title: 'TEMPLATE', cell: (row) => row.template ?? 'others' },
  { title: 'EXAMPLE', cell: (row) => (row.sample.length > SAMPLE_WIDTH ? `${row.sample.slice(0, SAMPLE_WIDTH - 1)}…` : row.sample) },
]
