import { Option } from 'commander'
import { OUTBOX_VIEW_STATES, type CancelScope, type OutboxDetail, type OutboxListView, type OutboxView } from '#api/index.ts'
import { printable } from '#base/text.ts'
import type { AddCommand } from '../context.ts'
import { CliFault, EXIT } from '../exit.ts'
import { collect, listOutputOption, wholeNumber } from '../options.ts'
import { facts, jsonLine, type Column, type Output } from '../output.ts'
import { printList } from '../print-list.ts'

interface ListOptions { readonly state?: readonly string[]; readonly receiver?: string; readonly rule?: string; readonly alert?: number; readonly lines: number; readonly output: Output }
interface CancelOptions { readonly rule?: string; readonly receiver?: string; readonly all?: true }

/** `hps outbox …`: what was sent, what waits, and what was given up. */
export const addOutbox: AddCommand = (program, run) => {
  const outbox = program.command('outbox').summary('list mails and other deliveries, send again, cancel').description('Deliveries: what waits, what was sent, what failed and why.')
  outbox
    .command('list', { isDefault: true })
    .description('Lists deliveries, the newest first.')
    .addOption(new Option('--state <state>', `only those in this state (${OUTBOX_VIEW_STATES.join(', ')}); may be repeated`).argParser(collect))
    .option('--receiver <name>', 'only to this receiver')
    .option('--rule <rule>', 'only about alerts of this rule')
    .option('--alert <id>', 'only those that tell this alert', wholeNumber)
    .option('-n, --lines <count>', 'how many', wholeNumber, 100)
    .addOption(listOutputOption())
    .action(
      run(async (context, { state, receiver, rule, alert, lines, output }: ListOptions) => {
        const { outbox: rows } = await (await context.hub()).get<OutboxListView>('/outbox', { state: state?.join(','), receiver, rule, alert, limit: Math.min(1000, Math.max(1, lines)) })
        return printList(context, { rows, what: 'deliveries', columns: COLUMNS, output })
      }),
    )

  outbox
    .command('show')
    .description('Shows a delivery: what it tells, how often it was tried, and what was answered.')
    .argument('<id>', 'its number in the list', wholeNumber)
    .addOption(listOutputOption())
    .action(
      run(async ({ io, hub, paint }, id: number, { output }: { readonly output: Output }) => {
        const row = await (await hub()).get<OutboxDetail>(`/outbox/${id}`)
        io.out(output === 'json' ? jsonLine(row) : `${describe(row)}\n${paint.bold('What it tells')}\n${readable(row.payload)}\n`)
        return EXIT.ok
      }),
    )

  outbox
    .command('retry')
    .description('Sends a delivery again that was given up or cancelled.')
    .argument('<id>', 'its number in the list', wholeNumber)
    .action(
      run(async ({ io, hub }, id: number) => {
        const row = await (await hub()).send<OutboxDetail>('POST', `/outbox/${id}/retry`)
        io.talk(`delivery ${id} to ${printable(row.receiver)} is sent again`)
        return EXIT.ok
      }),
    )

  outbox
    .command('cancel')
    .description('Cancels a delivery that waits, or all that wait: of a rule, to a receiver, or everything.')
    .argument('[id]', 'its number in the list', wholeNumber)
    .option('--rule <rule>', 'all that wait about alerts of this rule alone')
    .option('--receiver <name>', 'all that wait for this receiver')
    .option('--all', 'all that wait')
    .action(
      run(async ({ io, hub }, id: number | undefined, options: CancelOptions) => {
        const scopes = scopesOf(options)
        if (scopes.length + (id === undefined ? 0 : 1) !== 1) throw new CliFault(EXIT.usage, 'say what is cancelled: a number, or one of --rule, --receiver and --all')
        const client = await hub()
        if (id !== undefined) {
          await client.send('POST', `/outbox/${id}/cancel`)
          io.talk(`delivery ${id} is cancelled`)
          return EXIT.ok
        }
        const { cancelled } = await client.send<{ readonly cancelled: number }>('POST', '/outbox/cancel', scopes[0])
        io.talk(`${cancelled} ${cancelled === 1 ? 'delivery is' : 'deliveries are'} cancelled`)
        return EXIT.ok
      }),
    )
}

const scopesOf = ({ rule, receiver, all }: CancelOptions): readonly CancelScope[] => [...(rule === undefined ? [] : [{ rule }]), ...(receiver === undefined ? [] : [{ receiver }]), ...(all === undefined ? [] : [{ all } as const])]

const describe = (row: OutboxDetail): string => facts([
  ['delivery', `${row.id}, ${row.state}`], ['to', `${row.receiver} by ${row.channel}`], ['subject', row.subject], ['kind', row.kind], ['rule', row.rule], ['alerts', row.alerts.join(', ')],
  ['created', row.created], ['tries', row.attempts], ['next', row.next], ['done', row.done], ['old news from', row.expires], ['given up at', row.give_up], ['last error', row.last_error], ['answer', row.reply],
])

/** JSON on several lines, in which nothing can move the cursor. */
const readable = (value: unknown): string => JSON.stringify(value, undefined, 2).split('\n').map(printable).join('\n')

const COLUMNS: readonly Column<OutboxView>[] = [
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
