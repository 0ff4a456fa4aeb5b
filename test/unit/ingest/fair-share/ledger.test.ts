import fc from 'fast-check'
import { expect, test } from 'vitest'
import { StreamFramer } from '../../../../src/ingest/framing/stream-framer.ts'
import { createSender } from '../../../../src/ingest/sender.ts'
import { createFlood, type Flood } from '../../../fixtures/ingest/flood.ts'

const MAX_FRAME = 65_535

/** Many datagrams of one kind, from one of a few senders; or what the writer and the clock do meanwhile. */
const step = fc.oneof(
  { weight: 6, arbitrary: fc.record({ kind: fc.constantFrom('short', 'urgent', 'long', 'ipxe', 'ipxe-end', 'record', 'console', 'lines'), from: fc.nat(5), count: fc.integer({ min: 1, max: 12_000 }) }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('stream'), from: fc.nat(3), count: fc.integer({ min: 1, max: 20_000 }) }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constantFrom('release', 'pass'), from: fc.constant(0), count: fc.integer({ min: 1, max: 6 }) }) },
)

function datagramOf(kind: string, n: number): string {
  switch (kind) {
    case 'urgent': return `<11>Nov 22 13:21:39 h${n % 7} app[7]: no disk ${n}`
    case 'long': return `<14>Nov 22 13:21:39 h1 app[7]: ${'x'.repeat(MAX_FRAME - 40 + (n % 100))}`
    case 'ipxe': return `<6>ipxe: ${'y'.repeat(127)}`
    case 'ipxe-end': return '<6>ipxe: end'
    case 'record': return `6,${n >> 1},${n >> 1},-,ncfrag=${(n & 1) * 10}/20;${'z'.repeat(10)}`
    default: return `<14>Nov 22 13:21:39 h${n % 500} app[7]: request ${n}`
  }
}

test('sent is stored, joined, or told as lost, to the datagram, whatever comes in whatever order; of streams every line is stored', { timeout: 120_000 }, () => {
  fc.assert(fc.property(fc.array(step, { minLength: 4, maxLength: 14 }), fc.constantFrom(4, 65_536), (steps, capacity) => {
    const hub = createFlood({ capacity })
    let sent = 0
    const streams = createStreams(hub)
    for (const { kind, from, count } of steps) {
      const address = `10.0.0.${from}`
      if (kind === 'release') hub.release(count)
      else if (kind === 'pass') hub.pass(count * 300)
      else if (kind === 'stream') streams.send(address, count)
      else if (kind === 'console' || kind === 'lines') {
        const text = kind === 'console' ? 'a part of a line ' : 'one line\n'
        for (let n = 0; n < count; n++) hub.batcher.takeConsole(Buffer.from(text), hub.senderOf(address))
        sent += count
      } else {
        const most = kind === 'long' ? 60 : count
        for (let n = 0; n < Math.min(count, most); n++) hub.send(address, datagramOf(kind, n))
        sent += Math.min(count, most)
      }
      streams.resume()
    }
    while (!streams.resume()) hub.release()
    hub.close()
    const streamed = hub.stored.filter(({ raw }) => raw.startsWith('<14>stream')).length
    const lost = hub.losses.reduce((sum, { count }) => sum + count, 0)
    expect(streamed).toBe(streams.lines)
    expect(hub.stored.length - streamed + lost + hub.counters.get('pieces-joined')).toBe(sent)
  }), { numRuns: 25 })
})

test.for([
  ['one sender of nothing but errors', 1, 11],
  ['a few loud senders', 5, 14],
  ['many loud senders', 40, 14],
] as const)('no flood of datagrams makes a connection wait for ever: %s', ([, loud, pri]) => {
  const hub = createFlood()
  const streams = createStreams(hub)
  streams.send('10.0.1.1', 400_000)
  const shareOf = (rounds: number): number => {
    const before = [hub.counters.get('messages-tcp'), hub.counters.get('messages-udp')] as const
    for (let round = 0; round < rounds; round++) {
      for (let n = 0; n < 12_000; n++) hub.send(`10.0.0.${n % loud}`, `<${pri}>Nov 22 13:21:39 h app[7]: request ${n}`)
      hub.release()
      streams.resume()
    }
    const [tcp, udp] = [hub.counters.get('messages-tcp') - before[0], hub.counters.get('messages-udp') - before[1]]
    return tcp / (tcp + udp)
  }
  shareOf(12)
  const share = shareOf(40)
  expect(share).toBeGreaterThan(0.1)
  expect(share).toBeLessThan(0.3)
})

/** Connections whose rest waits for room. */
function createStreams(hub: Flood) {
  const known = new Map<string, { readonly sender: ReturnType<typeof createSender>; readonly framer: StreamFramer; rest: Uint8Array[] }>()
  const self = {
    lines: 0,
    send(address: string, count: number) {
      const stream = known.get(address) ?? { sender: createSender({ address, transport: 'tcp', listener: 'tcp' }), framer: new StreamFramer({ maxFrameBytes: MAX_FRAME, heldBudget: { freeBytes: 1 << 24 } }), rest: [] }
      known.set(address, stream)
      const bytes = Buffer.from(Array.from({ length: count }, (_, n) => `<14>stream: line ${n}\n`).join(''))
      for (let at = 0; at < bytes.length; at += 65_536) stream.rest.push(bytes.subarray(at, at + 65_536))
      self.lines += count
    },
    resume(): boolean {
      for (const stream of known.values()) {
        while (stream.rest.length > 0 || stream.framer.isOwed) {
          const chunk = stream.rest[0] ?? new Uint8Array(0)
          const taken = hub.batcher.takeStream(chunk, stream.framer, stream.sender)
          if (taken < chunk.length) stream.rest[0] = chunk.subarray(taken)
          else stream.rest.shift()
          if (taken < chunk.length || stream.framer.isOwed) return false
        }
      }
      return true
    },
  }
  return self
}
