import { createServer, type AddressInfo, type Socket } from 'node:net'
import { SMTPServer, type SMTPServerOptions } from 'smtp-server'

/** A mail that a server took. */
export interface Taken {
  readonly raw: string
  readonly from: string
  readonly to: readonly string[]
  readonly isSecure: boolean
  readonly user: string | undefined
  /** Number of the connection it came on. */
  readonly connection: string
}

export interface TestServer extends AsyncDisposable {
  readonly port: number
  readonly mails: readonly Taken[]
  /** Connections so far. */
  readonly connections: () => number
  /** Ends every connection, as a server does with idle ones. */
  drop(): void
}

/** What a server refuses, by what it is asked for; undefined: it takes it. */
export interface Refusals {
  connect?(): Refused
  mail?(address: string): Refused
  rcpt?(address: string): Refused
  /** When all of the mail has come. */
  data?(): Refused
  auth?(user: string, password: string, method: string): Refused
}
type Refused = { readonly code: number; readonly text: string } | undefined

const asError = (refused: Refused): Error | null => (refused === undefined ? null : Object.assign(new Error(refused.text), { responseCode: refused.code }))

/** npm's smtp-server, which speaks the protocol as it should and refuses what it is told to. */
export async function startSmtpServer(refusals: Refusals = {}, options: SMTPServerOptions & { readonly greetAfterMs?: number; readonly answerAfterMs?: number } = {}): Promise<TestServer> {
  const mails: Taken[] = []
  const sockets = new Set<Socket>()
  let connections = 0
  const { greetAfterMs = 0, answerAfterMs = 0, ...rest } = options
  const server = new SMTPServer({
    authOptional: true, disabledCommands: options.cert === undefined ? ['STARTTLS'] : [], logger: false, closeTimeout: 100, allowInsecureAuth: true,
    onConnect: (_session, done) => void setTimeout(() => (connections++, done(asError(refusals.connect?.()))), greetAfterMs),
    onMailFrom: ({ address }, _session, done) => done(asError(refusals.mail?.(address))),
    onRcptTo: ({ address }, _session, done) => done(asError(refusals.rcpt?.(address))),
    onAuth({ username, password, method }, _session, done) {
      const refused = refusals.auth?.(username ?? '', password ?? '', method)
      if (refused === undefined) done(null, { user: username ?? '' })
      else done(asError(refused))
    },
    onData(stream, session, done) {
      const chunks: Buffer[] = []
      stream.on('data', (chunk: Buffer) => void chunks.push(chunk))
      stream.on('end', () => {
        const refused = stream.sizeExceeded ? { code: 552, text: '5.3.4 message too large' } : refusals.data?.()
        const { mailFrom, rcptTo } = session.envelope
        if (refused === undefined) mails.push({ raw: Buffer.concat(chunks).toString(), from: mailFrom === false ? '' : mailFrom.address, to: rcptTo.map(({ address }) => address), isSecure: session.secure, user: session.user, connection: session.id })
        setTimeout(() => done(asError(refused)), answerAfterMs)
      })
    },
    ...rest,
  })
  server.on('error', () => undefined) // clients that go away are what some tests are about
  server.server.on('connection', (socket: Socket) => {
    sockets.add(socket)
    socket.on('close', () => void sockets.delete(socket))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    port: (server.server.address() as AddressInfo).port, mails, connections: () => connections,
    drop: () => sockets.forEach((socket) => void socket.destroy()),
    // Ends its connections by itself within `closeTimeout`; a socket under a TLS one is not to be destroyed by hand.
    [Symbol.asyncDispose]: () => new Promise<void>((resolve) => server.close(resolve)),
  }
}

/** A server that speaks as the script says: what it answers to each line of a client, or what it does to the connection. */
export async function startScripted(greet: (socket: Socket) => void, answer: (line: string, socket: Socket) => void): Promise<{ readonly port: number; readonly lines: readonly string[] } & AsyncDisposable> {
  const lines: string[] = []
  const sockets = new Set<Socket>()
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    let rest = ''
    sockets.add(socket)
    socket.on('error', () => undefined)
    socket.on('close', () => void sockets.delete(socket))
    socket.on('data', (chunk) => {
      const parts = (rest + chunk.toString()).split('\r\n')
      rest = parts.pop()!
      for (const line of parts) {
        lines.push(line)
        answer(line, socket)
      }
    })
    greet(socket)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    port: (server.address() as AddressInfo).port, lines,
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy()
      await new Promise<void>((resolve) => server.close(() => resolve()))
    },
  }
}

/** Answers as any server would; to be called for lines that a script has no own answer to. */
export function answerAsUsual(line: string, socket: Socket): void {
  if (/^(?:EHLO|HELO)/.test(line)) socket.write('250 test\r\n')
  else if (/^(?:MAIL|RCPT|RSET)/.test(line)) socket.write('250 ok\r\n')
  else if (line === 'DATA') socket.write('354 go on\r\n')
  else if (line === '.') socket.write('250 taken\r\n')
  else if (line === 'QUIT') socket.end('221 bye\r\n')
}
