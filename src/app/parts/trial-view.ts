import type { MailTrialView, TrialView } from '#api/index.ts'
import type { Delivery, TryOut } from '#triggers/index.ts'

/** What became of a test notice, as the API shows it. */
export function presentTrial({ receiver, mail, webhooks }: TryOut): TrialView {
  return {
    receiver,
    channels: [
      ...(mail === undefined ? [] : [{ channel: 'mail', name: mail.server, ...presentDelivery(mail.outcome), mail: presentMail(mail) }]),
      ...webhooks.map(({ name, delivery }) => ({ channel: 'webhook', name, ...presentDelivery(delivery), mail: null })),
    ],
  }
}

const presentDelivery = (delivery: Delivery): Pick<TrialView['channels'][number], 'sent' | 'answer' | 'reason' | 'permanent'> =>
  delivery.kind === 'sent' ? { sent: true, answer: delivery.reply, reason: null, permanent: false } : { sent: false, answer: delivery.error, reason: delivery.reason, permanent: delivery.isPermanent }

const presentMail = ({ addresses, accepted, refused, capabilities, tls, messageId, tookMs, dialogue }: NonNullable<TryOut['mail']>): MailTrialView => ({
  addresses, accepted, refused: refused.map(({ address, reply }) => ({ address, answer: reply })), capabilities,
  tls: tls === undefined ? null : `${tls.protocol}, ${tls.cipher}${tls.isVerified ? '' : `, not verified: ${tls.fault}`}`, message_id: messageId, took_ms: tookMs, dialogue,
})
