import { fileURLToPath } from 'node:url'
import { setTimeout as delay } from 'node:timers/promises'
import { run, until } from '../test/support/child.ts'
import type { CorpusFile } from './load/corpus.ts'
import { costBetween, type Cost } from './measure.ts'
import type { Receiver } from './peers/receiver.ts'

/** One receiver under one load. */
export interface Outcome {
  readonly scenario: string
  readonly receiver: string
  readonly sent: number
  readonly stored: number
  /** Counted as lost by the receiver or by the kernel for its socket. */
  readonly counted: number
  /** First byte sent until everything was countable (sustained: and sealed); the rate of UDP is over the time of sending. */
  readonly wallSeconds: number
  readonly perSecond: number
  readonly cpuMicrosPerMessage: number
  readonly cost: Cost
  readonly diskBytesPerMessage: number
  readonly sender: { readonly cpuSeconds: number; readonly wallSeconds: number }
  /** The last message was found by a search; undefined where there is none. */
  readonly found: boolean | undefined
}

/** The longest load and its sealing, and the largest store that is filled. */
export const WITHIN_MS = 60 * 60_000
const COUNTED_WITHIN_MS = 15_000
/** A receiver that takes in nothing for this long will not take in the rest. */
const STILL_MS = 20_000
const script = (name: string): string => fileURLToPath(new URL(`./load/${name}`, import.meta.url))

export interface SenderReport { readonly cpuSeconds: number; readonly wallMs: number; readonly sent?: number }
export async function send(name: string, args: readonly (string | number)[]): Promise<SenderReport> {
  const { code, output, stdout } = await run(process.execPath, [script(name), ...args.map(String)], { withinMs: WITHIN_MS })
  if (code !== 0) throw new Error(`${name} ended with ${code}: ${output}`)
  return JSON.parse(stdout) as SenderReport
}

export interface TcpLoad {
  readonly scenario: string
  readonly corpus: CorpusFile
  readonly times: number
  /** The clock stops when everything is sealed too, where the receiver seals. */
  readonly until: 'countable' | 'sealed'
}

/** Sends the corpus `times` over one connection and a last line of its own; the clock stops when all is countable, or sealed. */
export async function measureTcp(receiver: Receiver, { scenario, corpus, times, until: end }: TcpLoad): Promise<Outcome> {
  const marker = `bench-end-${process.pid}-${scenario}-${receiver.pid}`
  const sent = corpus.messages * times + 1
  const [before, startMs] = [receiver.cost(), performance.now()]
  const sender = await send('send-tcp.ts', [receiver.tcpPort!, corpus.path, times, `<14>1 - tch-000 bench - - - ${marker}`])
  await untilCountable(receiver, sent)
  if (end === 'sealed' && receiver.sealed !== undefined) await until(`${receiver.name} to have sealed everything`, receiver.sealed, { withinMs: WITHIN_MS, everyMs: 200 })
  const wallSeconds = (performance.now() - startMs) / 1000
  const cost = costBetween(before, receiver.cost())
  const stored = await receiver.countable()
  return {
    ...figures({ scenario, receiver, sent, stored, wallSeconds, cost, sender }),
    counted: (await receiver.counters()).dropped,
    found: receiver.find === undefined ? undefined : (await receiver.find(marker)) === 1,
  }
}

export interface UdpLoad {
  readonly corpus: CorpusFile
  readonly perSecond: number
  readonly seconds: number
}

/** One paced sender; what did not arrive must have been counted by the receiver or by its socket. */
export async function measureUdp(receiver: Receiver, { corpus, perSecond, seconds }: UdpLoad): Promise<Outcome> {
  const countedBefore = (await receiver.counters()).dropped
  const [before, startMs] = [receiver.cost(), performance.now()]
  const sender = await send('send-udp.ts', [receiver.udpPort!, corpus.path, perSecond, seconds])
  const stored = await untilStill(() => receiver.countable())
  // Drops of the kernel are read off now and then: what is missing gets time to be counted.
  const counted = async (): Promise<number> => (await receiver.counters()).dropped - countedBefore
  await until('every loss to be counted', async () => stored + (await counted()) >= sender.sent!, { withinMs: COUNTED_WITHIN_MS, everyMs: 200 }).catch(() => undefined)
  const wallSeconds = (performance.now() - startMs) / 1000
  const cost = costBetween(before, receiver.cost())
  return {
    ...figures({ scenario: 'udp', receiver, sent: sender.sent!, stored, wallSeconds, cost, sender }),
    counted: await counted(),
    found: undefined,
  }
}

/** Waits for `wanted` messages, and no longer when nothing has come for a while: what is missing is for the checks to tell. */
export async function untilCountable(receiver: Pick<Receiver, 'countable'>, wanted: number): Promise<void> {
  let [last, changedMs] = [-1, performance.now()]
  for (;;) {
    const now = await receiver.countable()
    if (now >= wanted) return
    if (now !== last) [last, changedMs] = [now, performance.now()]
    if (performance.now() - changedMs > STILL_MS) return
    await delay(25)
  }
}

/** The count once it has not changed for a second. */
async function untilStill(count: () => Promise<number>): Promise<number> {
  for (let last = -1; ; ) {
    const now = await count()
    if (now === last) return now
    last = now
    await delay(1000)
  }
}

function figures({ scenario, receiver, sent, stored, wallSeconds, cost, sender }: {
  readonly scenario: Outcome['scenario']
  readonly receiver: Receiver
  readonly sent: number
  readonly stored: number
  readonly wallSeconds: number
  readonly cost: Cost
  readonly sender: SenderReport
}): Omit<Outcome, 'counted' | 'found'> {
  return {
    scenario,
    receiver: receiver.name,
    sent,
    stored,
    wallSeconds,
    perSecond: Math.round(stored / (scenario === 'udp' ? sender.wallMs / 1000 : wallSeconds)),
    cpuMicrosPerMessage: (cost.cpuSeconds * 1e6) / Math.max(1, stored),
    cost,
    diskBytesPerMessage: receiver.diskBytes() / Math.max(1, stored),
    sender: { cpuSeconds: sender.cpuSeconds, wallSeconds: sender.wallMs / 1000 },
  }
}
