import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { run, startChild, until } from './child.ts'
import type { Rsyslog } from './senders.ts'

/** A real rsyslogd that sends over RELP, with a queue that goes to its disk while the hub is away. `options` belong to its omrelp action. */
export async function startRelpSender({ port, options = '' }: { readonly port: number; readonly options?: string }): Promise<Rsyslog> {
  const folder = mkdtempSync(join(tmpdir(), 'hps-omrelp-'))
  const socket = join(folder, 'log.sock')
  const config = join(folder, 'rsyslog.conf')
  const queue = 'queue.type="LinkedList" queue.filename="hub" queue.size="20000" queue.highwatermark="2000" queue.lowwatermark="200" queue.saveonshutdown="on" action.resumeRetryCount="-1" action.resumeInterval="1"'
  writeFileSync(config, `global(workDirectory="${folder}" localHostname="tch-relp")
module(load="imuxsock" sysSock.use="off")
module(load="omrelp")
input(type="imuxsock" socket="${socket}" createPath="on" useSpecialParser="on" ratelimit.interval="0")
action(type="omrelp" target="127.0.0.1" port="${port}" template="RSYSLOG_SyslogProtocol23Format" ${queue} ${options})
`)
  const check = await run('/usr/sbin/rsyslogd', ['-N1', '-f', config])
  if (check.code !== 0) throw new Error(`rsyslogd refuses its configuration: ${check.output}`)
  const child = startChild('/usr/sbin/rsyslogd', ['-n', '-f', config, '-i', join(folder, 'pid')])
  await until('rsyslogd to listen', async () => {
    if (!child.running()) throw new Error(child.output())
    return (await run('logger', ['--socket', socket, '--socket-errors=on', '-t', 'probe', 'rsyslogd is up'])).code === 0
  })
  return {
    child,
    socket,
    async [Symbol.asyncDispose]() {
      await child.stop()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}
