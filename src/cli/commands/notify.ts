import type { ReceiverView, TrialView } from '#api/index.ts'
import { printable } from '#base/text.ts'
import type { AddCommand } from '../context.ts'
import { CliFault, EXIT } from '../exit.ts'
import { listOutputOption } from '../options.ts'
import { jsonLine, type Column, type Output } from '../output.ts'
import { printList } from '../print-list.ts'

interface NotifyOptions { readonly test?: string; readonly verbose?: true; readonly output: Output }

/** A test waits for servers, which may be slow to answer. */
const TEST_TIMEOUT_MS = 5 * 60_000

/** `hps notify`: who can be told, and whether it arrives. */
export const addNotify: AddCommand = (program, run) => {
  program
    .command('notify')
    .summary('try whether a receiver is reached')
    .description('Without --test: lists the receivers. With it: sends a test to a receiver by each of its channels and says what was answered.')
    .option('--test <receiver>', 'send a test to this receiver')
    .option('-v, --verbose', 'show what was said to the mail server and by it')
    .addOption(listOutputOption())
    .action(
      run(async (context, { test, verbose, output }: NotifyOptions) => {
        const { io, hub } = context
        if (test === undefined) {
          if (verbose === true) throw new CliFault(EXIT.usage, '--verbose says what a test showed: give --test <receiver>')
          const { receivers } = await (await hub()).get<{ readonly receivers: readonly ReceiverView[] }>('/receivers')
          return printList(context, { rows: receivers, what: 'receivers', columns: COLUMNS, output })
        }
        const trial = await (await hub({ timeoutMs: TEST_TIMEOUT_MS })).send<TrialView>('POST', `/receivers/${encodeURIComponent(test)}/test`)
        io.out(output === 'json' ? jsonLine(trial) : trial.channels.map((channel) => describe(channel, verbose)).join(''))
        if (trial.channels.length === 0) io.talk(`-- ${test} has no address --`)
        return trial.channels.length > 0 && trial.channels.every(({ sent }) => sent) ? EXIT.ok : EXIT.failed
      }),
    )
}

function describe({ channel, name, sent, answer, reason, permanent, mail }: TrialView['channels'][number], verbose: true | undefined): string {
  const head = `${channel}${name === '' ? '' : ` ${printable(name)}`}: ${sent ? 'taken' : `not taken (${reason ?? 'failed'}${permanent ? ', for good' : ''})`}: ${printable(answer)}\n`
  if (mail === null) return head
  return [
    head,
    ...mail.accepted.map((address) => `  to ${printable(address)}: taken\n`),
    ...mail.refused.map(({ address, answer: said }) => `  to ${printable(address)}: refused: ${printable(said)}\n`),
    `  ${mail.tls === null ? 'not encrypted' : `encrypted by ${printable(mail.tls)}`}, ${mail.took_ms} ms, Message-ID ${printable(mail.message_id)}\n`,
    ...(verbose === true ? mail.dialogue.map(({ who, text }) => `  ${who.padEnd(6)} ${printable(text)}\n`) : []),
  ].join('')
}

const COLUMNS: readonly Column<ReceiverView>[] = [
  { title: 'RECEIVER', cell: (row) => row.name },
  { title: 'CHANNELS', cell: (row) => row.channels.map(({ kind }) => kind).join(', ') },
  { title: 'TO', cell: (row) => row.channels.flatMap(({ to }) => to).join(', ') },
  { title: 'MOST AN HOUR', cell: (row) => row.max_per_hour, align: 'right' },
]
