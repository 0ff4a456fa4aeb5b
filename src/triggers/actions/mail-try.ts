import { printable } from '#base/text.ts'
import type { MailConfig } from '../config.ts'
import type { Delivery } from '../outbox/outbox.ts'
import type { Routes } from '../routes/routes.ts'
import { buildMail } from './mail-build.ts'
import { composeMail, MAIL_SIZES, type ComposeOptions } from './mail-compose.ts'
import { failureOf, later, refusalsOf, refusedAll, type Refusal } from './mail-failure.ts'
import { envelopeOf, smtpSettings, type MailTiming } from './mail-smtp.ts'
import { tlsFacts, type TlsFacts } from './mail-tls.ts'

/** What a test mail showed: all that is needed to see why mails do not come. */
export interface MailTrial {
  readonly receiver: string
  readonly addresses: readonly string[]
  readonly server: string
  readonly outcome: Delivery
  /** Addresses that the server took, and those that it refused with its answer. */
  readonly accepted: readonly string[]
  readonly refused: readonly Refusal[]
  /** What the server said that it can do (EHLO, after encryption). */
  readonly capabilities: readonly string[]
  /** undefined: not encrypted. */
  readonly tls: TlsFacts | undefined
  readonly messageId: string
  readonly tookMs: number
  /** What was said, in order, without passwords and without the mail itself. `hub`: a remark, e.g. of a connection. */
  readonly dialogue: readonly { readonly who: 'hub' | 'client' | 'server'; readonly text: string }[]
}

export interface TryOptions extends ComposeOptions {
  readonly config: MailConfig
  readonly routes: () => Routes
  readonly clock: () => number
  readonly timing: MailTiming
  readonly hubName: string
  /** Receiver, and who asks. */
  readonly name: string
  readonly by: string
}

/** Lines of a dialogue that are kept; a server that says more has something to hide. */
const MAX_LINES = 200
const MAX_LINE_CHARACTERS = 1000

/** Sends a test mail to a receiver and tells what was said. Undefined: there is no such receiver, or it has no mail address. */
export async function tryMail(options: TryOptions): Promise<MailTrial | undefined> {
  const { config, routes, clock, name, by, hubName, domain } = options
  const receiver = routes().receiver(name)
  if (receiver === undefined || receiver.mail.length === 0) return undefined
  const startMs = clock()
  const mail = await composeMail({ story: { kind: 'test', receiver: receiver.name, atMs: startMs, by, hub: hubName }, dedupKey: `test ${receiver.name} ${startMs}`, threads: [], limits: MAIL_SIZES[0]! }, { ...options, domain })
  const raw = await buildMail(mail, { from: config.from, to: receiver.mail })
  const spoken = config.host === undefined ? undefined : await converse({ ...options, host: config.host, raw, to: receiver.mail })
  const none = { outcome: later('not-configured', 'no SMTP server is configured (mail.host)'), accepted: [], refused: [], capabilities: [], tls: undefined, dialogue: [] }
  return { receiver: receiver.name, addresses: receiver.mail, server: config.host === undefined ? '' : `${config.host}:${config.port}`, ...(spoken ?? none), messageId: mail.messageId, tookMs: clock() - startMs }
}

type Spoken = Pick<MailTrial, 'outcome' | 'accepted' | 'refused' | 'capabilities' | 'tls' | 'dialogue'>

/** One conversation, from the connection to QUIT. */
async function converse({ config, host, timing, raw, to }: TryOptions & { readonly host: string; readonly raw: Buffer; readonly to: readonly string[] }): Promise<Spoken> {
  const { default: SMTPConnection } = await import('nodemailer/lib/smtp-connection')
  const dialogue: { who: 'hub' | 'client' | 'server'; text: string }[] = []
  const settings = smtpSettings(config, { host, timing })
  const connection = new SMTPConnection({ ...settings, transactionLog: true, logger: listener(dialogue) })
  const deadline = setTimeout(() => connection.close(), timing.mailMs)
  let tls: TlsFacts | undefined
  try {
    await new Promise<void>((resolve, reject) => {
      connection.once('error', reject)
      connection.once('end', () => reject(Object.assign(new Error('Connection closed'), { code: 'ECONNECTION' })))
      connection.connect((error) => (error ? reject(error) : resolve()))
    })
    tls = tlsFacts(connection._socket)
    const info = await new Promise<Awaited<ReturnType<typeof sendOn>>>((resolve, reject) => {
      connection.once('error', reject)
      connection.once('end', () => reject(Object.assign(new Error('Connection closed'), { code: 'ECONNECTION' })))
      login().then(() => sendOn()).then(resolve, reject)
    })
    const refused = refusalsOf(info.rejectedErrors)
    return { outcome: { kind: 'sent', reply: info.response }, accepted: info.accepted.map(String), refused, capabilities: capabilitiesOf(dialogue), tls, dialogue }
  } catch (error) {
    return { outcome: failureOf(error), accepted: [], refused: refusedAll(error), capabilities: capabilitiesOf(dialogue), tls, dialogue }
  } finally {
    clearTimeout(deadline)
    connection.removeAllListeners('error').on('error', () => undefined) // what comes after the outcome changes nothing
    connection.quit()
  }

  function login(): Promise<void> {
    if (settings.auth === undefined) return Promise.resolve()
    return new Promise((resolve, reject) => connection.login(settings.auth, (error) => (error ? reject(error) : resolve())))
  }
  function sendOn() {
    return new Promise<{ readonly response: string; readonly accepted: readonly unknown[]; readonly rejectedErrors?: readonly Error[] | undefined }>((resolve, reject) =>
      connection.send(envelopeOf(config, { to, sizeBytes: raw.length }), raw, (error, info) => (error || info === undefined ? reject(error ?? new Error('no answer')) : resolve(info))))
  }
}

/** nodemailer logs each line with who said it; passwords are left out by itself. */
function listener(dialogue: { who: 'hub' | 'client' | 'server'; text: string }[]) {
  const log = (entry: unknown, message?: unknown, ...values: unknown[]): void => {
    if (dialogue.length >= MAX_LINES || typeof entry !== 'object' || entry === null) return
    const { tnx } = entry as { readonly tnx?: string }
    if (tnx !== 'client' && tnx !== 'server' && tnx !== 'network') return
    let at = 0
    const text = String(message).replace(/%s/g, () => String(values[at++]))
    for (const line of text.split(/\r?\n/)) dialogue.push({ who: tnx === 'network' ? 'hub' : tnx, text: printable(line).slice(0, MAX_LINE_CHARACTERS) })
  }
  return { trace: log, debug: log, info: log, warn: log, error: log, fatal: log }
}

/** The lines of the last answer to EHLO but its greeting. */
function capabilitiesOf(dialogue: Spoken['dialogue']): readonly string[] {
  const at = dialogue.findLastIndex(({ who, text }) => who === 'client' && text.startsWith('EHLO '))
  if (at < 0) return []
  const answer: string[] = []
  for (const { who, text } of dialogue.slice(at + 1)) {
    if (who !== 'server' || !text.startsWith('250')) break
    answer.push(text.slice(4))
  }
  return answer.slice(1)
}
