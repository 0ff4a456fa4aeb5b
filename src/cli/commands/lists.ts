import type { OutboxView, RuleView } from '#api/index.ts'
import type { AddCommand, RunAction } from '../context.ts'
import { listOutputOption } from '../options.ts'
import type { Column, Output } from '../output.ts'
import { printList } from '../print-list.ts'

/** `hps outbox`: what was sent, and what waits. */
export const addOutbox: AddCommand = (program, run) => {
  program
    .command('outbox')
    .summary('list mails and other deliveries')
    .description('Lists deliveries: what waits, what was sent, what failed and why.')
    .addOption(listOutputOption())
    .action(listing<OutboxView>(run, { path: '/outbox', member: 'outbox', columns: OUTBOX_COLUMNS }))
}

/** `hps rules list`. */
export const addRules: AddCommand = (program, run) => {
  program
    .command('rules')
    .summary('list rules')
    .description('The rules that react to messages.')
    .command('list', { isDefault: true })
    .description('Lists the loaded rules, their state and how often they matched.')
    .addOption(listOutputOption())
    .action(listing<RuleView>(run, { path: '/rules', member: 'rules', columns: RULE_COLUMNS }))
}

interface Listing<T> {
  readonly path: string
  /** Member of the answer that holds the rows; also their name for people. */
  readonly member: string
  readonly columns: readonly Column<T>[]
}

const listing = <T>(run: RunAction, { path, member, columns }: Listing<T>) =>
  run(async (context, { output }: { readonly output: Output }) => {
    const rows = (await (await context.hub()).get<Readonly<Record<string, readonly T[]>>>(path))[member] ?? []
    return printList(context, { rows, what: member === 'outbox' ? 'deliveries' : member, columns, output })
  })

const OUTBOX_COLUMNS: readonly Column<OutboxView>[] = [
  { title: 'ID', cell: (row) => row.id, align: 'right' },
  { title: 'STATE', cell: (row) => row.state },
  { title: 'CHANNEL', cell: (row) => row.channel },
  { title: 'RECEIVER', cell: (row) => row.receiver },
  { title: 'TRIES', cell: (row) => row.attempts, align: 'right' },
  { title: 'CREATED', cell: (row) => row.created },
  { title: 'NEXT OR DONE', cell: (row) => row.done ?? row.next },
  { title: 'SUBJECT', cell: (row) => row.subject },
  { title: 'LAST ERROR', cell: (row) => row.last_error },
]

const RULE_COLUMNS: readonly Column<RuleView>[] = [
  { title: 'RULE', cell: (row) => row.id },
  { title: 'SEVERITY', cell: (row) => row.severity },
  { title: 'STATUS', cell: (row) => row.status },
  { title: 'MATCHES', cell: (row) => row.matches, align: 'right' },
  { title: 'FILE', cell: (row) => row.file },
  { title: 'TITLE', cell: (row) => row.title },
]
