import type { AlertDetail, AlertEventView, AlertView } from '#api/index.ts'
import { formatDuration } from '#base/duration.ts'
import { printable } from '#base/text.ts'
import type { Severity } from '#domain/severity.ts'
import type { Paint } from './color.ts'
import { facts, messageLine, type Column } from './output.ts'

/** The colour of a message as bad. */
const AS_BAD: Readonly<Record<AlertView['severity'], Severity>> = { critical: 'crit', error: 'err', warning: 'warning', info: 'info' }

const mutedBy = ({ mutes }: AlertView): string | null => (mutes.length === 0 ? null : mutes.map(({ mute }) => mute).join(', '))

export const ALERT_COLUMNS: readonly Column<AlertView>[] = [
  { title: 'ID', cell: (row) => row.id, align: 'right' },
  { title: 'SEVERITY', cell: (row) => row.severity },
  { title: 'STATE', cell: (row) => (row.over !== null && row.state !== 'resolved' ? `${row.state}, over` : row.state) },
  { title: 'SINCE', cell: (row) => row.fired ?? row.first },
  { title: 'COUNT', cell: (row) => row.count, align: 'right' },
  { title: 'NODE', cell: (row) => row.node },
  { title: 'RULE', cell: (row) => row.rule },
  { title: 'BY', cell: (row) => row.acknowledged_by },
  { title: 'MUTED', cell: mutedBy },
  { title: 'TITLE', cell: (row) => row.title },
]

/** A step of an alert as a line. */
export function transitionLine({ at, from, to, by, note, means, alert }: AlertEventView, paint: Paint): string {
  const who = by === '' ? '' : ` by ${printable(by)}`
  const why = note === '' ? means : `${means}: ${printable(note)}`
  const muted = mutedBy(alert)
  const step = from === null || from === to ? to : `${from} → ${to}`
  return `${paint.dim(at)} #${alert.id} ${paint.severity(alert.severity, AS_BAD[alert.severity])} ${step}${who}${muted === null ? '' : ` (${muted})`} ${paint.name(printable(alert.rule))}: ${paint.severity(printable(alert.title), AS_BAD[alert.severity])} ${paint.dim(`– ${why}`)}\n`
}

const ms = (value: number | null): string | null => (value === null || value === 0 ? null : formatDuration(value))

/** An alert whole: what it is, its history, the messages around it, and who was told. */
export function describeAlert(alert: AlertDetail, paint: Paint): string {
  const { policy, transitions, mutes, notices, context } = alert
  const block = (title: string, lines: readonly string[]): string => (lines.length === 0 ? '' : `\n${paint.bold(title)}\n${lines.join('')}`)
  return [
    `${paint.severity(`${alert.severity.toUpperCase()} ${printable(alert.title)}`, AS_BAD[alert.severity])}\n`,
    facts([
      ['alert', `${alert.id}, ${alert.state}${alert.over !== null && alert.state !== 'resolved' ? ` (over since ${alert.over}, held open)` : ''}${alert.late ? ', found late' : ''}`],
      ['rule', `${alert.rule}${policy.in_use ? '' : ' (there is no such rule any more)'}${policy.status === 'live' ? '' : `, ${policy.status}`}`],
      ['node', alert.node], ['session', alert.session],
      ['since', alert.fired ?? alert.first], ['last seen', `${alert.last}, ${alert.count} times`], ['came back', alert.flaps === 0 ? null : `${alert.flaps} times`], ['over', alert.resolved],
      ['looked after by', alert.acknowledged_by === null ? null : `${alert.acknowledged_by}${alert.acknowledged_note === null || alert.acknowledged_note === '' ? '' : `: ${alert.acknowledged_note}`}`],
      ...Object.entries(alert.fields).filter(([name]) => name !== 'node' && name !== 'session').map(([name, value]) => [name, value] as const),
      ['must last', ms(policy.for_ms)], ['held open for', ms(policy.hold_ms)], ['over after quiet of', ms(policy.quiet_ms)], ['next by itself', alert.due],
      ['runbook', policy.runbook], ['owner', policy.owner], ['page', alert.link],
    ]),
    block('What keeps it from telling', mutes.map(({ mute, why }) => `${mute}: ${printable(why)}\n`)),
    block('History', transitions.map(({ at, from, to, by, note, means }) => `${paint.dim(at)} ${from === null || from === to ? to : `${from} → ${to}`}${by === '' ? '' : ` by ${printable(by)}`}: ${means}${note === '' ? '' : ` (${printable(note)})`}\n`)),
    block('Messages around it', context.map((message) => `${message.seq === alert.last_seq || message.seq === alert.first_seq ? '>' : ' '} ${messageLine(message, paint)}`)),
    block('Who was told', notices.map(({ id, created, done, state, channel, receiver, telling, attempts, last_error: error }) =>
      `${paint.dim(done ?? created)} #${id} ${state} ${printable(receiver)} by ${channel}${telling === null ? '' : `, ${telling}`}${attempts > 1 ? `, ${attempts} tries` : ''}${error === null ? '' : `: ${printable(error)}`}\n`)),
  ].join('')
}
