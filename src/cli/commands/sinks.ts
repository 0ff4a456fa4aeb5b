import type { SinkView } from '#api/index.ts'
import { formatBytes } from '#base/bytes.ts'
import type { AddCommand } from '../context.ts'
import { listOutputOption } from '../options.ts'
import type { Column, Output } from '../output.ts'
import { printList } from '../print-list.ts'

/** `hps sinks`: what hands messages on, and how far it is. */
export const addSinks: AddCommand = (program, run) => {
  program
    .command('sinks')
    .summary('list what hands messages on')
    .description('Lists the sinks (setting `sinks`): where each stands, how many messages wait, what was lost, the last error; of those that forward also what was sent again, since when they are connected, and when the oldest message that waits was received. Counts are since the hub started.')
    .addOption(listOutputOption())
    .action(
      run(async (context, { output }: { readonly output: Output }) => {
        const { sinks: rows } = await (await context.hub()).get<{ readonly sinks: readonly SinkView[] }>('/sinks')
        return printList(context, { rows, what: 'sinks', columns: COLUMNS, output })
      }),
    )
}

const COLUMNS: readonly Column<SinkView>[] = [
  { title: 'SINK', cell: (row) => row.name },
  { title: 'KIND', cell: (row) => row.kind },
  { title: 'TO', cell: (row) => row.to },
  { title: 'STATE', cell: (row) => row.state },
  { title: 'SEQ', cell: (row) => row.seq, align: 'right' },
  { title: 'BACKLOG', cell: (row) => row.backlog, align: 'right' },
  { title: 'WRITTEN', cell: (row) => row.written, align: 'right' },
  { title: 'SIZE', cell: (row) => formatBytes(row.bytes), align: 'right' },
  { title: 'RESENT', cell: (row) => row.upstream?.resent ?? null, align: 'right' },
  { title: 'OLDEST WAITING', cell: (row) => row.upstream?.oldest_waiting ?? null },
  { title: 'SINCE', cell: (row) => row.upstream?.connected_since ?? null },
  { title: 'LOST', cell: (row) => row.lost, align: 'right' },
  { title: 'LAST ERROR', cell: (row) => row.last_error && `${row.last_error.at} ${row.last_error.reason}: ${row.last_error.detail}` },
]
