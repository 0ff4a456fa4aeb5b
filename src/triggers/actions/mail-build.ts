import type { MailConfig } from '../config.ts'
import type { ComposedMail } from './mail-compose.ts'

/** The bytes of a mail as they go over the wire: ASCII only, whatever is in it (RFC 2045, RFC 2047), so that any server takes it, and with the line ends that are counted. */
export async function buildMail(mail: ComposedMail, { from, to }: { readonly from: MailConfig['from']; readonly to: readonly string[] }): Promise<Buffer> {
  const { default: MailComposer } = await import('nodemailer/lib/mail-composer')
  const composer = new MailComposer({ ...mail, headers: { ...mail.headers }, from, to: [...to], newline: 'windows', disableFileAccess: true, disableUrlAccess: true })
  return composer.compile().build()
}
