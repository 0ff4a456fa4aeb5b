import { ALERT_SEVERITIES } from '#domain/alert.ts'
import type { OutboxRecords } from '#store/index.ts'
import type { Notice } from '../notice.ts'
import type { Channel } from '../outbox/metrics.ts'
import type { Receiver } from '../routes/routes.ts'

/** News that fires is old after this long: it goes into a digest then, and wakes nobody. */
const OLD_NEWS_MS = 24 * 3_600_000

export interface QueuedNotice {
  readonly notice: Notice
  /** undefined: the routes have none of this name; it waits for one in the outbox. */
  readonly receiver: Receiver | undefined
  readonly alertIds: readonly number[]
  /** Of all its alerts; '' where they are of several. */
  readonly rule: string
  /** Unique: what the ids are made of that the other side sees. */
  readonly id: string
  readonly nowMs: number
  /** Not before; by default at once. */
  readonly nextMs?: number
  readonly isHeld?: boolean
}

/** Keys of the rows of a notice: its mail, and each web address. */
export const mailKey = (id: string): string => `${id}.mail`

/** Puts a notice into the outbox: a row for each place that it goes to. False: all of them are there already. */
export function queueNotice(outbox: OutboxRecords, { notice, receiver, alertIds, rule, id, nowMs, nextMs = nowMs, isHeld = false }: QueuedNotice): boolean {
  const places: { channel: Channel; target: string; key: string }[] = []
  if (receiver === undefined || receiver.mail.length > 0) places.push({ channel: 'mail', target: '', key: mailKey(id) })
  for (const { name } of receiver?.webhooks ?? []) places.push({ channel: 'webhook', target: name, key: `${id}.${name}` })
  const fires = notice.kind === 'alerts' && notice.alerts.some(({ state }) => state === 'firing')
  // what is held becomes part of a digest: one row is enough
  const rows = isHeld ? places.slice(0, 1) : places
  const added = rows.map(({ channel, target, key }, index) =>
    outbox.add({
      dedupKey: key, channel, receiver: notice.receiver, target, payload: JSON.stringify(notice), kind: notice.kind, state: isHeld ? 'held' : 'queued', createdMs: nowMs, nextMs,
      alertIds, rule, isLead: index === 0, urgency: ALERT_SEVERITIES.indexOf(notice.severity), expiresMs: fires ? nowMs + OLD_NEWS_MS : undefined,
    }),
  )
  return added.some(Boolean)
}
