import { closeSync, existsSync, openSync, renameSync, statSync, writeSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { chance } from './chance.ts'

/**
 * The reference corpus: 200 nodes, twelve shapes of message as a provisioning network sends them, RFC 5424 and RFC 3164 in
 * turn, stable process ids, ids and addresses that vary. Made from a fixed seed, so that anyone gets the same bytes.
 */
const NODES = 200
const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec']
const FACILITIES = [0, 1, 3, 4, 10, 16]
const PACKAGES = ['glibc', 'bash', 'kernel-core', 'systemd', 'openssl', 'zfs-dkms']
const FLUSH_BYTES = 1 << 20

type Shape = (random: ReturnType<typeof chance>, printkClock: string) => readonly [app: string, text: string]
const SHAPES: readonly Shape[] = [
  (r) => ['sshd', `Accepted publickey for root from 10.99.1.${r.below(255)} port ${30_000 + r.below(30_000)} ssh2: ED25519 SHA256:${r.hex(20)}`],
  (r) => ['sshd', `Failed password for invalid user admin from 192.168.${r.below(255)}.${r.below(255)} port ${30_000 + r.below(30_000)} ssh2`],
  (r, clock) => ['kernel', `[${clock}] nvme nvme${r.below(4)}: I/O ${r.below(1024)} QID ${r.below(32)} timeout, completion polled`],
  (_, clock) => ['kernel', `[${clock}] e1000e 0000:00:1f.6 eth0: NIC Link is Up 1000 Mbps Full Duplex, Flow Control: Rx/Tx`],
  (r) => ['systemd', `Started Session ${r.below(10_000)} of user root.`],
  () => ['systemd', 'Starting Network Manager Script Dispatcher Service...'],
  (r) => ['dnsmasq-dhcp', `DHCPACK(eth1) 10.99.1.${r.below(255)} 52:54:00:${r.hex(2)}:${r.hex(2)}:${r.hex(2)} ${nodeName(r.below(NODES))}`],
  (r) => ['hps', `[${r.hex(6)}] n_install: partition /dev/sd${r.pick(['a', 'b', 'c', 'd'])}${r.below(4)} formatted as ext4 in ${r.below(60)}s`],
  (r) => ['anaconda', `Installing package ${r.pick(PACKAGES)}-${r.below(9)}.${r.below(40)}.x86_64 (${r.below(900)}/900)`],
  (r) => ['zed', `eid=${r.below(100_000)} class=statechange pool='ztest-${r.below(10)}' vdev=sd${r.pick(['a', 'b', 'c', 'd'])} vdev_state=ONLINE`],
  (r) => ['app', `request ${r.hex(12)} completed status=${r.pick([200, 200, 200, 404, 500])} path=/api/v1/items/${r.below(100_000)} duration_ms=${r.below(3000)} bytes=${r.below(65_536)}`],
  () => ['cron', '(root) CMD (test -x /usr/sbin/anacron || ( cd / && run-parts --report /etc/cron.daily ))'],
]

const nodeName = (index: number): string => `tch-${String(index).padStart(3, '0')}`
const processId = (app: string, node: number): number => 100 + ((node * 37 + app.length * 113) % 5000)

/** What a corpus may set differently for its message `i`. */
export interface Variation {
  /** Put behind the text of message `i`. */
  readonly suffix?: (i: number) => string
  /** Host name of message `i`, which would be `node` of the 200. */
  readonly host?: (i: number, node: number) => string
}

/** Messages without a newline at the end, for ever. `startMs`: time of the first one. */
export function* corpusMessages(startMs: number, { suffix = () => '', host = (_, node) => nodeName(node) }: Variation = {}): Generator<string, never> {
  const random = chance(42)
  let timeMs = startMs
  for (let i = 0; ; i++) {
    timeMs += random.below(20)
    const node = random.below(NODES)
    // a kernel's clock runs on: one that jumps about would be a reboot with every message
    const printkClock = ((timeMs - startMs) / 1000 + 100 + node * 40 + random.below(1000) / 1e6).toFixed(6)
    const [app, text] = random.pick(SHAPES)(random, printkClock)
    const priority = 8 * random.pick(FACILITIES) + random.below(8)
    yield framed({ i, priority, timeMs, host: host(i, node), app, pid: processId(app, node), text: `${text}${suffix(i)}` })
  }
}

interface Fields { readonly i: number; readonly priority: number; readonly timeMs: number; readonly host: string; readonly app: string; readonly pid: number; readonly text: string }

/** RFC 5424 and RFC 3164 in turn. */
export function framed({ i, priority, timeMs, host, app, pid, text }: Fields): string {
  const iso = new Date(timeMs).toISOString()
  return i % 2 === 0
    ? `<${priority}>1 ${iso} ${host} ${app} ${pid} - - ${text}`
    : `<${priority}>${bsdTime(iso)} ${host} ${app}[${pid}]: ${text}`
}

/** `Nov 22 10:01:02` of an ISO time. */
export const bsdTime = (iso: string): string => `${MONTHS[Number(iso.slice(5, 7)) - 1]} ${String(Number(iso.slice(8, 10))).padStart(2)} ${iso.slice(11, 19)}`

export interface CorpusFile {
  readonly path: string
  readonly messages: number
  readonly bytes: number
}

export interface CorpusSpec {
  readonly name: string
  /** Raised when the bytes change: cached files carry it in their name. */
  readonly version: number
  readonly count: number
  /** Frames as they go over the wire, newline or count included; `startMs` is midnight of today. */
  readonly frames: (startMs: number) => Iterable<string>
}

/** Newline framed file of `count` messages of the reference corpus; `numbered`: each ends with ` run=<number>.`. */
export const corpusFile = (count: number, numbering?: (i: number) => string): CorpusFile => writeCorpusFile(referenceCorpus(count, numbering))

export const referenceCorpus = (count: number, numbering?: (i: number) => string): CorpusSpec =>
  numbering === undefined
    ? { name: 'reference', version: 2, count, frames: (startMs) => lines(corpusMessages(startMs)) }
    : { name: 'reference-numbered', version: 2, count, frames: (startMs) => lines(corpusMessages(startMs, { suffix: numbering })) }

export function* lines(messages: Iterable<string>): Generator<string> {
  for (const message of messages) yield `${message}\n`
}

/** Midnight of today, UTC: where the times of a corpus begin. */
export const corpusStartMs = (): number => Date.parse(new Date().toISOString().slice(0, 10))

/** The corpus as a file in the system's temp folder; made once, kept for the next run of the day. */
export function writeCorpusFile(spec: CorpusSpec): CorpusFile {
  const startMs = corpusStartMs()
  const path = join(tmpdir(), `hps-bench-${spec.name}-v${spec.version}-${new Date(startMs).toISOString().slice(0, 10)}-${spec.count}.log`)
  if (!existsSync(path)) writeFrames(path, { frames: spec.frames(startMs), count: spec.count })
  return { path, messages: spec.count, bytes: statSync(path).size }
}

function writeFrames(path: string, { frames, count }: { readonly frames: Iterable<string>; readonly count: number }): void {
  const partial = `${path}.${process.pid}.part`
  const file = openSync(partial, 'w')
  let text = ''
  let written = 0
  for (const frame of frames) {
    text += frame
    written++
    if (text.length > FLUSH_BYTES || written === count) {
      writeSync(file, text)
      text = ''
    }
    if (written === count) break
  }
  closeSync(file)
  renameSync(partial, path)
}
