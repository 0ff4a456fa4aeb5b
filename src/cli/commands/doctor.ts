import type { DoctorCheck, QueueView, Verdict } from '#api/index.ts'
import { printable } from '#base/text.ts'
import { formatTextFault } from '#domain/fault.ts'
import type { Paint } from '../color.ts'
import type { AddCommand, CommandContext } from '../context.ts'
import { examine, type Examination } from '../doctor/examine.ts'
import { realMachine } from '../doctor/machine.ts'
import { EXIT, type ExitCode } from '../exit.ts'
import { listOutputOption } from '../options.ts'
import { jsonLine, type Column, type Output } from '../output.ts'
import { printList } from '../print-list.ts'

interface Given { readonly output: Output; readonly queues?: true }

/** `hps doctor`: what is wrong, and what mends it. */
export const addDoctor: AddCommand = (program, run) => {
  program
    .command('doctor')
    .summary('say what is wrong with the hub, and what mends it')
    .description('Looks at the hub, and at the machine beside it where that is this one: a line for each thing, OK, WARN or FAIL, and below what is not OK the command that mends it. Says what it can see when the hub is down. Ends with code 1 when something is FAIL.')
    .option('--queues', 'list every queue instead: what is in it, its bound, the most of the last ten minutes, what was refused or dropped (docs/reference/queues.md says what each holds)')
    .addOption(listOutputOption())
    .action(run(async (context, { output, queues }: Given) => (queues === true ? listQueues(context, output) : diagnose(context, output))))
}

async function diagnose({ io, options, paint }: CommandContext, output: Output): Promise<ExitCode> {
  const configFaults = async (): Promise<readonly string[]> => {
    const { loadHubConfig } = await import('../hub-config.ts')
    const result = loadHubConfig({ file: options.config, env: io.env, flags: [] })
    return result.ok ? [] : result.faults.map(formatTextFault)
  }
  const found = await examine({ options, io, machine: realMachine, configFaults })
  io.out(output === 'json' ? found.checks.map(jsonLine).join('') : describe(found, paint))
  return found.checks.some(({ verdict }) => verdict === 'fail') ? EXIT.failed : EXIT.ok
}

const WORDS: Readonly<Record<Verdict, string>> = { ok: 'OK  ', warn: 'WARN', fail: 'FAIL' }

function describe({ url, isHere, checks }: Examination, paint: Paint): string {
  const width = Math.max(...checks.map(({ name }) => name.length), isHere ? 0 : 'machine'.length)
  const count = (verdict: Verdict): number => checks.filter((check) => check.verdict === verdict).length
  const elsewhere = isHere ? '' : `--    ${'machine'.padEnd(width)}  not looked at: the hub at ${printable(url)} is elsewhere; run hps doctor there\n`
  return `${checks.map((check) => line(check, width, paint)).join('')}${elsewhere}${count('fail')} FAIL, ${count('warn')} WARN, ${count('ok')} OK\n`
}

function line({ name, verdict, finding, mend }: DoctorCheck, width: number, paint: Paint): string {
  const word = verdict === 'ok' ? WORDS.ok : paint.severity(WORDS[verdict], verdict === 'warn' ? 'warning' : 'err')
  const below = mend === null ? '' : `${' '.repeat(width + 8)}${paint.dim('mend:')} ${printable(mend)}\n`
  return `${word}  ${printable(name).padEnd(width)}  ${printable(finding)}\n${below}`
}

async function listQueues(context: CommandContext, output: Output): Promise<ExitCode> {
  const { queues } = await (await context.hub()).get<{ readonly queues: readonly QueueView[] }>('/queues')
  return printList(context, { rows: queues, what: 'queues', columns: COLUMNS, output })
}

const COLUMNS: readonly Column<QueueView>[] = [
  { title: 'QUEUE', cell: (row) => row.name },
  { title: 'NOW', cell: (row) => row.fill, align: 'right' },
  { title: 'PEAK', cell: (row) => row.peak, align: 'right' },
  { title: 'BOUND', cell: (row) => row.bound, align: 'right' },
  { title: 'UNIT', cell: (row) => row.unit },
  { title: 'WHEN FULL', cell: (row) => row.full },
  { title: 'COUNTED', cell: (row) => row.counted, align: 'right' },
]
