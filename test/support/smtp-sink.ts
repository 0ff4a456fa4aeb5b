import { SMTPServer } from 'smtp-server'
import type { AddressInfo } from 'node:net'

/** An SMTP server that accepts everything and keeps it. */
export interface SmtpSink extends AsyncDisposable {
  readonly port: number
  readonly mails: readonly string[]
}

export async function startSmtpSink(): Promise<SmtpSink> {
  const mails: string[] = []
  const server = new SMTPServer({
    authOptional: true,
    disabledCommands: ['STARTTLS'],
    onData(stream, _session, done) {
      const chunks: Buffer[] = []
      stream.on('data', (chunk: Buffer) => void chunks.push(chunk))
      stream.on('end', () => {
        mails.push(Buffer.concat(chunks).toString())
        done()
      })
    },
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    port: (server.server.address() as AddressInfo).port,
    mails,
    [Symbol.asyncDispose]: () => new Promise((resolve) => server.close(() => resolve())),
  }
}
