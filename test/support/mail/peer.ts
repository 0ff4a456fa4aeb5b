import type { ParsedMail } from 'mailparser'

/** A mail server of somebody else that was started for a test. */
export interface MailPeer extends AsyncDisposable {
  readonly port: number
  /** The authority of its certificate, which is for `localhost`. */
  readonly caFile: string
  log(): string
  /** Mails that were delivered, in order. */
  mails(): Promise<readonly ParsedMail[]>
  /** `grey@…` is refused for now until then. */
  know(): void
}
