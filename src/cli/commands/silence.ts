import type { RhythmView, SilenceView } from '#api/index.ts'
import type { AddCommand } from '../context.ts'
import { EXIT } from '../exit.ts'
import { listOutputOption } from '../options.ts'
import { jsonLine, type Column, type Output } from '../output.ts'
import { printList } from '../print-list.ts'
import { describeRhythm, lengthOf, silentName } from '../silence-text.ts'

interface Form { readonly output: Output }

/** `hps silence …`: who has stopped. */
export const addSilence: AddCommand = (program, run) => {
  const silence = program.command('silence').summary('list who is silent, show last words').description('Nodes and senders that are silent for longer than is usual for them; the hub learns what is usual. (To silence alerts: hps alerts silence.)')
  silence
    .command('list', { isDefault: true })
    .description('Lists who is silent now, since when, how long it is usually quiet at most, and what it said last.')
    .addOption(listOutputOption())
    .action(
      run(async (context, { output }: Form) => {
        const { silences: rows } = await (await context.hub()).get<{ readonly silences: readonly SilenceView[] }>('/silences')
        return printList(context, { rows, what: 'silences', columns: COLUMNS, output })
      }),
    )

  silence
    .command('show')
    .description('Shows the rhythm of a node, its silence, and its last words: what tells of an end, and its last messages.')
    .argument('<name>', 'name of a node; with --source an address or number of a sender')
    .option('--source', 'it is a sender')
    .addOption(listOutputOption())
    .action(
      run(async ({ io, hub, paint }, name: string, { source, output }: Form & { readonly source?: true }) => {
        const rhythm = await (await hub()).get<RhythmView>(pathOf(name, source))
        io.out(output === 'json' ? jsonLine(rhythm) : describeRhythm(rhythm, paint))
        return EXIT.ok
      }),
    )

  silence
    .command('forget')
    .description('Waits no longer for a node or a sender: its silence is over, and its rhythm is learned anew when it speaks again.')
    .argument('<name>', 'name of a node; with --source an address or number of a sender')
    .option('--source', 'it is a sender')
    .action(
      run(async ({ io, hub }, name: string, { source }: { readonly source?: true }) => {
        await (await hub()).send('DELETE', pathOf(name, source))
        io.talk(`nobody waits for ${name} any more`)
        return EXIT.ok
      }),
    )
}

const pathOf = (name: string, isSource: true | undefined): string => `/silences/${isSource === true ? 'source' : 'node'}/${encodeURIComponent(name)}`

const COLUMNS: readonly Column<SilenceView>[] = [
  { title: 'WHO', cell: silentName },
  { title: 'SINCE', cell: (row) => row.since },
  { title: 'USUAL GAP', cell: (row) => lengthOf(row.usual_ms), align: 'right' },
  { title: 'WHY', cell: (row) => row.reason },
  { title: 'NODE', cell: (row) => row.node },
  { title: 'STAGE', cell: (row) => row.stage },
  { title: 'LAST WORD', cell: (row) => row.last_word },
]
