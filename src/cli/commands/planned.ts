import type { PlannedView } from '#api/index.ts'
import type { AddCommand } from '../context.ts'
import { CliFault, EXIT } from '../exit.ts'
import { duration, listOutputOption, wholeNumber } from '../options.ts'
import { jsonLine, type Column, type Output } from '../output.ts'
import { printList } from '../print-list.ts'

interface AddOptions {
  readonly node?: string
  readonly source?: string
  readonly all?: true
  readonly for: string
  readonly from?: string
  readonly why: string
  readonly output: Output
}

/** `hps planned …`: work during which silence is no wonder. */
export const addPlanned: AddCommand = (program, run) => {
  const planned = program.command('planned').summary('announce work, during which nobody is missed').description('Planned work: whoever it is about may be silent until it is over.')
  planned
    .command('list', { isDefault: true })
    .description('Lists planned work, the latest first; what is over stays as history.')
    .option('--now', 'only what is under way or ahead')
    .addOption(listOutputOption())
    .action(
      run(async (context, { now, output }: { readonly now?: true; readonly output: Output }) => {
        const { planned: all } = await (await context.hub()).get<{ readonly planned: readonly PlannedView[] }>('/planned')
        const rows = now === true ? all.filter(({ state }) => state === 'now' || state === 'ahead') : all
        return printList(context, { rows, what: 'planned work', columns: COLUMNS, output })
      }),
    )

  planned
    .command('add')
    .description('Announces work on a node, on a sender, or on everything.')
    .option('--node <name>', 'work on this node')
    .option('--source <address>', 'work on the sender at this address, and on its node')
    .option('--all', 'work on everything: nobody is missed')
    .requiredOption('--for <duration>', 'how long, e.g. 2h; at most 31 days', duration)
    .option('--from <time>', 'when it begins (RFC 3339); left out: now')
    .requiredOption('--why <text>', 'why, for the list')
    .addOption(listOutputOption())
    .action(
      run(async ({ io, hub }, { output, ...request }: AddOptions) => {
        if ([request.node, request.source, request.all].filter((given) => given !== undefined).length !== 1) throw new CliFault(EXIT.usage, 'say whom the work is about: one of --node, --source and --all')
        const work = await (await hub()).send<PlannedView>('POST', '/planned', request)
        if (output === 'json') io.out(jsonLine(work))
        else io.talk(`work ${work.id} on ${aboutOf(work)} is planned until ${work.until}`)
        return EXIT.ok
      }),
    )

  planned
    .command('end')
    .description('Ends planned work before its time.')
    .argument('<id>', 'its number in the list', wholeNumber)
    .action(
      run(async ({ io, hub }, id: number) => {
        await (await hub()).send('DELETE', `/planned/${id}`)
        io.talk(`work ${id} is ended`)
        return EXIT.ok
      }),
    )
}

const aboutOf = ({ node, source }: PlannedView): string => node ?? source ?? 'everything'

const COLUMNS: readonly Column<PlannedView>[] = [
  { title: 'ID', cell: (row) => row.id, align: 'right' },
  { title: 'ABOUT', cell: aboutOf },
  { title: 'STATE', cell: (row) => row.state },
  { title: 'FROM', cell: (row) => row.from },
  { title: 'UNTIL', cell: (row) => row.ended ?? row.until },
  { title: 'WHY', cell: (row) => row.why },
  { title: 'BY', cell: (row) => row.by },
  { title: 'ENDED BY', cell: (row) => row.ended_by },
]
