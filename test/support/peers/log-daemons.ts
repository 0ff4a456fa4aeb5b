import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { run, startChild, until, type Child } from '../child.ts'

/** A log daemon of a node: it listens on a unix socket in place of /dev/log, and forwards to the hub. */
export interface LogDaemon extends AsyncDisposable {
  readonly child: Child
  readonly socket: string
  /** `logger` with these arguments and lines, into its socket. */
  log(args: readonly string[], lines: readonly string[]): Promise<void>
}

/** A zone that is far from UTC and not a whole number of hours: whoever mixes up times is out by 5 h 30. */
export const FAR_ZONE = 'Asia/Kolkata'

export interface DaemonOptions {
  readonly folder: string
  readonly socket: string
  readonly command: readonly string[]
  readonly env?: Readonly<Record<string, string>>
}

/** Debian's rsyslogd: `action` is what follows `type="omfwd"`, `first` are lines before everything else. */
export async function rsyslogd(action: string, { first = '', zone = 'UTC' } = {}): Promise<LogDaemon> {
  const folder = mkdtempSync(join(tmpdir(), 'hps-rsyslog-'))
  const [socket, config] = [join(folder, 'log.sock'), join(folder, 'rsyslog.conf')]
  writeFileSync(config, `${first}
global(workDirectory="${folder}" localHostname="tch-rsyslog" maxMessageSize="64k")
module(load="imuxsock" sysSock.use="off")
input(type="imuxsock" socket="${socket}" createPath="on" useSpecialParser="on" ratelimit.interval="0")
template(name="bare" type="string" string="%msg:2:$%")
action(type="omfwd" target="127.0.0.1" ${action})
`)
  return start({ folder, socket, command: ['/usr/sbin/rsyslogd', '-n', '-f', config, '-i', join(folder, 'pid')], env: { TZ: zone } })
}

const UNPACKED = fileURLToPath(new URL('../../system/.cache/syslog-ng', import.meta.url))

/** Unpacks syslog-ng where that was not done yet; it needs Debian's archive and no more. */
export async function unpackSyslogNg(): Promise<void> {
  const { code, output } = await run(fileURLToPath(new URL('unpack-syslog-ng.sh', import.meta.url)), [UNPACKED])
  if (code !== 0) throw new Error(`syslog-ng could not be unpacked: ${output}`)
}

/** Debian's syslog-ng, unpacked: `destination` is a driver such as `network("127.0.0.1" port(514))`. */
export async function syslogNg(destination: string, { zone = 'UTC' } = {}): Promise<LogDaemon> {
  const folder = mkdtempSync(join(tmpdir(), 'hps-syslog-ng-'))
  const [socket, config, libraries] = [join(folder, 'log.sock'), join(folder, 'syslog-ng.conf'), join(UNPACKED, 'usr/lib/syslog-ng')]
  writeFileSync(config, `@version: 3.35
options { use-dns(no); stats-freq(0); log-msg-size(65536); };
source node { unix-dgram("${socket}"); };
rewrite name { set("tch-ng", value("HOST")); };
destination hub { ${destination}; };
log { source(node); rewrite(name); destination(hub); };
`)
  const own = ['--persist-file', join(folder, 'persist'), '--control', join(folder, 'ctl'), '--pidfile', join(folder, 'pid')]
  const command = [join(UNPACKED, 'usr/sbin/syslog-ng'), '--foreground', '--no-caps', '--cfgfile', config, '--module-path', join(libraries, '3.38'), ...own]
  return start({ folder, socket, command, env: { TZ: zone, LD_LIBRARY_PATH: libraries } })
}

async function start({ folder, socket, command, env }: DaemonOptions): Promise<LogDaemon> {
  const child = startChild(command[0]!, command.slice(1), { cwd: folder, ...(env === undefined ? {} : { env }) })
  const log = async (args: readonly string[], lines: readonly string[]): Promise<void> => {
    writeFileSync(join(folder, 'input'), lines.map((line) => `${line}\n`).join(''))
    const { code, output } = await run('sh', ['-c', 'input=$1; shift; exec logger "$@" <"$input"', 'sh', join(folder, 'input'), '--socket', socket, '--socket-errors=on', ...args], env === undefined ? {} : { env: { TZ: env['TZ'] ?? 'UTC' } })
    if (code !== 0) throw new Error(`logger ended with ${code}: ${output}`)
  }
  await until(`${command[0]} to listen`, async () => {
    if (!child.running()) throw new Error(`it ended: ${child.output()}`)
    await log(['-t', 'probe'], ['is up'])
    return true
  })
  return {
    child,
    socket,
    log,
    async [Symbol.asyncDispose]() {
      await child.stop()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}
