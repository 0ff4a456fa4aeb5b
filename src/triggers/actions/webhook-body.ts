import { createHash } from 'node:crypto'
import { formatUtc } from '#base/time.ts'
import { cut } from '#base/text.ts'
import type { Notice, NoticeAlert, NoticeCommand } from '../notice.ts'
import { webhookLinks, type WebhookLinks } from './webhook-links.ts'

export interface BodyParts {
  /** Base of links; undefined: no links. */
  readonly publicUrl: string | undefined
  /** Bytes; Standard Webhooks asks for less than 20 kB. */
  readonly maxBytes: number
}

/** JSON of the Standard Webhooks form. Alerts that find no room are told by number. */
export function standardBody(notice: Notice, { publicUrl, maxBytes }: BodyParts): string {
  const links = webhookLinks(publicUrl)
  return fitted(alertsOf(notice), maxBytes, (alerts, left) => ({
    type: typeOf(notice),
    timestamp: formatUtc(notice.atMs),
    data: {
      receiver: notice.receiver, severity: notice.severity, title: notice.title, url: links.alerts(),
      ...(notice.kind === 'alerts' || notice.kind === 'digest'
        ? { group: notice.group, lead: notice.lead, alerts: alerts.map((alert) => standardAlert(alert, links)), truncated: left + notice.more, commands: notice.commands.map(standardCommand) }
        : {}),
      ...(notice.kind === 'command' ? { command: standardCommand(notice.command) } : {}),
      ...(notice.kind === 'test' ? { by: notice.by } : {}),
      ...(notice.kind === 'dead' ? { channel: notice.channel, to: notice.to, error: notice.error, outbox: notice.outboxIds, titles: notice.titles } : {}),
    },
  }))
}

function typeOf(notice: Notice): string {
  switch (notice.kind) {
    case 'alerts':
      return notice.alerts.some(({ state }) => state === 'firing') ? 'alert.firing' : notice.alerts.some(({ state }) => state === 'acknowledged') ? 'alert.acknowledged' : 'alert.resolved'
    case 'digest':
      return 'alert.digest'
    case 'command':
      return 'command.received'
    case 'test':
      return 'hub.test'
    case 'dead':
      return 'notice.dead'
  }
}

const standardAlert = (alert: NoticeAlert, links: WebhookLinks) => ({
  id: alert.id, fingerprint: fingerprintOf(alert), rule: alert.rule, state: alert.state, telling: alert.telling, severity: alert.severity, title: alert.title, reason: alert.reason, by: alert.by, note: alert.note,
  node: alert.node, session: alert.session, app: alert.app, text: cut(alert.text, MAX_TEXT_CHARACTERS), fields: alert.fields, count: alert.count,
  fired: formatUtc(alert.firedMs), last: formatUtc(alert.lastMs), resolved: alert.overMs === undefined ? null : formatUtc(alert.overMs),
  owner: alert.owner, runbook: alert.runbook, url: links.alert(alert.id),
})
const standardCommand = ({ severity, title, body, node, session, atMs, seq }: NoticeCommand) => ({ severity, title, body: cut(body, MAX_TEXT_CHARACTERS), node, session, at: formatUtc(atMs), seq })
const MAX_TEXT_CHARACTERS = 1000

/** Of rule and key: the same as long as it is about the same. */
const fingerprintOf = ({ rule, key }: Pick<NoticeAlert, 'rule' | 'key'>): string => createHash('sha256').update(JSON.stringify([rule, key])).digest('hex').slice(0, 16)

/** JSON of a webhook of Alertmanager, version 4. */
export function alertmanagerBody(notice: Notice, { publicUrl, maxBytes }: BodyParts): string {
  const links = webhookLinks(publicUrl)
  const all = amAlertsOf(notice, links)
  return fitted(all, maxBytes, (alerts, left) => ({
    version: '4',
    groupKey: notice.kind === 'alerts' || notice.kind === 'digest' ? `${notice.receiver}:${notice.groupKey}` : `${notice.receiver}:${notice.kind}`,
    truncatedAlerts: left + (notice.kind === 'alerts' || notice.kind === 'digest' ? notice.more : 0),
    status: all.some(({ status }) => status === 'firing') ? 'firing' : 'resolved',
    receiver: notice.receiver,
    groupLabels: notice.kind === 'alerts' || notice.kind === 'digest' ? labelsOf(amNamesOf(notice.group)) : {},
    commonLabels: common(all.map(({ labels }) => labels)),
    commonAnnotations: common(all.map(({ annotations }) => annotations)),
    externalURL: publicUrl ?? '',
    alerts,
  }))
}

interface AmAlert { readonly status: 'firing' | 'resolved'; readonly labels: Record<string, string>; readonly annotations: Record<string, string>; readonly startsAt: string; readonly endsAt: string; readonly generatorURL: string; readonly fingerprint: string }

/** What Go writes for "no time". */
const NO_TIME = '0001-01-01T00:00:00Z'

function amAlertsOf(notice: Notice, links: WebhookLinks): readonly AmAlert[] {
  if (notice.kind === 'alerts' || notice.kind === 'digest') return [...notice.alerts.map((alert) => amAlert(alert, links)), ...notice.commands.map(amCommand)]
  if (notice.kind === 'command') return [amCommand(notice.command)]
  const name = notice.kind === 'test' ? 'hps-test' : 'hps-notice-dead'
  return [amOf({ labels: { alertname: name, severity: notice.severity }, annotations: { summary: notice.title, ...(notice.kind === 'dead' ? { description: notice.error } : {}) }, atMs: notice.atMs, generatorURL: links.alerts() ?? '' })]
}

const amAlert = (alert: NoticeAlert, links: WebhookLinks): AmAlert => ({
  status: alert.state === 'resolved' ? 'resolved' : 'firing',
  labels: labelsOf({ ...alert.fields, alertname: alert.rule, severity: alert.severity, ...(alert.node === '' ? {} : { node: alert.node }), ...(alert.session === '' ? {} : { session: alert.session }) }),
  annotations: {
    summary: alert.title, ...(alert.text === '' ? {} : { description: cut(alert.text, MAX_TEXT_CHARACTERS) }), ...(alert.runbook === '' ? {} : { runbook_url: alert.runbook }),
    ...(alert.owner === '' ? {} : { owner: alert.owner }), count: String(alert.count),
  },
  startsAt: formatUtc(alert.firedMs), endsAt: alert.overMs === undefined ? NO_TIME : formatUtc(alert.overMs), generatorURL: links.alert(alert.id) ?? '', fingerprint: fingerprintOf(alert),
})
const amCommand = ({ severity, title, body, node, atMs, seq }: NoticeCommand): AmAlert =>
  amOf({ labels: { alertname: 'hps-trigger', severity, ...(node === '' ? {} : { node }), seq: String(seq) }, annotations: { summary: title, ...(body === '' ? {} : { description: cut(body, MAX_TEXT_CHARACTERS) }) }, atMs, generatorURL: '' })
const amOf = ({ labels, annotations, atMs, generatorURL }: Pick<AmAlert, 'labels' | 'annotations' | 'generatorURL'> & { readonly atMs: number }): AmAlert => ({
  status: 'firing', labels, annotations, startsAt: formatUtc(atMs), endsAt: NO_TIME, generatorURL, fingerprint: createHash('sha256').update(JSON.stringify(labels)).digest('hex').slice(0, 16),
})

const amNamesOf = ({ rule, ...others }: Readonly<Record<string, string>>): Record<string, string> => ({ ...others, ...(rule === undefined ? {} : { alertname: rule }) })
/** Names of labels as Prometheus reads them. */
const labelsOf = (fields: Readonly<Record<string, string>>): Record<string, string> =>
  Object.fromEntries(Object.entries(fields).map(([name, value]) => [name.replace(/[^A-Za-z0-9_]/g, '_').replace(/^(?=\d)/, '_'), value]))

function common(all: readonly Readonly<Record<string, string>>[]): Record<string, string> {
  const [first = {}, ...others] = all
  return Object.fromEntries(Object.entries(first).filter(([name, value]) => others.every((other) => other[name] === value)))
}

const alertsOf = (notice: Notice): readonly NoticeAlert[] => (notice.kind === 'alerts' || notice.kind === 'digest' ? notice.alerts : [])

/** As many as find room, at least one. */
function fitted<T>(all: readonly T[], maxBytes: number, make: (some: readonly T[], left: number) => unknown): string {
  let count = all.length
  for (;;) {
    const text = JSON.stringify(make(all.slice(0, count), all.length - count))
    const bytes = Buffer.byteLength(text)
    if (bytes <= maxBytes || count <= 1) return text
    count = Math.max(1, Math.min(count - 1, Math.floor((count * maxBytes) / bytes)))
  }
}
