import type { OutboxRow } from '#store/index.ts'
import type { Logger } from '#telemetry/index.ts'
import { readNotice, type Notice } from '../notice.ts'
import type { Delivery } from '../outbox/outbox.ts'
import type { Routes, Webhook } from '../routes/routes.ts'
import type { Resolve } from './webhook-address.ts'
import { alertmanagerBody, standardBody } from './webhook-body.ts'
import { post } from './webhook-post.ts'
import { signatureOf } from './webhook-sign.ts'

export interface WebhookOptions {
  readonly routes: () => Routes
  readonly publicUrl: string | undefined
  readonly clock: () => number
  readonly log: Logger
  /** By default 15 s (Standard Webhooks asks for 15 to 30). */
  readonly timeoutMs?: number
  readonly resolve?: Resolve
}

export interface WebhookChannel {
  readonly deliver: (row: OutboxRow) => Promise<Delivery>
  /** A test to one address at once; undefined: the receiver has none of this name. */
  readonly tryOut: (to: { readonly receiver: string; readonly target: string }, by: string) => Promise<Delivery | undefined>
}

const TIMEOUT_MS = 15_000
/** Standard Webhooks asks for payloads of less than 20 kB; what Alertmanager sends has no such bound. */
const MAX_BYTES: Readonly<Record<Webhook['form'], number>> = { standard: 20_000, alertmanager: 200_000 }

/** Notices by HTTP. An address that answers 410 gets nothing more until the routes are read anew. */
export function createWebhookChannel({ routes, publicUrl, clock, log, timeoutMs = TIMEOUT_MS, resolve }: WebhookOptions): WebhookChannel {
  // by the routes in use: those that are read anew begin anew
  let gone = { routes: routes(), urls: new Set<string>() }

  function isGone(webhook: Webhook): boolean {
    if (gone.routes !== routes()) gone = { routes: routes(), urls: new Set() }
    return gone.urls.has(webhook.url)
  }

  async function send(notice: Notice, { webhook, id, where }: { readonly webhook: Webhook; readonly id: string; readonly where: Readonly<Record<string, string>> }): Promise<Delivery> {
    const nowMs = clock()
    const body = (webhook.form === 'alertmanager' ? alertmanagerBody : standardBody)(notice, { publicUrl, maxBytes: MAX_BYTES[webhook.form] })
    const timestampSeconds = Math.floor(nowMs / 1000)
    const delivery = await post({
      webhook, body, timeoutMs, nowMs, resolve,
      headers: {
        'content-type': 'application/json', 'user-agent': 'hps-hub', 'webhook-id': id, 'webhook-timestamp': String(timestampSeconds),
        ...(webhook.keys.length === 0 ? {} : { 'webhook-signature': signatureOf({ id, timestampSeconds, body }, webhook.keys) }),
        ...(webhook.token === undefined ? {} : { authorization: `Bearer ${webhook.token}` }),
      },
    })
    if (delivery.kind === 'failed' && delivery.reason === 'gone' && !isGone(webhook)) {
      gone.urls.add(webhook.url)
      log.error(where, 'a web address answered that it wants no more (410): it gets nothing until the routes are read anew')
    }
    return delivery
  }

  const find = (receiver: string, target: string): Webhook | undefined => routes().receiver(receiver)?.webhooks.find(({ name }) => name === target)
  const later = (reason: 'no-receiver' | 'gone', error: string): Delivery => ({ kind: 'failed', reason, isPermanent: false, error })

  return {
    async deliver(row) {
      const webhook = find(row.receiver, row.target)
      if (webhook === undefined) return later('no-receiver', `receiver ${row.receiver} has no webhook ${row.target} in the routes`)
      if (isGone(webhook)) return later('gone', 'it answered 410 before; it is left alone until the routes are read anew')
      return send(readNotice(row), { webhook, id: row.dedupKey, where: { receiver: row.receiver, target: row.target } })
    },
    async tryOut({ receiver, target }, by) {
      const webhook = find(receiver, target)
      if (webhook === undefined) return undefined
      const nowMs = clock()
      const notice: Notice = { kind: 'test', receiver, severity: 'info', title: `A test of the receiver ${receiver}`, atMs: nowMs, by }
      return send(notice, { webhook, id: `test.${nowMs}.${target}`, where: { receiver, target } })
    },
  }
}
