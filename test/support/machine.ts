import { execFileSync } from 'node:child_process'
import { closeSync, mkdtempSync, openSync, rmSync, writeFileSync, writeSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { run, startChild, until, type Child } from './child.ts'

/**
 * A machine of the fleet in namespaces of its own: address, host name, /dev/log and kernel log are its own, so log daemons run
 * in it as they do on a node. Needs root. It ends with its first process.
 */
export interface Machine extends AsyncDisposable {
  readonly name: string
  readonly address: string
  /** The hub as this machine reaches it. */
  readonly hubAddress: string
  readonly folder: string
  /** Runs a shell command in it; fails when that does. The answer is what it printed. */
  sh(script: string): Promise<string>
  start(command: string, args: readonly string[]): Child
  /** What the next reader of /proc/kmsg is handed; several times is a reader that was restarted. */
  kernelSays(lines: readonly string[]): void
}

const INSIDE = `set -e
mount --make-rprivate /
mount -t sysfs sysfs /sys
mkdir "$1/dev" && mkfifo "$1/kmsg"
mount -t tmpfs -o mode=755 tmpfs "$1/dev"
cp -a /dev/null /dev/zero /dev/full /dev/random /dev/urandom "$1/dev/"
mount --rbind "$1/dev" /dev
mount --bind "$1/kmsg" /proc/kmsg
hostname "$2"
touch "$1/up"
exec sleep infinity`

/** `number` (1–60) gives the machine a network with the hub's host: 10.213.99.4n+1 is the hub, 10.213.99.4n+2 the machine. */
export async function startMachine(name: string, number: number): Promise<Machine> {
  const folder = mkdtempSync(join(tmpdir(), 'hps-machine-'))
  const [hubAddress, address] = [`10.213.99.${4 * number + 1}`, `10.213.99.${4 * number + 2}`]
  const outer = startChild('unshare', ['--net', '--mount', '--uts', '--pid', '--fork', '--kill-child', '--mount-proc', 'sh', '-c', INSIDE, 'sh', folder, name])
  await until(`the machine ${name}`, async () => {
    if (!outer.running()) throw new Error(`it ended: ${outer.output()}`)
    return (await run('test', ['-e', join(folder, 'up')])).code === 0
  })
  // unshare's child is the machine's first process; it goes with unshare.
  const first = execFileSync('pgrep', ['-P', String(outer.pid)], { encoding: 'utf8' }).trim()
  const enter = ['--target', first, '--net', '--mount', '--uts', '--pid', '--']
  const link = `hps${process.pid % 100_000}n${number}`
  const ip = (...args: readonly string[]): void => void execFileSync('ip', args)
  ip('link', 'add', link, 'type', 'veth', 'peer', 'name', 'eth0', 'netns', first)
  ip('addr', 'add', `${hubAddress}/30`, 'dev', link)
  ip('link', 'set', link, 'up')
  const kmsg = openSync(join(folder, 'kmsg'), 'r+') // a pipe with a reader never blocks who opens it
  const sh = async (script: string): Promise<string> => {
    const { code, output, stdout } = await run('nsenter', [...enter, 'sh', '-c', script], { cwd: '/', withinMs: 30_000 })
    if (code !== 0) throw new Error(`${script} ended with ${code} on ${name}: ${output}`)
    return stdout
  }
  await sh(`ip link set lo up; ip addr add ${address}/30 dev eth0; ip link set eth0 up; ip route add default via ${hubAddress}`)
  return {
    name, address, hubAddress, folder, sh,
    start: (command, args) => startChild('nsenter', [...enter, command, ...args], { cwd: '/' }),
    kernelSays: (lines) => void writeSync(kmsg, lines.map((line) => `${line}\n`).join('')),
    async [Symbol.asyncDispose]() {
      outer.process.kill('SIGKILL')
      await outer.ended
      closeSync(kmsg)
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

/** BusyBox's log daemon as Alpine and initial RAM disks have it: UDP, no host name. */
export async function startBusyboxSyslogd(machine: Machine, port: number): Promise<Child> {
  const child = machine.start('busybox', ['syslogd', '-n', '-R', `${machine.hubAddress}:${port}`])
  await machine.sh('until [ -S /dev/log ]; do sleep 0.05; done')
  return child
}

/** Debian's rsyslogd with its inputs of a usual configuration, and a queue on disk for when the hub is down. */
export async function startQueueingRsyslogd(machine: Machine, port: number): Promise<Child> {
  const config = join(machine.folder, 'rsyslog.conf')
  writeFileSync(config, `global(workDirectory="${machine.folder}")
module(load="imuxsock")
module(load="imklog")
action(type="omfwd" target="${machine.hubAddress}" port="${port}" protocol="tcp" action.resumeRetryCount="-1" action.resumeInterval="1"
  queue.type="LinkedList" queue.filename="hub" queue.size="200" queue.saveOnShutdown="on")
`)
  const child = machine.start('/usr/sbin/rsyslogd', ['-n', '-f', config, '-i', join(machine.folder, 'rsyslogd.pid')])
  await machine.sh('until logger --socket-errors=on -t probe up 2>/dev/null; do sleep 0.05; done')
  return child
}

/** Sends a file of RFC 3164 or RFC 5424 lines through a real rsyslogd that keeps their time of origin. */
export async function importFile(machine: Machine, { port, lines }: { readonly port: number; readonly lines: readonly string[] }): Promise<AsyncDisposable> {
  const folder = mkdtempSync(join(machine.folder, 'import-'))
  const config = join(folder, 'rsyslog.conf')
  writeFileSync(join(folder, 'lines'), `${lines.join('\n')}\n`)
  writeFileSync(config, `global(workDirectory="${folder}")
module(load="imfile")
input(type="imfile" file="${folder}/lines" tag="imported" needParse="on")
action(type="omfwd" target="${machine.hubAddress}" port="${port}" protocol="tcp" template="RSYSLOG_SyslogProtocol23Format")
`)
  const child = machine.start('/usr/sbin/rsyslogd', ['-n', '-f', config, '-i', join(folder, 'pid')])
  return { [Symbol.asyncDispose]: () => stopInside(machine, { child, pidFile: join(folder, 'pid') }) }
}

/** nsenter does not pass signals on, so the daemon is told by its pid file, which speaks of the machine's own numbers. */
export async function stopInside(machine: Machine, { child, pidFile }: { readonly child: Child; readonly pidFile: string }): Promise<void> {
  await machine.sh(`kill "$(cat ${pidFile})"`)
  await child.ended
}
