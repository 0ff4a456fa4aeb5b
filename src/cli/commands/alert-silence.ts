import type { Command } from 'commander'
import type { AlertSilenceView, SilencePreviewView } from '#api/index.ts'
import { parseMatcher } from '#domain/alert-matchers.ts'
import { printable } from '#base/text.ts'
import { ALERT_COLUMNS } from '../alert-text.ts'
import type { RunAction } from '../context.ts'
import { CliFault, EXIT } from '../exit.ts'
import { duration, listOutputOption, wholeNumber } from '../options.ts'
import { jsonLine, table, type Column, type Output } from '../output.ts'
import { ownerOf } from '../owner.ts'
import { printList } from '../print-list.ts'

interface AddOptions { readonly for?: string; readonly until?: string; readonly from?: string; readonly reason: string; readonly owner?: string; readonly output: Output }

const MATCHERS = 'what is silenced: rule=storage.raid-degraded, node!=tch-001, rule~storage.*; all must hold'

/** `hps alerts silence …`: alerts tell nobody for a while. */
export function addAlertSilence(alerts: Command, run: RunAction): void {
  const silence = alerts.command('silence').summary('alerts tell nobody for a while').description('Silences about alerts: what they cover is kept and shown, and tells nobody meanwhile. (Who has stopped to log: hps silence.)')
  silence
    .command('list', { isDefault: true })
    .description('Lists silences, the newest first; with --all those that are over, too.')
    .option('-a, --all', 'also those that are over')
    .addOption(listOutputOption())
    .action(
      run(async (context, { all, output }: { readonly all?: true; readonly output: Output }) => {
        const { silences } = await (await context.hub()).get<{ readonly silences: readonly AlertSilenceView[] }>('/alert-silences')
        const rows = all === true ? silences : silences.filter(({ state }) => state === 'now' || state === 'ahead')
        return printList(context, { rows, what: 'silences about alerts', columns: COLUMNS, output })
      }),
    )

  silence
    .command('add')
    .description('Silences alerts for a while. See what it would cover first: hps alerts silence preview.')
    .argument('<matcher...>', MATCHERS)
    .option('--for <duration>', 'how long, e.g. 2h', duration)
    .option('--until <time>', 'or until then (RFC 3339)')
    .option('--from <time>', 'when it begins (RFC 3339); left out: now')
    .requiredOption('--reason <text>', 'why, for whoever wonders')
    .option('--owner <who>', 'who wants it; default: SUDO_USER, then USER')
    .addOption(listOutputOption())
    .action(
      run(async ({ io, hub }, matchers: readonly string[], { output, owner, ...request }: AddOptions) => {
        checkMatchers(matchers)
        if ((request.for === undefined) === (request.until === undefined)) throw new CliFault(EXIT.usage, 'say how long: one of --for and --until')
        const made = await (await hub()).send<AlertSilenceView>('POST', '/alert-silences', { matchers, ...request, owner: ownerOf(owner, io.env) })
        if (output === 'json') io.out(jsonLine(made))
        else io.talk(`silence ${made.id} of ${printable(made.matchers.join(' '))} until ${made.until}; ${made.state === 'now' ? `it covers ${made.covers} open ${made.covers === 1 ? 'alert' : 'alerts'}` : `it begins at ${made.from}`}`)
        return EXIT.ok
      }),
    )

  silence
    .command('preview')
    .description('Lists the open alerts that a silence would cover, and changes nothing.')
    .argument('<matcher...>', MATCHERS)
    .addOption(listOutputOption())
    .action(
      run(async ({ io, hub, paint }, matchers: readonly string[], { output }: { readonly output: Output }) => {
        checkMatchers(matchers)
        const found = await (await hub()).send<SilencePreviewView>('POST', '/alert-silences/preview', { matchers })
        if (output === 'json') io.out(jsonLine(found))
        else if (found.total > 0) io.out(table(found.alerts, ALERT_COLUMNS, paint))
        io.talk(`-- it would cover ${found.total} open ${found.total === 1 ? 'alert' : 'alerts'}${found.total > found.alerts.length ? `, of which ${found.alerts.length} are shown` : ''} --`)
        return EXIT.ok
      }),
    )

  silence
    .command('end')
    .description('Ends a silence before its time.')
    .argument('<id>', 'its number in the list', wholeNumber)
    .action(
      run(async ({ io, hub }, id: number) => {
        await (await hub()).send('DELETE', `/alert-silences/${id}`)
        io.talk(`silence ${id} is ended`)
        return EXIT.ok
      }),
    )
}

function checkMatchers(matchers: readonly string[]): void {
  const wrong = matchers.find((text) => parseMatcher(text) === undefined)
  if (wrong !== undefined) throw new CliFault(EXIT.usage, `${printable(wrong)} is no matcher`, { hint: 'write field=value, field!=value or field~beginning*' })
}

const COLUMNS: readonly Column<AlertSilenceView>[] = [
  { title: 'ID', cell: (row) => row.id, align: 'right' },
  { title: 'STATE', cell: (row) => row.state },
  { title: 'WHAT', cell: (row) => row.matchers.join(' ') },
  { title: 'FROM', cell: (row) => row.from },
  { title: 'UNTIL', cell: (row) => row.ended ?? row.until },
  { title: 'COVERS', cell: (row) => (row.state === 'now' ? row.covers : null), align: 'right' },
  { title: 'BY', cell: (row) => row.by },
  { title: 'REASON', cell: (row) => row.reason },
  { title: 'ENDED BY', cell: (row) => row.ended_by },
]
