import type { MailChannel } from '../actions/mail.ts'
import type { MailTrial } from '../actions/mail-try.ts'
import type { WebhookChannel } from '../actions/webhook.ts'
import type { Delivery } from '../outbox/outbox.ts'
import type { Routes } from '../routes/routes.ts'

/** What became of a test, channel by channel. */
export interface TryOut {
  readonly receiver: string
  /** undefined: the receiver has no mail. */
  readonly mail: MailTrial | undefined
  readonly webhooks: readonly { readonly name: string; readonly delivery: Delivery }[]
}

export interface TryOutOptions { readonly routes: () => Routes; readonly mail: Pick<MailChannel, 'tryOut'>; readonly webhook: Pick<WebhookChannel, 'tryOut'> }

/** Sends a test to a receiver by all of its channels, at once and past the outbox, and waits for what they say. undefined: there is no such receiver. */
export function createTryOut({ routes, mail, webhook }: TryOutOptions): (receiver: string, by: string) => Promise<TryOut | undefined> {
  return async (name, by) => {
    const receiver = routes().names.includes(name) ? routes().receiver(name) : undefined
    if (receiver === undefined) return undefined
    const mailed = receiver.mail.length === 0 ? undefined : mail.tryOut(name, by)
    const webhooks = receiver.webhooks.map(async ({ name: target }) => ({ name: target, delivery: await webhook.tryOut({ receiver: name, target }, by) }))
    return { receiver: name, mail: await mailed, webhooks: (await Promise.all(webhooks)).flatMap(({ name: target, delivery }) => (delivery === undefined ? [] : [{ name: target, delivery }])) }
  }
}
