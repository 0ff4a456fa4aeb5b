import type { AlertReason, AlertSeverity, AlertState } from '#domain/alert.ts'
import type { RuleSeverity } from './protocol.ts'

/** What is told of an alert. `still`: again, since it goes on. */
export const TELLINGS = ['firing', 'still', 'escalated', 'acknowledged', 'unacknowledged', 'resolved', 'fired-and-resolved'] as const
export type Telling = (typeof TELLINGS)[number]

/** Alerts that one notice shows; of more only the number is told. */
export const MAX_NOTICE_ALERTS = 100

/** An alert as it was when the notice was made: ids and texts only. All texts but the rule's own are an attacker's. */
export interface NoticeAlert {
  readonly id: number
  readonly rule: string
  readonly version: string
  readonly key: string
  readonly telling: Telling
  readonly state: AlertState
  readonly severity: AlertSeverity
  /** Rendered, plain text, one line. */
  readonly title: string
  /** Message-ID of the first mail to this receiver that told it, which later ones answer, and its title then; '' and `title` where this is the first. */
  readonly thread: string
  readonly threadTitle: string
  /** Reason of its last step; `ALERT_REASONS` has the words. Who made it ('' for the hub), and what they wrote. */
  readonly reason: AlertReason
  readonly by: string
  readonly note: string
  /** 0: about none. */
  readonly nodeId: number
  readonly node: string
  readonly sessionId: number
  readonly session: string
  readonly fields: Readonly<Record<string, string>>
  readonly host: string
  readonly app: string
  readonly text: string
  readonly firstMs: number
  readonly lastMs: number
  readonly firedMs: number
  /** undefined: it goes on. */
  readonly overMs: number | undefined
  readonly firstSeq: number
  readonly lastSeq: number
  readonly count: number
  readonly flaps: number
  readonly isLate: boolean
  readonly runbook: string
  readonly owner: string
  /** Messages around it that the reader should see. */
  readonly before: number
  readonly after: number
}

/** What an `hps-trigger` command of a node asked to be told. */
export interface NoticeCommand {
  readonly severity: AlertSeverity
  readonly title: string
  readonly body: string
  readonly seq: number
  readonly nodeId: number
  readonly node: string
  readonly sessionId: number
  readonly session: string
  readonly atMs: number
  readonly before: number
  readonly after: number
}

/** What a channel makes its message of: the `payload` of an outbox row, whole and for itself. */
export type Notice = {
  readonly receiver: string
  /** Most severe of what it tells. */
  readonly severity: AlertSeverity
  /** One line, for lists: of its one alert, or how many there are. */
  readonly title: string
  readonly atMs: number
} & (
  /** `digest`: alerts that were held back before (a cap, old news). `more`: alerts beside those listed, which are told by number only. */
  | {
    readonly kind: 'alerts' | 'digest'
    /** What its alerts have in common: `{rule: 'storage.raid'}`. */
    readonly group: Readonly<Record<string, string>>
    /** Stays the same for all notices of the group. */
    readonly groupKey: string
    /** 1..`MAX_NOTICE_ALERTS` (a digest of commands alone: none), those that fire before those that are over, the most severe first. */
    readonly alerts: readonly NoticeAlert[]
    readonly more: number
    /** Of the digest: commands that were held back. */
    readonly commands: readonly NoticeCommand[]
    /** One sentence on why it comes like this; '' for an ordinary notice. */
    readonly lead: string
  }
  | { readonly kind: 'command'; readonly command: NoticeCommand }
  /** Asked for by a person, to see whether it arrives. */
  | { readonly kind: 'test'; readonly by: string }
  /** Notices to somebody else that were given up. `channel` and `to` name whoever did not take them. */
  | { readonly kind: 'dead'; readonly channel: string; readonly to: string; readonly error: string; readonly outboxIds: readonly number[]; readonly titles: readonly string[] }
)
export type AlertsNotice = Extract<Notice, { kind: 'alerts' | 'digest' }>

/** The payload of rows that older versions of the hub wrote: one alert or command each. `readNotice` reads them too. */
export interface FormerNotice {
  readonly kind: 'alert' | 'command'
  /** Plain text, one line. */
  readonly title: string
  readonly severity: RuleSeverity
  /** Rule id, or `hps-trigger`. */
  readonly rule: string
  readonly version: string
  readonly key: string
  readonly seq: number
  readonly receivedMs: number
  readonly nodeId: number
  readonly sessionId: number
  readonly node: string
  readonly session: string
  readonly host: string
  readonly app: string
  readonly text: string
  readonly fields: Readonly<Record<string, string>>
  readonly count: number
  readonly firstMs: number
  readonly runbook?: string | undefined
  readonly owner?: string | undefined
  readonly before: number
  readonly after: number
}

/** The notice of an outbox row, also of one that an older version wrote. One that cannot be read is told as that: whoever it is for looks at the alerts. */
export function readNotice(row: { readonly payload: string; readonly receiver: string; readonly alertId: number | undefined }): Notice {
  const notice = parsed(row.payload)
  if (notice === undefined) return unreadable(row.receiver)
  return 'rule' in notice ? ofFormer(notice, row) : notice
}

function parsed(payload: string): Notice | FormerNotice | undefined {
  try {
    const notice = JSON.parse(payload) as Notice | FormerNotice | null
    return typeof notice === 'object' && notice !== null && 'kind' in notice ? notice : undefined
  } catch {
    return undefined
  }
}

function unreadable(receiver: string): Notice {
  const title = 'A notice cannot be read: its row in hub.db is damaged'
  const body = 'What it was about is not known any more. Look at the open alerts, and check the disk of the hub.'
  return { kind: 'command', receiver, severity: 'error', title, atMs: 0, command: { severity: 'error', title, body, seq: 0, nodeId: 0, node: '', sessionId: 0, session: '', atMs: 0, before: 0, after: 0 } }
}

function ofFormer(former: FormerNotice, { receiver, alertId }: { readonly receiver: string; readonly alertId: number | undefined }): Notice {
  const { title, severity, nodeId, sessionId, session, text, seq, before, after, rule, receivedMs: atMs } = former
  const common = { receiver, severity, title, atMs }
  const node = former.node || former.host
  if (former.kind === 'command') return { ...common, kind: 'command', command: { severity, title, body: text, seq, nodeId, node, sessionId, session, atMs, before, after } }
  const alert: NoticeAlert = {
    id: alertId ?? 0, rule, version: former.version, key: former.key, telling: former.count > 1 ? 'still' : 'firing', state: 'firing', severity, title, thread: '', threadTitle: title,
    reason: 'found', by: '', note: '', nodeId, node, sessionId, session, fields: former.fields, host: former.host, app: former.app, text,
    firstMs: former.firstMs, lastMs: atMs, firedMs: former.firstMs, overMs: undefined, firstSeq: seq, lastSeq: seq, count: former.count, flaps: 0, isLate: false,
    runbook: former.runbook ?? '', owner: former.owner ?? '', before, after,
  }
  return { ...common, kind: 'alerts', group: { rule }, groupKey: rule, alerts: [alert], more: 0, commands: [], lead: '' }
}

/** One notice is queued once, whatever is replayed: the outbox refuses a second row with the same key. */
export const dedupKey = (parts: { readonly rule: string; readonly version: string; readonly key: string; readonly seq: number; readonly receiver: string }): string =>
  JSON.stringify([parts.rule, parts.version, parts.key, parts.seq, parts.receiver])
