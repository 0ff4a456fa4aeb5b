import { ALERT_SEVERITIES, moreSevere, type Alert, type AlertSeverity, type AlertTransition } from '#domain/alert.ts'
import type { NotifyTold } from '#store/index.ts'
import { MAX_NOTICE_ALERTS, type Notice, type NoticeAlert, type NoticeCommand, type Telling } from '../notice.ts'
import type { Policy } from '../policy.ts'
import type { GroupSettings } from './settings.ts'

/** Names for ids, as people know them; null or undefined: none. */
export interface NoticeNames { node(id: number): string | null | undefined; session(id: number): string | null | undefined }

export interface SnapshotParts {
  readonly telling: Telling
  readonly told: Pick<NotifyTold, 'thread' | 'title'> | undefined
  readonly last: Pick<AlertTransition, 'reason' | 'by' | 'note'> | undefined
  readonly policy: Policy
  readonly names: NoticeNames
}

/** An alert as its notice tells it. */
export function snapshotOf(alert: Alert, { telling, told, last, policy, names }: SnapshotParts): NoticeAlert {
  return {
    id: alert.id, rule: alert.rule, version: alert.ruleVersion, key: alert.key, telling, state: alert.state, severity: alert.severity, title: alert.title,
    thread: told?.thread ?? '', threadTitle: told?.title ?? alert.title, reason: last?.reason ?? 'found', by: last?.by ?? '', note: last?.note ?? '',
    nodeId: alert.nodeId, node: names.node(alert.nodeId) ?? alert.fields['node'] ?? alert.host, sessionId: alert.sessionId, session: names.session(alert.sessionId) ?? '',
    fields: alert.fields, host: alert.host, app: alert.app, text: alert.text,
    firstMs: alert.firstMs, lastMs: alert.lastMs, firedMs: alert.firedMs ?? alert.firstMs, overMs: alert.state === 'resolved' ? (alert.overMs ?? alert.resolvedMs) : undefined,
    firstSeq: alert.firstSeq, lastSeq: alert.lastSeq, count: alert.count, flaps: alert.flaps, isLate: alert.isLate,
    runbook: policy.runbook ?? '', owner: policy.owner ?? '', before: policy.notify?.before ?? DEFAULT_BEFORE, after: policy.notify?.after ?? 0,
  }
}
/** Messages before it, where its rule does not say. */
const DEFAULT_BEFORE = 5

/** Which alerts a notice shows: those that fire first, the most severe of them first, then the oldest. */
export function inOrder<T extends { readonly alert: Alert }>(told: readonly T[]): readonly T[] {
  const rank = ({ alert: { state, severity } }: T): number => (state === 'resolved' ? ALERT_SEVERITIES.length : 0) + ALERT_SEVERITIES.indexOf(severity)
  return told.toSorted((a, b) => rank(a) - rank(b) || a.alert.id - b.alert.id)
}

export interface NoticeParts {
  readonly settings: GroupSettings
  readonly groupKey: string
  readonly receiver: string
  /** At most `MAX_NOTICE_ALERTS` of them are shown. */
  readonly alerts: readonly NoticeAlert[]
  /** Of all that it tells, shown or not. */
  readonly count: number
  readonly severity: AlertSeverity
  readonly commands: readonly NoticeCommand[]
  readonly lead: string
  readonly atMs: number
}

/** The notice of a group. */
export function groupNotice({ settings, groupKey, receiver, alerts, count, severity, commands, lead, atMs }: NoticeParts): Notice {
  const shown = alerts.slice(0, MAX_NOTICE_ALERTS)
  return {
    kind: settings.kind, receiver, severity, title: titleOf({ alerts: shown, count, commands, values: settings.values }), atMs, group: settings.values, groupKey,
    alerts: shown, more: count - shown.length, commands, lead,
  }
}

interface TitleParts { readonly alerts: readonly NoticeAlert[]; readonly count: number; readonly commands: readonly NoticeCommand[]; readonly values: Readonly<Record<string, string>> }

export function titleOf({ alerts, count, commands, values }: TitleParts): string {
  const [only] = alerts
  if (count === 1 && only !== undefined && commands.length === 0) return only.title
  const parts = [
    ...(count === 0 ? [] : [`${count} alert${count === 1 ? '' : 's'}`]),
    ...(commands.length === 0 ? [] : [`${commands.length} message${commands.length === 1 ? '' : 's'} of nodes`]),
  ]
  const about = Object.entries(values).map(([name, value]) => (name === 'rule' ? value : `${name} ${value}`)).join(', ')
  return `${parts.join(' and ')}${about === '' ? '' : ` of ${about}`}`
}

export const mostSevere = (severities: Iterable<AlertSeverity>): AlertSeverity => [...severities].reduce(moreSevere, 'info')

/** A notice without some of its alerts: they are told by another one. `rest`: how many are left in all. */
export function withoutAlerts(notice: Notice, gone: ReadonlySet<number>, rest: number): Notice {
  if (notice.kind !== 'alerts' && notice.kind !== 'digest') return notice
  const alerts = notice.alerts.filter(({ id }) => !gone.has(id))
  return { ...notice, alerts, more: Math.max(0, rest - alerts.length), title: titleOf({ alerts, count: rest, commands: notice.commands, values: notice.group }), severity: alerts.length === 0 ? notice.severity : mostSevere(alerts.map(({ severity }) => severity)) }
}
