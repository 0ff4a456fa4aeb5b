/**
 * CPU time per message of the parser, header only and whole (template hash and tokens), and of the whole way from a chunk
 * of a connection to a sealed batch, on a corpus made here: 200 nodes, 12 message shapes, both RFCs in turn.
 * `node bench/parse.ts [messages] [--json]`
 */
import { BATCH_BYTES, createBatch, type Batch, type BatchHeader } from '#domain/batch.ts'
import type { ReturnMessage } from '#domain/stream.ts'
import { createWorkerCounters } from '#telemetry/index.ts'
import { createBatchFlow } from '../src/ingest/batch-flow.ts'
import { Batcher } from '../src/ingest/batcher.ts'
import { INGEST_COUNTERS } from '../src/ingest/counters.ts'
import { StreamFramer } from '../src/ingest/framing/stream-framer.ts'
import { createInterner } from '../src/ingest/interner.ts'
import { createParser, type FrameRow } from '../src/ingest/parse/parser.ts'
import { MAX_INTERNED } from '../src/ingest/row-writer.ts'
import { createSender, createSenderTable } from '../src/ingest/sender.ts'

const messages = Number(process.argv.slice(2).find((word) => /^\d+$/.test(word)) ?? 500_000)
const isJson = process.argv.includes('--json')
const ROUNDS = 5
const CHUNK_BYTES = 64 * 1024

function createRandom(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let t = Math.imul(state ^ (state >>> 15), 1 | state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296
  }
}

const MONTHS = 'Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec'.split(' ')

/** Lines of about 118 bytes; both forms of the header in turn. */
function* lines(count: number): Generator<string> {
  const random = createRandom(7)
  const below = (n: number) => Math.floor(random() * n)
  const hex = (n: number) => Array.from({ length: n }, () => '0123456789abcdef'[below(16)]).join('')
  const clock = () => `[${below(10_000)}.${100_000 + below(899_999)}]`
  const shapes: (() => readonly [string, string])[] = [
    () => ['sshd', `Accepted publickey for root from 10.99.1.${below(255)} port ${30_000 + below(30_000)} ssh2: ED25519 SHA256:${hex(20)}`],
    () => ['sshd', `Failed password for invalid user admin from 192.168.${below(255)}.${below(255)} port ${30_000 + below(30_000)} ssh2`],
    () => ['kernel', `${clock()} nvme nvme${below(4)}: I/O ${below(1024)} QID ${below(32)} timeout, completion polled`],
    () => ['kernel', `${clock()} e1000e 0000:00:1f.6 eth0: NIC Link is Up 1000 Mbps Full Duplex, Flow Control: Rx/Tx`],
    () => ['systemd', `Started Session ${below(10_000)} of user root.`],
    () => ['systemd', 'Starting Network Manager Script Dispatcher Service...'],
    () => ['dnsmasq-dhcp', `DHCPACK(eth1) 10.99.1.${below(255)} 52:54:00:${hex(2)}:${hex(2)}:${hex(2)} tch-${String(below(200)).padStart(3, '0')}`],
    () => ['hps', `[${hex(6)}] n_install: partition /dev/sd${'abcd'[below(4)]}${below(4)} formatted as ext4 in ${below(60)}s`],
    () => ['anaconda', `Installing package ${['glibc', 'bash', 'kernel-core', 'systemd', 'openssl', 'zfs-dkms'][below(6)]}-${below(9)}.${below(40)}.x86_64 (${below(900)}/900)`],
    () => ['zed', `eid=${below(100_000)} class=statechange pool='ztest-${below(10)}' vdev=sd${'abcd'[below(4)]} vdev_state=ONLINE`],
    () => ['app', `request ${hex(12)} completed status=${[200, 200, 200, 404, 500][below(5)]} path=/api/v1/items/${below(100_000)} duration_ms=${below(3000)} bytes=${below(65_536)}`],
    () => ['cron', '(root) CMD (test -x /usr/sbin/anacron || ( cd / && run-parts --report /etc/cron.daily ))'],
  ]
  let timeMs = Date.UTC(2026, 10, 22)
  for (let i = 0; i < count; i++) {
    timeMs += below(20)
    const iso = new Date(timeMs).toISOString()
    const [app, text] = shapes[below(shapes.length)]!()
    const node = below(200)
    const host = `tch-${String(node).padStart(3, '0')}`
    const pid = 100 + ((node * 37 + app.length * 113) % 5000)
    const pri = 8 * [0, 1, 3, 4, 10, 16][below(6)]! + below(8)
    const bsd = `${MONTHS[Number(iso.slice(5, 7)) - 1]} ${String(Number(iso.slice(8, 10))).padStart(2)} ${iso.slice(11, 19)}`
    yield i % 2 === 1 ? `<${pri}>${bsd} ${host} ${app}[${pid}]: ${text}` : `<${pri}>1 ${iso} ${host} ${app} ${pid} - - ${text}`
  }
}

interface Load { readonly batch: Batch; readonly starts: readonly number[]; readonly lengths: readonly number[] }

/** The corpus already lying in batches, as it does when a chunk was read; `cut` keeps the header and drops the text. */
function loadBatches(count: number, cut: (line: string) => string): Load[] {
  const loads: Load[] = []
  let load = { batch: createBatch(), starts: [] as number[], lengths: [] as number[] }
  for (const line of lines(count)) {
    const frame = Buffer.from(cut(line), 'latin1')
    if (load.starts.length === load.batch.capacityRows || load.batch.byteCount + frame.length + 1 > BATCH_BYTES) {
      loads.push(load)
      load = { batch: createBatch(), starts: [], lengths: [] }
    }
    load.starts.push(load.batch.byteCount)
    load.lengths.push(frame.length)
    load.batch.bytes.set(frame, load.batch.byteCount)
    load.batch.byteCount += frame.length + 1
  }
  loads.push(load)
  return loads
}

/** Least CPU time of several rounds in µs per message: the machine may be shared, and noise only ever adds. */
function leastUs(work: () => void): number {
  let best = Infinity
  for (let round = 0; round < ROUNDS; round++) {
    const before = process.cpuUsage()
    work()
    const used = process.cpuUsage(before)
    best = Math.min(best, (used.user + used.system) / messages)
  }
  return best
}

function measureParser(loads: readonly Load[]): number {
  const parser = createParser(createInterner({ capacity: 65_536, maxKeyBytes: 253, arenaBytes: 4 * 1024 * 1024 }))
  return leastUs(() => {
    for (const { batch, starts, lengths } of loads) {
      const frame: FrameRow = { row: 0, start: 0, length: 0, receivedMs: Date.UTC(2026, 10, 22), faults: 0, form: 'syslog' }
      for (let row = 0; row < starts.length; row++) {
        frame.row = row
        frame.start = starts[row]!
        frame.length = lengths[row]!
        parser.parse(batch, frame)
      }
    }
  })
}

/** Newline framing in chunks of 64 KiB, copying, parsing, batches to a writer that gives each back at once. */
function measureStream(): number {
  let deliver: (message: ReturnMessage) => void = () => undefined
  const counters = createWorkerCounters(INGEST_COUNTERS)
  const writerPort = {
    postMessage: ({ header }: { readonly header: BatchHeader }) => {
      deliver({ kind: 'settled', isStored: true })
      deliver({ kind: 'return', header })
    },
    on: (_: 'message', listener: (message: ReturnMessage) => void) => void (deliver = listener),
  }
  const flow = createBatchFlow({ writerPort, counters, onReturn: () => undefined, onSettled: () => undefined })
  const maxFrameBytes = 65_535
  const batcher = new Batcher({ flow, senders: createSenderTable(MAX_INTERNED), counters, clock: Date.now, maxFrameBytes, defer: () => undefined })
  const framer = new StreamFramer({ maxFrameBytes, heldBudget: { freeBytes: 1 << 20 } })
  const sender = createSender({ address: '10.99.1.1', transport: 'tcp', listener: 'tcp' })
  const bytes = Buffer.from([...lines(messages)].join('\n') + '\n', 'latin1')
  return leastUs(() => {
    for (let at = 0; at < bytes.length; at += CHUNK_BYTES) batcher.takeStream(bytes.subarray(at, at + CHUNK_BYTES), framer, sender)
  })
}

const HEADER = /^<\d+>(?:1 \S+ \S+ \S+ \S+ - - |\w{3} +\d+ \S+ \S+ [^:]+: )/
// The whole first: it warms every path of the parser, which the header-only rows alone would not.
const whole = measureParser(loadBatches(messages, (line) => line))
const headerOnly = measureParser(loadBatches(messages, (line) => HEADER.exec(line)![0]))
const stream = measureStream()
if (isJson) console.log(JSON.stringify({ bench: 'parse', messages, headerOnlyUs: headerOnly, wholeUs: whole, streamUs: stream }))
else console.log(`${messages} messages, µs CPU/message: header only ${headerOnly.toFixed(3)}, whole ${whole.toFixed(3)}, from chunk to batch ${stream.toFixed(3)}`)
