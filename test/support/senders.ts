import { createSocket } from 'node:dgram'
import { connect, type Socket } from 'node:net'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { run, startChild, until, type Child } from './child.ts'

/** Senders of syslog: util-linux `logger`, Debian's rsyslog, and bare sockets for bytes that neither would send. */

/** Runs `logger` once; fails when it does. */
export async function logger(args: readonly string[]): Promise<void> {
  const { code, output } = await run('logger', args)
  if (code !== 0) throw new Error(`logger ${args.join(' ')} ended with ${code}: ${output}`)
}

export interface Rsyslog extends AsyncDisposable {
  readonly child: Child
  /** The unix socket it listens on in place of /dev/log. */
  readonly socket: string
}

/** A real rsyslogd with its own folder and socket that forwards by `omfwd`. */
export const startRsyslog = (action: string): Promise<Rsyslog> => startRsyslogWith({ host: 'tch-rsyslog', modules: [], action: `type="omfwd" ${action}` })

/** The same with any one action and the output modules that it needs. */
export async function startRsyslogWith({ host, modules, action }: { readonly host: string; readonly modules: readonly string[]; readonly action: string }): Promise<Rsyslog> {
  const folder = mkdtempSync(join(tmpdir(), 'hps-rsyslog-'))
  const socket = join(folder, 'log.sock')
  const config = join(folder, 'rsyslog.conf')
  writeFileSync(config, `global(workDirectory="${folder}" localHostname="${host}")
${['imuxsock" sysSock.use="off', ...modules].map((module) => `module(load="${module}")`).join('\n')}
input(type="imuxsock" socket="${socket}" createPath="on" useSpecialParser="on" ratelimit.interval="0")
action(${action})
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

export async function openTcp(port: number): Promise<Socket> {
  const socket = connect(port, '127.0.0.1')
  await new Promise<void>((resolve, reject) => socket.once('connect', () => resolve()).once('error', reject))
  return socket
}

/** Sends bytes over one TCP connection, in the pieces given, and closes it. */
export async function sendTcp(port: number, pieces: readonly (string | Uint8Array)[]): Promise<void> {
  const socket = await openTcp(port)
  socket.setNoDelay(true)
  for (const piece of pieces) await new Promise<void>((resolve, reject) => socket.write(piece, (error) => (error ? reject(error) : resolve())))
  await new Promise<void>((resolve) => socket.end(() => resolve()))
}

/** Sends each item as one datagram from one socket; `from` is the loopback address to send from. */
export async function sendUdp(port: number, datagrams: readonly (string | Uint8Array)[], from = '127.0.0.1'): Promise<void> {
  const socket = createSocket('udp4')
  await new Promise<void>((resolve) => socket.bind(0, from, resolve))
  for (const datagram of datagrams) {
    await new Promise<void>((resolve, reject) => socket.send(datagram, port, '127.0.0.1', (error) => (error ? reject(error) : resolve())))
  }
  socket.close()
}
