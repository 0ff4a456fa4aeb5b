import { readFileSync } from 'node:fs'
import type { MailConfig } from '../config.ts'
import { addressOf } from './mail-address.ts'

/** How long the server may take. Only tests have others. */
export interface MailTiming {
  readonly connectMs: number
  /** Until its greeting: some wait on purpose. */
  readonly greetingMs: number
  /** Until any other answer. RFC 5321 section 4.5.3.2.6 would wait ten minutes for the last one: a hub that gives up sooner than the server sends a mail twice. */
  readonly answerMs: number
  /** For one mail in all: a server that sends a byte now and then keeps no mail for ever. */
  readonly mailMs: number
}
export const MAIL_TIMING: MailTiming = { connectMs: 10_000, greetingMs: 30_000, answerMs: 120_000, mailMs: 300_000 }

const MAX_CONNECTIONS = 2
/** Servers bound the mails of one connection, usually at 100 and above. */
const MAX_MAILS_A_CONNECTION = 100
/** A server that closes connections in the middle: tried again at once so often, then by the outbox. */
const MAX_REQUEUES = 2

/** Options for nodemailer. @throws when the password or the authorities cannot be read */
export function smtpSettings(config: MailConfig, { host, timing }: { readonly host: string; readonly timing: MailTiming }) {
  const { tls, user, password_file: passwordFile, ca_file: caFile, client_name: name } = config
  const pass = passwordFile === undefined ? '' : readFileSync(passwordFile, 'utf8').trimEnd()
  // Encryption that was only offered is better than none even with a certificate nobody knows, but not good enough for a password, which is never sent without.
  const isDemanded = tls === 'starttls' || (tls === 'starttls-if-offered' && user !== undefined)
  const isVerified = tls !== 'starttls-if-offered' || user !== undefined || caFile !== undefined
  return {
    host, port: config.port, ...(name === undefined ? {} : { name }),
    secure: tls === 'implicit', requireTLS: isDemanded, ignoreTLS: tls === 'none', opportunisticTLS: tls === 'starttls-if-offered' && user === undefined,
    tls: { rejectUnauthorized: isVerified, ...(caFile === undefined ? {} : { ca: readFileSync(caFile, 'utf8') }) },
    // A server that offers no login would otherwise get the mail without one.
    ...(user === undefined ? {} : { auth: { user, pass }, forceAuth: true }),
    connectionTimeout: timing.connectMs + timing.greetingMs, greetingTimeout: timing.greetingMs, dnsTimeout: timing.connectMs, socketTimeout: timing.answerMs,
    disableFileAccess: true, disableUrlAccess: true,
  }
}

export const poolSettings = (config: MailConfig, where: Parameters<typeof smtpSettings>[1]) => ({
  ...smtpSettings(config, where), pool: true as const, maxConnections: MAX_CONNECTIONS, maxMessages: MAX_MAILS_A_CONNECTION, maxRequeues: MAX_REQUEUES,
})

/** Sender and recipients of the envelope, with the size (RFC 1870), so that a server need not read what it will not take. */
export const envelopeOf = (config: Pick<MailConfig, 'from' | 'envelope_from'>, { to, sizeBytes }: { readonly to: readonly string[]; readonly sizeBytes: number }) => ({
  from: config.envelope_from === '<>' ? '' : (config.envelope_from ?? addressOf(config.from)), to: [...to], size: sizeBytes,
})
