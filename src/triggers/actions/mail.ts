import type { OutboxRow } from '#store/index.ts'
import type { Metrics } from '#telemetry/index.ts'
import type { MailConfig } from '../config.ts'
import type { Delivery } from '../outbox/outbox.ts'
import type { Routes } from '../routes/routes.ts'
import { buildMail } from './mail-build.ts'
import { composeMail, MAIL_SIZES, type ComposeOptions, type MailParts } from './mail-compose.ts'
import { failureOf, isTooLarge, later, refusalsOf, refusedAll, type Refusal } from './mail-failure.ts'
import { createRecipients } from './mail-recipients.ts'
import { envelopeOf, MAIL_TIMING, poolSettings, type MailTiming } from './mail-smtp.ts'
import { taskOf, type StoryLookups } from './mail-story-of.ts'
import { mailDomain } from './mail-thread.ts'
import { tryMail, type MailTrial } from './mail-try.ts'

export interface MailOptions extends Omit<ComposeOptions, 'domain'>, StoryLookups {
  readonly config: MailConfig
  readonly routes: () => Routes
  readonly metrics: Pick<Metrics, 'add'>
  readonly timing?: MailTiming
}

export interface MailChannel {
  readonly deliver: (row: OutboxRow) => Promise<Delivery>
  /** Sends one test mail on a connection of its own and tells all that was said. Undefined: there is no such receiver with mail. */
  readonly tryOut: (receiver: string, by: string) => Promise<MailTrial | undefined>
  /** Ends idle connections, and those that are sending too: what is not sent is sent after the next start. */
  close(): void
}

/** Mails by SMTP. @throws when the password or the authorities cannot be read */
export function createMailChannel(options: MailOptions): MailChannel {
  const { config, routes, timing = MAIL_TIMING, metrics } = options
  const domain = mailDomain(config.from)
  const settings = config.host === undefined ? undefined : poolSettings(config, { host: config.host, timing })
  // a hub that sends no mail does without the eight megabytes that this takes
  const opening = settings === undefined ? undefined : import('nodemailer').then(({ createTransport }) => createTransport(settings))
  const recipients = createRecipients()
  // The first mail of a hub may be the one that matters: what has to be loaded and compiled for it is so already.
  if (settings !== undefined) void Promise.allSettled([warmUp()])

  async function warmUp(): Promise<void> {
    const story = { kind: 'test' as const, receiver: '', atMs: 0, by: '', hub: options.hubName }
    await buildMail(await composeMail({ story, dedupKey: '', threads: [], limits: MAIL_SIZES[0]! }, { ...options, domain }), { from: config.from, to: [] })
  }

  async function deliver(row: OutboxRow): Promise<Delivery> {
    if (opening === undefined) return later('not-configured', 'no SMTP server is configured (mail.host)')
    const receiver = routes().receiver(row.receiver)
    if (receiver === undefined) return later('no-receiver', `there is no receiver ${row.receiver} and no default one in the routes`)
    if (receiver.mail.length === 0) return later('no-receiver', `the receiver ${receiver.name} has no mail address`)
    const parts = { ...taskOf(row, options), dedupKey: row.dedupKey }
    for (const limits of MAIL_SIZES) {
      const outcome = await send(row, { ...parts, limits }, receiver.mail)
      if (outcome !== 'too-large') return outcome
      metrics.add('hps_mails_cut_total')
    }
    return { kind: 'failed', reason: 'too-large', isPermanent: true, error: 'the server does not even take a mail without context' }
  }

  async function send(row: OutboxRow, parts: MailParts, addresses: readonly string[]): Promise<Delivery | 'too-large'> {
    const to = recipients.left(row.id, addresses)
    try {
      const raw = await buildMail(await composeMail(parts, { ...options, domain }), { from: config.from, to: addresses })
      const transport = await opening!
      const info = await transport.sendMail({ raw, envelope: envelopeOf(config, { to, sizeBytes: raw.length }), signal: AbortSignal.timeout(timing.mailMs) })
      return settle(row, { took: info.accepted.map(String), refusals: refusalsOf(info.rejectedErrors), reply: info.response })
    } catch (error) {
      if (isTooLarge(error)) return 'too-large'
      const refusals = refusedAll(error)
      return refusals.length === 0 ? failureOf(error) : settle(row, { took: [], refusals, reply: '' })
    }
  }

  /** Every recipient was taken or refused: those that were put off are tried again, alone. */
  function settle(row: OutboxRow, { took, refusals, reply }: { readonly took: readonly string[]; readonly refusals: readonly Refusal[]; readonly reply: string }): Delivery {
    for (const { isPermanent } of refusals) metrics.add('hps_mail_recipients_refused_total', { kind: isPermanent ? 'for-good' : 'for-now' })
    recipients.note(row.id, { took, refusals })
    const { took: all, refused } = recipients.settled(row.id)
    const putOff = refusals.filter(({ isPermanent }) => !isPermanent)
    if (putOff.length > 0) {
      const who = putOff.map((refusal) => `${refusal.address}: ${refusal.reply}`).join('; ')
      return later('refused-later', all.length === 0 ? who : `${who} (taken for: ${all.join(', ')})`)
    }
    recipients.forget(row.id)
    if (all.length === 0) return { kind: 'failed', reason: 'refused', isPermanent: true, error: refused.join('; ') }
    return { kind: 'sent', reply: refused.length === 0 ? reply : `${reply} (refused: ${refused.join('; ')})` }
  }

  return {
    deliver,
    tryOut: (name, by) => tryMail({ ...options, domain, timing, name, by }),
    close: () => void opening?.then((transport) => transport.close({ force: true })),
  }
}
