import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import type { StoredMessage } from '#domain/message.ts'
import type { Renderer } from '#render/index.ts'
import type { OutboxRow } from '#store/index.ts'
import type { MailConfig } from '../config.ts'
import type { FailureReason } from '../metrics.ts'
import type { Notice } from '../notice.ts'
import type { Delivery } from '../outbox/outbox.ts'
import type { Routes } from '../routes.ts'
import { MAIL_HTML, MAIL_TEXT } from './mail-templates.ts'
import { mailView } from './mail-view.ts'

export interface MailOptions {
  readonly config: MailConfig
  readonly routes: () => Routes
  readonly renderer: Renderer
  /** Messages around one, of the same node, oldest first; the log store's `context`. */
  readonly context: (seq: number, range: { readonly before: number; readonly after: number; readonly nodeId: number }) => Promise<readonly StoredMessage[]>
  /** First row of an alert to a receiver, which later mails answer. */
  readonly firstOf: (alertId: number, receiver: string) => Pick<OutboxRow, 'id' | 'dedupKey'> | undefined
  /** Base of links in mails; undefined: no links. */
  readonly publicUrl: string | undefined
}

export interface MailChannel {
  readonly deliver: (row: OutboxRow) => Promise<Delivery>
  /** Ends idle connections, and those that are sending too: what is not sent is sent after the next start. */
  close(): void
}

const CONNECT_TIMEOUT_MS = 10_000
const SOCKET_TIMEOUT_MS = 30_000
const MAX_CONNECTIONS = 2

/** Mails by SMTP. @throws when the password file cannot be read */
export function createMailChannel(options: MailOptions): MailChannel {
  const { config, routes } = options
  const settings = config.host === undefined ? undefined : transportOptions(config, config.host)
  // a hub that sends no mail does without the eight megabytes that this takes
  const opening = settings === undefined ? undefined : import('nodemailer').then(({ createTransport }) => createTransport(settings))
  const domain = /@([^\s<>@]+)>?\s*$/.exec(config.from)?.[1] ?? 'localhost'

  async function deliver(row: OutboxRow): Promise<Delivery> {
    if (opening === undefined) return later('not-configured', 'no SMTP server is configured (mail.host)')
    const receiver = routes().receiver(row.receiver)
    if (receiver === undefined) return later('no-receiver', `there is no receiver ${row.receiver} and no default one in the routes`)
    const mail = await composeMail(row, { ...options, domain })
    try {
      const transport = await opening
      const info = await transport.sendMail({ ...mail, from: config.from, to: [...receiver.mail] })
      const rejected = info.rejected.map(String)
      return { kind: 'sent', reply: rejected.length === 0 ? info.response : `${info.response} (refused: ${rejected.join(', ')})` }
    } catch (error) {
      return failure(error)
    }
  }

  return { deliver, close: () => void opening?.then((transport) => transport.close({ force: true })) }
}

function transportOptions(config: MailConfig, host: string) {
  const { user, password_file: passwordFile } = config
  const pass = passwordFile === undefined ? '' : readFileSync(passwordFile, 'utf8').trimEnd()
  return {
    pool: true as const, host, port: config.port, maxConnections: MAX_CONNECTIONS, maxMessages: 100,
    secure: config.tls === 'implicit', requireTLS: config.tls === 'starttls', ignoreTLS: config.tls === 'none', opportunisticTLS: config.tls === 'starttls-if-offered',
    // Encryption that was only offered is better than none even with a certificate nobody knows, but not good enough for a password.
    tls: { rejectUnauthorized: config.tls !== 'starttls-if-offered' || user !== undefined },
    ...(user === undefined ? {} : { auth: { user, pass } }),
    connectionTimeout: CONNECT_TIMEOUT_MS, greetingTimeout: CONNECT_TIMEOUT_MS, socketTimeout: SOCKET_TIMEOUT_MS,
    disableFileAccess: true, disableUrlAccess: true,
  }
}

export interface ComposeOptions extends Pick<MailOptions, 'renderer' | 'context' | 'firstOf' | 'publicUrl'> {
  /** Right side of message ids. */
  readonly domain: string
}

/** The mail of an outbox row without sender and receiver. The same row always gives the same Message-ID (RFC 5322 section 3.6.4), so that a second copy can be told as one. */
export async function composeMail(row: Pick<OutboxRow, 'id' | 'dedupKey' | 'receiver' | 'payload' | 'alertId'>, options: ComposeOptions) {
  const { renderer, domain, publicUrl } = options
  const notice = JSON.parse(row.payload) as Notice
  const around = await contextOf(notice, options)
  const view = mailView({ notice, ...around, link: publicUrl === undefined ? undefined : `${publicUrl.replace(/\/+$/, '')}/#/message/${notice.seq}` })
  const first = row.alertId === undefined ? undefined : options.firstOf(row.alertId, row.receiver)
  const isAnswer = first !== undefined && first.id !== row.id
  return {
    messageId: messageId(row.dedupKey, domain),
    ...(isAnswer ? { inReplyTo: messageId(first.dedupKey, domain), references: messageId(first.dedupKey, domain) } : {}),
    subject: headerText(`[${notice.severity.toUpperCase()}] ${notice.title}`),
    text: renderer.compile({ source: MAIL_TEXT, medium: 'mail', name: 'mail text' })(view),
    html: renderer.compile({ source: MAIL_HTML, medium: 'html', name: 'mail html' })(view),
    headers: {
      'Auto-Submitted': 'auto-generated', // RFC 3834 section 5
      'X-Auto-Response-Suppress': 'All',
      'List-Id': `HPS hub alerts <alerts.${domain}>`, // RFC 2919
      'X-HPS-Rule': headerText(notice.rule),
      'X-HPS-Severity': notice.severity,
      'X-HPS-Node': headerText(notice.node),
    },
    ...(notice.severity === 'critical' ? { priority: 'high' as const } : {}),
  }
}

async function contextOf(notice: Notice, { context }: Pick<MailOptions, 'context'>): Promise<{ readonly context: readonly StoredMessage[]; readonly contextNote: string | undefined }> {
  const { seq, before, after, nodeId } = notice
  try {
    return { context: await context(seq, { before, after, nodeId }), contextNote: undefined }
  } catch (error) {
    return { context: [], contextNote: `the messages around it could not be read: ${String(error)}` }
  }
}

const messageId = (key: string, domain: string): string => `<${createHash('sha256').update(key).digest('hex').slice(0, 40)}@${domain}>`

/** One line without control characters: a header cannot be ended by what a log line says. */
const headerText = (text: string): string =>
  // oxlint-disable-next-line no-control-regex -- control characters are what is removed
  text.replace(/[\u0000-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]+/g, ' ').trim()

const later = (reason: FailureReason, error: string): Delivery => ({ kind: 'failed', reason, isPermanent: false, error })

/** 5yz about the envelope or the message itself will not change; all else may (RFC 5321 section 4.2.1). */
function failure(error: unknown): Delivery {
  if (!(error instanceof Error)) return later('failed', String(error))
  const { code = '', responseCode = 0 } = error as Error & { readonly code?: string; readonly responseCode?: number }
  const isPermanent = responseCode >= 500 && ['EENVELOPE', 'EMESSAGE'].includes(code)
  return { kind: 'failed', reason: reasonOf(code, responseCode), isPermanent, error: error.message }
}

function reasonOf(code: string, responseCode: number): FailureReason {
  if (code === 'EAUTH' || code === 'ENOAUTH' || code === 'EOAUTH2') return 'login'
  if (code === 'ETIMEDOUT') return 'timeout'
  if (responseCode >= 500) return 'refused'
  if (responseCode >= 400) return 'refused-later'
  return ['ECONNECTION', 'EDNS', 'ESOCKET', 'ETLS', 'ECONNREFUSED', 'ECONNRESET', 'EHOSTUNREACH', 'ENOTFOUND'].includes(code) ? 'unreachable' : 'failed'
}
