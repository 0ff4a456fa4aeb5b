import type { SourceDetail, SourceView } from '#api/index.ts'
import type { HubClient } from '../client.ts'
import type { AddCommand } from '../context.ts'
import { EXIT } from '../exit.ts'
import { listOutputOption } from '../options.ts'
import { jsonLine, type Column, type Output } from '../output.ts'
import { printList } from '../print-list.ts'
import { describeSource, formatAhead, percent } from '../source-text.ts'
import { addSourcesTag } from './sources-tag.ts'

interface Form { readonly output: Output }

/** `hps sources …`: who sends, in what form, and what would mend it. */
export const addSources: AddCommand = (program, run) => {
  const sources = program.command('sources').summary('list and show who sends messages').description('The senders: how each writes its messages, what is wrong with them and what would mend it.')

  sources
    .command('list', { isDefault: true })
    .description('Lists the senders: how they write, what is wrong most often, their zone and clock, how much they send. Full sentences: hps sources show SOURCE.')
    .addOption(listOutputOption())
    .action(
      run(async (context, { output }: Form) => {
        const { sources: rows } = await (await context.hub()).get<{ readonly sources: readonly SourceView[] }>('/sources')
        return printList(context, { rows, what: 'sources', columns: SOURCE_COLUMNS, output })
      }),
    )

  sources
    .command('show')
    .description('Shows a sender: each form of its messages with a sample, what is wrong with it and what would mend it.')
    .argument('<source>', 'its address, or its number')
    .addOption(listOutputOption())
    .action(
      run(async ({ io, hub, paint }, source: string, { output }: Form) => {
        const client = await hub()
        for (const id of await idsOf(client, source)) {
          const found = await client.get<SourceDetail>(`/sources/${encodeURIComponent(id)}`)
          io.out(output === 'json' ? jsonLine(found) : describeSource(found, paint))
        }
        return EXIT.ok
      }),
    )
  addSourcesTag(sources, run)
}

/** An address may send in several ways; each is a source of its own. What is not in the list is asked for, so that the hub says why not. */
async function idsOf(client: HubClient, source: string): Promise<readonly string[]> {
  const { sources } = await client.get<{ readonly sources: readonly SourceView[] }>('/sources')
  const found = sources.filter(({ address }) => address === source).map(({ id }) => String(id))
  return found.length === 0 ? [source] : found
}

/** Of the dialects of a sender, the most frequent: a hostile one could make every row as wide as all their names. */
const SHOWN_DIALECTS = 3

function dialectsOf({ dialects }: SourceView): string {
  const shown = dialects.slice(0, SHOWN_DIALECTS).map(({ name, share }) => (share === 1 ? name : `${name} ${percent(share)}`))
  return dialects.length > SHOWN_DIALECTS ? `${shown.join(', ')}, +${dialects.length - SHOWN_DIALECTS}` : shown.join(', ')
}

const SOURCE_COLUMNS: readonly Column<SourceView>[] = [
  { title: 'SOURCE', cell: (row) => row.address },
  { title: 'BY', cell: (row) => (row.transport === row.listener ? row.transport : `${row.transport}/${row.listener}`) },
  { title: 'ROLES', cell: (row) => row.roles.join(',') },
  { title: 'DIALECTS', cell: (row) => dialectsOf(row) },
  { title: 'WORST', cell: (row) => row.worst && `${row.worst.name} ${percent(row.worst.share)}` },
  { title: 'FAULTY', cell: (row) => percent(row.messages === 0 ? 0 : row.faulty / row.messages), align: 'right' },
  { title: 'ZONE', cell: (row) => (row.zone.name === null ? row.zone.by : `${row.zone.name} ${row.zone.by}`) },
  { title: 'CLOCK', cell: (row) => row.clock && formatAhead(row.clock.offset_ms), align: 'right' },
  { title: 'PER MINUTE', cell: (row) => row.per_minute.toFixed(1), align: 'right' },
  { title: 'MESSAGES', cell: (row) => row.messages, align: 'right' },
  { title: 'CONFLICTS', cell: (row) => row.conflicts, align: 'right' },
  { title: 'LAST SEEN', cell: (row) => row.last_seen },
]
