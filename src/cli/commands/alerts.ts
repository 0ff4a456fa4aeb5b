import { Option, type Command } from 'commander'
import type { AlertDetail, AlertEventView, AlertsView, AlertView } from '#api/index.ts'
import { parseDurationMs } from '#base/duration.ts'
import { printable } from '#base/text.ts'
import { ALERT_SEVERITIES, ALERT_STATES, OPEN_STATES } from '#domain/alert.ts'
import { ALERT_COLUMNS, describeAlert, transitionLine } from '../alert-text.ts'
import { nothingFound, type AddCommand, type CommandContext, type RunAction } from '../context.ts'
import { CliFault, EXIT, type ExitCode } from '../exit.ts'
import { follow } from '../follow.ts'
import { collect, lineCount, listOutputOption, wholeNumber } from '../options.ts'
import { jsonLine, table, type Output } from '../output.ts'
import { ownerOf } from '../owner.ts'
import { instant } from '../query-text.ts'
import { addAlertSilence } from './alert-silence.ts'

interface ListOptions {
  readonly all?: true
  readonly state?: readonly string[]
  readonly severity?: readonly string[]
  readonly rule?: readonly string[]
  readonly node?: string
  readonly since?: string
  readonly newest?: true
  readonly lines: number
  readonly output: Output
}
type DeedOptions = { readonly note?: string; readonly owner?: string; readonly ifState?: string; readonly output: Output }

/** Alerts of one page. */
const PAGE = 500

/** `hps alerts …`: what rules found, and what people do about it. */
export const addAlerts: AddCommand = (program, run) => {
  const alerts = program.command('alerts').summary('list, acknowledge, close and silence alerts').description('Alerts: what the rules found.')
  addList(alerts, run)
  addShow(alerts, run)
  addDeed(alerts, run, { name: 'ack', path: 'acknowledge', done: 'looked after', description: 'Says that somebody looks after alerts: they are not escalated, and told again only when they change.' })
  addDeed(alerts, run, { name: 'unack', path: 'unacknowledge', done: 'looked after by nobody', description: 'Says that nobody looks after alerts any more.' })
  addDeed(alerts, run, { name: 'close', path: 'close', done: 'closed', description: 'Ends alerts by hand; when it is found again, it is a new alert.' })
  addTail(alerts, run)
  addAlertSilence(alerts, run)
}

const severityOption = (): Option => new Option('--severity <severity>', 'only alerts of this severity; may be repeated').choices(ALERT_SEVERITIES).argParser((value: string, before: readonly string[] | undefined) => collect(value, before))
const ruleOption = (): Option => new Option('--rule <rule>', 'only alerts of this rule; a trailing * for a beginning; may be repeated').argParser(collect)

function addList(alerts: Command, run: RunAction): void {
  alerts
    .command('list', { isDefault: true })
    .description('Lists the open alerts, the worst first; with --all those that are over, too.')
    .option('-a, --all', 'also those that are over')
    .addOption(new Option('--state <state>', `only alerts in this state (${ALERT_STATES.join(', ')}); may be repeated`).argParser(collect))
    .addOption(severityOption())
    .addOption(ruleOption())
    .option('--node <name>', 'only alerts about this node')
    .option('-S, --since <time>', 'only alerts that began since: 24h (ago), today, "2026-11-22 14:30", or RFC 3339')
    .option('--newest', 'the newest first')
    .option('-n, --lines <count>', 'how many, or `all`', lineCount, 200)
    .addOption(listOutputOption())
    .action(run((context, options: ListOptions) => list(context, options)))
}

async function list(context: CommandContext, { all, state, severity, rule, node, since, newest, lines, output }: ListOptions): Promise<ExitCode> {
  const { io, paint } = context
  const states = state ?? (all === true ? undefined : OPEN_STATES)
  const hub = await context.hub()
  const rows: AlertView[] = []
  let cursor: string | null = null
  let answer: AlertsView
  do {
    answer = await hub.get<AlertsView>('/alerts', {
      state: states?.join(','), severity: severity?.join(','), rule: rule?.join(','), node, order: newest === true ? 'newest' : 'worst', limit: Math.max(1, Math.min(PAGE, lines - rows.length)), cursor: cursor ?? undefined,
      since: since === undefined || parseDurationMs(since) !== undefined ? since : instant(since, io.clock()),
    })
    rows.push(...answer.alerts)
    cursor = answer.cursor
  } while (cursor !== null && rows.length < lines)
  if (rows.length === 0) return nothingFound(io, answer.calm_since === null ? 'alerts' : `alerts; nothing fires since ${answer.calm_since}`)
  if (output === 'json') for (const row of rows) io.out(jsonLine(row))
  else io.out(table(rows, ALERT_COLUMNS, paint))
  if (cursor !== null) io.talk(`-- there are more: -n ${lines * 2} --`)
  return EXIT.ok
}

function addShow(alerts: Command, run: RunAction): void {
  alerts
    .command('show')
    .description('Shows an alert: its history with reasons, what keeps it from telling, the messages around it, and who was told.')
    .argument('<id>', 'its number in the list', wholeNumber)
    .addOption(listOutputOption())
    .action(
      run(async ({ io, hub, paint }, id: number, { output }: { readonly output: Output }) => {
        const alert = await (await hub()).get<AlertDetail>(`/alerts/${id}`)
        io.out(output === 'json' ? jsonLine(alert) : describeAlert(alert, paint))
        return EXIT.ok
      }),
    )
}

interface Deed { readonly name: string; readonly path: string; readonly done: string; readonly description: string }

function addDeed(alerts: Command, run: RunAction, { name, path, done, description }: Deed): void {
  alerts
    .command(name)
    .description(description)
    .argument('<id...>', 'numbers in the list')
    .option('--note <text>', 'for the history')
    .option('--owner <who>', 'who does it; default: SUDO_USER, then USER')
    .addOption(new Option('--if-state <state>', 'only when it still is in this state').choices(ALERT_STATES))
    .addOption(listOutputOption())
    .action(
      run(async ({ io, hub }, ids: readonly string[], { note, owner, ifState, output }: DeedOptions) => {
        const client = await hub()
        const numbers = ids.map(alertNumber)
        let code: ExitCode = EXIT.ok
        for (const id of numbers) {
          try {
            const alert = await client.send<AlertView>('POST', `/alerts/${id}/${path}`, { note, owner: ownerOf(owner, io.env), state: ifState })
            if (output === 'json') io.out(jsonLine(alert))
            else io.talk(`alert ${id} is ${done}: ${printable(alert.title)}`)
          } catch (fault) {
            // one that cannot be done does not keep the others from it
            if (!(fault instanceof CliFault) || fault.exitCode !== EXIT.failed || numbers.length === 1) throw fault
            io.talk(`hps: ${fault.message}`)
            code = EXIT.failed
          }
        }
        return code
      }),
    )
}

/** `12` or `#12`. */
function alertNumber(text: string): number {
  const found = /^#?(\d{1,15})$/.exec(text)?.[1]
  if (found === undefined) throw new CliFault(EXIT.usage, `${printable(text)} is no number of an alert`, { hint: 'hps alerts lists them' })
  return Number(found)
}

interface TailOptions { readonly severity?: readonly string[]; readonly rule?: readonly string[]; readonly node?: string; readonly output: Output }

function addTail(alerts: Command, run: RunAction): void {
  alerts
    .command('tail')
    .description('Follows what happens to alerts, one line a step, until Ctrl-C. Takes up a lost connection where it broke.')
    .addOption(severityOption())
    .addOption(ruleOption())
    .option('--node <name>', 'only alerts about this node')
    .addOption(listOutputOption())
    .action(
      run(async (context, { severity, rule, node, output }: TailOptions) => {
        const { io, paint } = context
        const isWanted = ({ alert }: AlertEventView): boolean =>
          severity?.includes(alert.severity) !== false && (node === undefined || alert.node === node) &&
          rule?.some((wanted) => (wanted.endsWith('*') ? alert.rule.startsWith(wanted.slice(0, -1)) : alert.rule === wanted)) !== false
        return follow(context, {
          path: '/alerts/stream', parameters: {}, last: undefined, what: 'step',
          async show(event, last) {
            if (event.event === 'transition') {
              const step = JSON.parse(event.data) as AlertEventView
              if (isWanted(step)) io.out(output === 'json' ? jsonLine(step) : transitionLine(step, paint))
              return step.id
            }
            if (event.event !== 'skipped') return last
            const { toId, count } = JSON.parse(event.data) as { readonly toId: number; readonly count: number }
            io.talk(`-- skipped ${count} steps, too many to follow; see what is there with: hps alerts --`)
            return toId
          },
        })
      }),
    )
}
