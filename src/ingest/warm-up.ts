import { BATCH_BYTES, createBatch } from '#domain/batch.ts'
import type { Clock } from '#base/time.ts'
import { POOL_BATCHES } from './batch-flow.ts'
import { Batcher } from './batcher.ts'
import type { IngestCounters } from './counters.ts'
import { StreamFramer } from './framing/stream-framer.ts'
import { MAX_INTERNED } from './row-writer.ts'
import { createSender, createSenderTable } from './sender.ts'

/** What a network says in its first second, in the forms that most senders use. */
const LINES = [
  '<30>1 2026-11-22T13:21:39.123Z tch-001 systemd 1 - - Started Session 4711 of user root.',
  '<38>1 2026-11-22T13:21:39+01:00 tch-002 sshd 812 ID47 [origin ip="10.1.2.3"] Accepted publickey for root from 10.99.1.7 port 40022 ssh2',
  '<6>Nov 22 13:21:39 tch-003 kernel: [   12.345678] e1000e 0000:00:1f.6 eth0: NIC Link is Up 1000 Mbps Full Duplex, Flow Control: Rx/Tx',
  '<30>Nov 22 13:21:39 tch-004 dnsmasq-dhcp[99]: DHCPACK(eth1) 10.99.1.8 52:54:00:ab:cd:ef tch-008',
  '<86>Nov 22 13:21:39 tch-005 cron[4002]: (root) CMD (cd / && run-parts --report /etc/cron.hourly)',
]
/** Enough for the engine to compile what runs once a message; about an eighth of a second. */
export const WARM_UP_MESSAGES = 40_000
const LINES_A_CHUNK = 500

/**
 * Runs made-up messages through framing and parsing and forgets them. Cold code takes ten times as long, and a sender that
 * is at full speed when the sockets open would overrun their buffers.
 * @returns messages read
 */
export function warmUp({ counters, clock }: { /** Of nobody: they are not shown. */ readonly counters: IngestCounters; readonly clock: Clock }): number {
  const batch = createBatch(8192, BATCH_BYTES)
  let messages = 0
  const flow = {
    isQuiet: false,
    freeBatches: POOL_BATCHES,
    take: () => Object.assign(batch, { rows: 0, byteCount: 0 }),
    give: () => void (messages += batch.rows),
  }
  const limits = { maxFrameBytes: 65_535, heldBudget: { freeBytes: 1 << 20 } }
  const batcher = new Batcher({ flow, senders: createSenderTable(MAX_INTERNED), counters, clock, maxFrameBytes: limits.maxFrameBytes, defer: () => undefined })
  const [datagrams, stream] = (['udp', 'tcp'] as const).map((transport) => createSender({ address: '127.0.0.1', transport, listener: 'warm-up' }))
  const framer = new StreamFramer(limits)
  const frames = LINES.map((line) => Buffer.from(line))
  const chunk = Buffer.from(`${LINES.join('\n')}\n`.repeat(LINES_A_CHUNK / LINES.length))
  for (let sent = 0; sent < WARM_UP_MESSAGES; sent += 2 * LINES_A_CHUNK) {
    for (let i = 0; i < LINES_A_CHUNK; i++) batcher.take({ bytes: frames[i % frames.length]!, form: 'syslog' }, datagrams!)
    batcher.takeStream(chunk, framer, stream!)
  }
  batcher.flush()
  return messages
}
