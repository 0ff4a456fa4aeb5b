import type { FailureReason } from '../metrics.ts'
import type { Delivery } from '../outbox/outbox.ts'

export const later = (reason: FailureReason, error: string): Delivery => ({ kind: 'failed', reason, isPermanent: false, error })

/** What nodemailer says of a failure. */
interface SmtpError extends Error {
  readonly code?: string
  readonly responseCode?: number
  readonly response?: string
  readonly command?: string
  readonly recipient?: string
  readonly rejectedErrors?: readonly SmtpError[]
}

/** One recipient that was refused, and whether it is for good. */
export interface Refusal {
  readonly address: string
  readonly isPermanent: boolean
  readonly reply: string
}

/**
 * Whether the server will say the same next time. 5yz about the envelope or the message will not change (RFC 5321 section 4.2.1), but: 503 means that
 * the conversation was at fault, 530 that the hub has to log in or to encrypt (a setting), and 552 to a recipient that its mailbox is full or that there were too
 * many of them, which is to be taken as temporary (RFC 5321 section 4.5.3.1.10).
 */
function isPermanent({ code = '', responseCode = 0, command }: SmtpError): boolean {
  if (!['EENVELOPE', 'EMESSAGE'].includes(code) || responseCode === 503 || responseCode === 530) return false
  if (code === 'EENVELOPE' && responseCode === 0) return true // an address that cannot be written in this protocol at all
  return responseCode >= 500 && !(responseCode === 552 && command === 'RCPT TO')
}

export const refusalsOf = (errors: readonly Error[] | undefined): readonly Refusal[] =>
  ((errors ?? []) as readonly SmtpError[]).map((error) => ({ address: error.recipient ?? '', isPermanent: isPermanent(error), reply: error.response ?? error.message }))

/** Recipients that were refused when all of them were. */
export const refusedAll = (error: unknown): readonly Refusal[] => (error instanceof Error ? refusalsOf((error as SmtpError).rejectedErrors as readonly Error[] | undefined) : [])

/** The server takes smaller mails only: it said so before (RFC 1870: its limit is known), or when it saw the size (552, 5.3.4). */
export function isTooLarge(error: unknown): boolean {
  if (!(error instanceof Error)) return false
  const { code, responseCode, command, response = '', message } = error as SmtpError
  if (code === 'EMESSAGE' && responseCode === undefined) return message.startsWith('Message size larger than allowed')
  return (responseCode === 552 && command !== 'RCPT TO') || /\b5\.3\.4\b/.test(response)
}

/** A try that failed, in the words of the outbox. */
export function failureOf(error: unknown): Delivery {
  if (!(error instanceof Error)) return later('failed', String(error))
  return { kind: 'failed', reason: reasonOf(error), isPermanent: isPermanent(error), error: error.message }
}

function reasonOf(error: SmtpError): FailureReason {
  const { code = '', responseCode = 0 } = error
  if (code === 'EAUTH' || code === 'ENOAUTH' || responseCode === 530) return 'login'
  if (code === 'ETIMEDOUT' || code === 'EABORT') return 'timeout'
  if (isTooLarge(error)) return 'too-large'
  if (code === 'ETLS' || /certificate|self[- ]signed|SSL|TLS|altnames/i.test(error.message)) return responseCode >= 400 ? refusedBy(responseCode) : 'tls'
  if (responseCode >= 400) return refusedBy(responseCode)
  if (code === 'EENVELOPE') return 'refused'
  return ['ECONNECTION', 'EDNS', 'ESOCKET', 'EPROTOCOL'].includes(code) ? 'unreachable' : 'failed'
}
const refusedBy = (responseCode: number): FailureReason => (responseCode >= 500 ? 'refused' : 'refused-later')
