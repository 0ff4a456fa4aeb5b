import type { SourceView } from '#api/index.ts'
import type { AddCommand } from '../context.ts'
import { EXIT } from '../exit.ts'
import { listOutputOption } from '../options.ts'
import { facts, jsonLine, type Column, type Output } from '../output.ts'
import { printList } from '../print-list.ts'
import { addSourcesTag } from './sources-tag.ts'

interface Form { readonly output: Output }

/** `hps sources …`: who sends, in what form, and what would mend it. */
export const addSources: AddCommand = (program, run) => {
  const sources = program.command('sources').summary('list and show who sends messages').description('The senders: how each writes its messages, what is wrong with them and what would mend it.')

  sources
    .command('list', { isDefault: true })
    .description('Lists the senders: address, transport, roles, and how many of their messages were faulty or contradicted their address.')
    .addOption(listOutputOption())
    .action(
      run(async (context, { output }: Form) => {
        const { sources: rows } = await (await context.hub()).get<{ readonly sources: readonly SourceView[] }>('/sources')
        return printList(context, { rows, what: 'sources', columns: SOURCE_COLUMNS, output })
      }),
    )

  sources
    .command('show')
    .description('Shows one sender.')
    .argument('<source>', 'its address, or its number')
    .addOption(listOutputOption())
    .action(
      run(async ({ io, hub }, source: string, { output }: Form) => {
        const found = await (await hub()).get<SourceView>(`/sources/${encodeURIComponent(source)}`)
        io.out(output === 'json' ? jsonLine(found) : facts([['address', found.address], ['roles', found.roles.join(', ')]]))
        return EXIT.ok
      }),
    )
  addSourcesTag(sources, run)
}

const SOURCE_COLUMNS: readonly Column<SourceView>[] = [
  { title: 'SOURCE', cell: (row) => row.address },
  { title: 'BY', cell: (row) => row.transport },
  { title: 'LISTENER', cell: (row) => row.listener },
  { title: 'ROLES', cell: (row) => row.roles.join(',') },
  { title: 'LAST SEEN', cell: (row) => row.last_seen },
  { title: 'MESSAGES', cell: (row) => row.messages, align: 'right' },
  { title: 'FAULTY', cell: (row) => row.faulty, align: 'right' },
  { title: 'CONFLICTS', cell: (row) => row.conflicts, align: 'right' },
]
