import { chmodSync, chownSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { simpleParser, type ParsedMail } from 'mailparser'
import { anAuthority, writeCertificate } from '../certificates.ts'
import { freePort, run, startChild, until, type Child } from '../child.ts'

/** Debian's exim with its own configuration, ports and spool in a temporary folder; what it takes it puts into a Maildir. It ends idle connections after two seconds, as servers do sooner or later. */
export interface Exim extends AsyncDisposable {
  /** STARTTLS, and a login where there is encryption. */
  readonly port: number
  /** TLS from the first byte. */
  readonly tlsPort: number
  readonly caFile: string
  readonly passwordFile: string
  readonly folder: string
  /** Mails that were delivered, as they arrived. */
  mails(): Promise<readonly ParsedMail[]>
  log(): string
  /** `grey@…` is refused for now until somebody says that it is known. */
  know(): void
  start(): Promise<void>
  stop(): Promise<void>
}

const USER = 'Debian-exim'
export const LOGIN = { user: 'hub', password: 'correct horse: battery' } as const

export interface EximSettings { readonly maxBytes?: number }

/** A place for it; `start` runs it. */
export async function placeExim({ maxBytes = 50_000_000 }: EximSettings = {}): Promise<Exim> {
  const folder = mkdtempSync(join(tmpdir(), 'hps-exim-'))
  const [port, tlsPort] = [await freePort(), await freePort()]
  const { output } = await run('id', ['-u', USER])
  const group = await run('id', ['-g', USER])
  const [uid, gid] = [Number(output), Number(group.output)]
  const authority = anAuthority('Lab')
  const files = writeCertificate(folder, 'mail', authority.issue({ name: 'localhost' }))
  writeFileSync(join(folder, 'ca.pem'), authority.certificate)
  writeFileSync(join(folder, 'password'), `${LOGIN.password}\n`)
  for (const name of ['spool', 'mail']) mkdirSync(join(folder, name))
  for (const path of ['', 'spool', 'mail', 'mail.pem', 'mail.key']) chownSync(join(folder, path), uid, gid)
  chmodSync(folder, 0o755)
  const config = join(folder, 'exim.conf')
  writeFileSync(config, configuration({ folder, port, tlsPort, maxBytes, files }))
  let child: Child | undefined
  const inbox = join(folder, 'mail', 'new')
  /** In the order in which they were seen: a clock that is set back must not change it. */
  const seen: string[] = []
  return {
    port, tlsPort, folder, caFile: join(folder, 'ca.pem'), passwordFile: join(folder, 'password'),
    mails() {
      if (existsSync(inbox)) for (const name of readdirSync(inbox).toSorted((a, b) => arrivedAt(a) - arrivedAt(b))) if (!seen.includes(name)) seen.push(name)
      return Promise.all(seen.map((name) => simpleParser(readFileSync(join(inbox, name)))))
    },
    log: () => readdirSync(join(folder, 'spool')).filter((name) => name.endsWith('log')).map((name) => readFileSync(join(folder, 'spool', name), 'utf8')).join(''),
    know: () => writeFileSync(join(folder, 'spool', 'known'), ''),
    async start() {
      const started = startChild('exim4', ['-C', config, '-bdf'])
      child = started
      await until('exim to listen', async () => {
        if (!started.running()) throw new Error(`exim ended:\n${started.output()}`)
        return (await listens(port)) && (await listens(tlsPort))
      })
    },
    async stop() {
      await child?.stop()
    },
    async [Symbol.asyncDispose]() {
      await child?.stop()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

/** Names of a Maildir begin with seconds and microseconds: `1795354950.H42P7.host`. */
const arrivedAt = (name: string): number => {
  const [, seconds, micros] = /^(\d+)\.H(\d+)/.exec(name) ?? []
  return Number(seconds) * 1e6 + Number(micros)
}

const listens = (port: number): Promise<boolean> => new Promise((resolve) => {
  const socket = connect(port, '127.0.0.1', () => (socket.destroy(), resolve(true)))
  socket.on('error', () => resolve(false))
})

const configuration = ({ folder, port, tlsPort, maxBytes, files }: { readonly folder: string; readonly port: number; readonly tlsPort: number; readonly maxBytes: number; readonly files: { readonly certificate_file: string; readonly key_file: string } }): string => `
primary_hostname = mail.lab.test
spool_directory = ${folder}/spool
log_file_path = ${folder}/spool/%slog
pid_file_path = ${folder}/spool/pid
keep_environment =
local_interfaces = 127.0.0.1
daemon_smtp_ports = ${port} : ${tlsPort}
tls_on_connect_ports = ${tlsPort}
tls_advertise_hosts = *
tls_certificate = ${files.certificate_file}
tls_privatekey = ${files.key_file}
auth_advertise_hosts = \${if def:tls_in_cipher{*}}
smtputf8_advertise_hosts = *
host_lookup =
rfc1413_query_timeout = 0s
smtp_receive_timeout = 2s
message_size_limit = ${maxBytes}
acl_smtp_rcpt = recipients
acl_smtp_data = accept
begin acl
recipients:
  deny local_parts = gone
       message = no such user here
  defer local_parts = grey
        condition = \${if exists{${folder}/spool/known}{no}{yes}}
        message = greylisted, come again
  deny local_parts = members
       !authenticated = *
       message = members write after a login only
  accept
begin routers
all:
  driver = accept
  transport = inbox
begin transports
inbox:
  driver = appendfile
  directory = ${folder}/mail
  maildir_format
  create_directory
  envelope_to_add
  return_path_add
  user = ${USER}
begin authenticators
plain:
  driver = plaintext
  public_name = PLAIN
  server_prompts = :
  server_condition = \${if and{{eq{$auth2}{${LOGIN.user}}}{eq{$auth3}{${LOGIN.password}}}}}
  server_set_id = $auth2
login:
  driver = plaintext
  public_name = LOGIN
  server_prompts = Username:: : Password::
  server_condition = \${if and{{eq{$auth1}{${LOGIN.user}}}{eq{$auth2}{${LOGIN.password}}}}}
  server_set_id = $auth1
`
