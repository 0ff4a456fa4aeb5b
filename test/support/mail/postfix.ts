import { chmodSync, chownSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { anAuthority, writeCertificate } from '../certificates.ts'
import { freePort, run, startChild, until } from '../child.ts'
import { unpacked } from '../peers/unpacked.ts'
import { listens, readMaildir } from './maildir.ts'
import type { MailPeer } from './peer.ts'

/** An account that exim's package makes; postfix asks for one that nobody else uses. */
const OWNER = 'Debian-exim'
const QUEUES = ['active', 'bounce', 'corrupt', 'defer', 'deferred', 'flush', 'hold', 'incoming', 'maildrop', 'pid', 'private', 'public', 'saved', 'trace']

/** Debian's postfix, unpacked, with its own queue, configuration and port in a temporary folder. It says 421 to connections that are idle for two seconds. */
export async function startPostfix(): Promise<MailPeer> {
  const root = await unpacked('postfix')
  const folder = mkdtempSync(join(tmpdir(), 'hps-postfix-'))
  chmodSync(folder, 0o755)
  const [conf, spool, data, mail] = ['conf', 'spool', 'data', 'mail'].map((name) => join(folder, name)) as [string, string, string, string]
  const id = async (...args: readonly string[]): Promise<number> => Number((await run('id', args)).output)
  const [uid, gid, mailGid] = [await id('-u', OWNER), await id('-g', OWNER), Number((await run('getent', ['group', 'mail'])).output.split(':')[2])]
  for (const path of [conf, spool, data, mail, ...QUEUES.map((name) => join(spool, name))]) mkdirSync(path)
  for (const path of [data, mail, ...QUEUES.map((name) => join(spool, name))]) chownSync(path, uid, gid)
  for (const [name, mode] of [['maildrop', 0o730], ['public', 0o710]] as const) {
    chownSync(join(spool, name), uid, mailGid)
    chmodSync(join(spool, name), mode)
  }
  chownSync(join(spool, 'pid'), 0, 0)
  const authority = anAuthority('Lab')
  const files = writeCertificate(folder, 'mail', authority.issue({ name: 'localhost' }))
  const caFile = join(folder, 'ca.pem')
  writeFileSync(caFile, authority.certificate)
  const port = await freePort()
  const known = join(conf, 'recipients')
  writeFileSync(join(conf, 'boxes'), '/^(ops|grey|jörg)@/ box/\n')
  writeFileSync(known, '/^grey@/ 450 4.2.0 greylisted, come again\n/^full@/ 452 4.2.2 mailbox full\n/^busy@/ 421 4.3.2 too busy, closing\n')
  writeFileSync(join(conf, 'headers'), '/^Subject:.*refuse this/ REJECT not in this house\n')
  writeFileSync(join(conf, 'main.cf'), mainCf({ root, folder, spool, data, mail, conf, uid, gid, ...files }))
  writeFileSync(join(conf, 'master.cf'), masterCf(port))
  const master = startChild(join(root, 'usr/lib/postfix/sbin/master'), ['-c', conf, '-d'], { env: { LD_LIBRARY_PATH: join(root, 'usr/lib/postfix'), MAIL_CONFIG: conf } })
  const log = (): string => readFileSync(join(folder, 'log'), 'utf8')
  await until('postfix to listen', async () => {
    if (!master.running()) throw new Error(`postfix ended:\n${master.output()}`)
    return listens(port)
  })
  return {
    port, caFile, log,
    mails: () => readMaildir(join(mail, 'box')),
    know: () => writeFileSync(known, ''),
    async [Symbol.asyncDispose]() {
      await master.stop()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

interface Places { readonly root: string; readonly folder: string; readonly spool: string; readonly data: string; readonly mail: string; readonly conf: string; readonly uid: number; readonly gid: number; readonly certificate_file: string; readonly key_file: string }
const mainCf = ({ root, folder, spool, data, mail, conf, uid, gid, certificate_file: certificate, key_file: key }: Places): string => `
compatibility_level = 3.6
queue_directory = ${spool}
data_directory = ${data}
command_directory = ${root}/usr/sbin
daemon_directory = ${root}/usr/lib/postfix/sbin
shlib_directory = ${root}/usr/lib/postfix
import_environment = MAIL_CONFIG LANG=C LD_LIBRARY_PATH
mail_owner = ${OWNER}
setgid_group = mail
default_privs = nobody
maillog_file_prefixes = ${folder}
maillog_file = ${folder}/log
myhostname = mail.lab.test
mydestination =
alias_maps =
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
mynetworks = 127.0.0.0/8
virtual_mailbox_domains = example.org
virtual_mailbox_base = ${mail}
virtual_mailbox_maps = regexp:${conf}/boxes
virtual_uid_maps = static:${uid}
virtual_gid_maps = static:${gid}
virtual_minimum_uid = 1
smtpd_recipient_restrictions = check_recipient_access regexp:${conf}/recipients, permit_mynetworks, reject
header_checks = regexp:${conf}/headers
message_size_limit = 20000
virtual_mailbox_limit = 0
smtpd_tls_security_level = may
smtpd_tls_cert_file = ${certificate}
smtpd_tls_key_file = ${key}
smtpd_timeout = 2s
smtpd_delay_reject = no
`
const masterCf = (port: number): string => `
127.0.0.1:${port} inet n - n - - smtpd
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
tlsmgr unix - - n 1000? 1 tlsmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
virtual unix - n n - - virtual
error unix - - n - - error
anvil unix - - n - 1 anvil
proxymap unix - - n - - proxymap
postlog unix-dgram n - n - 1 postlogd
`
