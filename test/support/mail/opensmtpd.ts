import { chmodSync, chownSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { anAuthority, writeCertificate } from '../certificates.ts'
import { freePort, startChild, until } from '../child.ts'
import { unpacked } from '../peers/unpacked.ts'
import { listens, readMaildir } from './maildir.ts'
import type { MailPeer } from './peer.ts'

/** Accounts of its own; its program has their names and its folders built in. */
const ACCOUNTS = [['opensmtpd', 61001], ['opensmtpq', 61002], ['mailbox', 61003]] as const
const MAILBOX_ID = 61003

/**
 * Debian's OpenSMTPD, unpacked, in a mount namespace of its own, where it finds the accounts and folders that are built into it.
 * It offers STARTTLS and then fails: its version 6.8.0p2 cannot sign with OpenSSL 3 (OpenSMTPD issue 1171).
 */
export async function startOpenSmtpd(): Promise<MailPeer> {
  const root = await unpacked('opensmtpd')
  const folder = mkdtempSync(join(tmpdir(), 'hps-opensmtpd-'))
  chmodSync(folder, 0o755)
  const mail = join(folder, 'mail')
  mkdirSync(mail)
  chownSync(mail, MAILBOX_ID, MAILBOX_ID)
  for (const [file, tail] of [['passwd', (id: number) => `:x:${id}:${id}::${folder}:/bin/sh`], ['group', (id: number) => `:x:${id}:`]] as const) {
    writeFileSync(join(folder, file), `${readFileSync(`/etc/${file}`, 'utf8')}${ACCOUNTS.map(([name, id]) => `${name}${tail(id)}\n`).join('')}`)
  }
  const authority = anAuthority('Lab')
  const { certificate_file: certificate, key_file: key } = writeCertificate(folder, 'mail', authority.issue({ name: 'localhost' }))
  chmodSync(key, 0o600)
  const caFile = join(folder, 'ca.pem')
  writeFileSync(caFile, authority.certificate)
  const port = await freePort()
  writeFileSync(join(folder, 'smtpd.conf'), `
pki mail cert "${certificate}"
pki mail key "${key}"
table people { "ops@example.org" = mailbox }
filter grey phase rcpt-to match rcpt-to { "grey@example.org" } reject "451 4.7.1 greylisted, come again"
smtp max-message-size "20K"
listen on 127.0.0.1 port ${port} hostname mail.lab.test tls pki mail filter grey
action in maildir "${mail}" virtual <people>
match from any for domain example.org action in
`)
  writeFileSync(join(folder, 'run.sh'), `set -e
mount --bind ${folder}/passwd /etc/passwd
mount --bind ${folder}/group /etc/group
for path in /var/spool /var/lib /run /usr/libexec; do mkdir -p $path; mount -t tmpfs -o mode=755 none $path; done
mkdir -p /var/lib/opensmtpd/empty
mkdir -m 711 /var/spool/smtpd
cp -r ${root}/usr/libexec/opensmtpd /usr/libexec/
exec ${root}/usr/sbin/smtpd -d -f ${folder}/smtpd.conf
`)
  const daemon = startChild('unshare', ['--mount', 'sh', join(folder, 'run.sh')])
  await until('opensmtpd to listen', async () => {
    if (!daemon.running()) throw new Error(`opensmtpd ended:\n${daemon.output()}`)
    return listens(port)
  })
  return {
    port, caFile, log: () => daemon.output(), mails: () => readMaildir(mail),
    know() { throw new Error('what this one refuses it refuses for ever') },
    async [Symbol.asyncDispose]() {
      await daemon.stop()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}
