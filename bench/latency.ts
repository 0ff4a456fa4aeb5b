import { setTimeout as delay } from 'node:timers/promises'
import { until } from '../test/support/child.ts'
import type { RunningHub } from '../test/support/hub.ts'
import { openTcp } from '../test/support/senders.ts'
import type { CorpusFile } from './load/corpus.ts'
import { startPaced } from './load/paced.ts'
import { quantile } from './quantile.ts'

/** From the write of a probe on its own connection until a live tail shows it, and until a search finds it, under a steady load. */
export interface Latency {
  readonly loadPerSecond: number
  /** What of the load was written; messages that the hub did not read in their time were left out. */
  readonly loadSent: number
  readonly probes: number
  readonly missed: number
  /** Probes that a search looked for, and those that it found. */
  readonly looked: number
  readonly searches: number
  /** Times that the tail said it skipped messages. */
  readonly skips: number
  readonly tailP50Ms: number
  readonly tailP99Ms: number
  readonly searchP50Ms: number
  readonly searchP99Ms: number
}

const PROBE_EVERY_MS = 20
/** One probe in so many is also looked for by search; each look is a search of its own. */
const SEARCH_EVERY = 10
const FOUND_WITHIN_MS = 30_000

export async function measureLatency(hub: RunningHub, { corpus, perSecond, seconds }: { readonly corpus: CorpusFile; readonly perSecond: number; readonly seconds: number }): Promise<Latency> {
  const sentAt = new Map<string, number>()
  const tail: number[] = []
  const search: number[] = []
  const ending = new AbortController()
  let skips = 0
  const watching = watch(hub, ending.signal, { seen: (id) => void tail.push(performance.now() - sentAt.get(id)!), skipped: () => void skips++ })
  const load = await startPaced(hub.syslogPort, { path: corpus.path, perSecond })
  const socket = await openTcp(hub.syslogPort)
  socket.setNoDelay(true)
  const looking: Promise<boolean>[] = []
  const count = Math.floor((seconds * 1000) / PROBE_EVERY_MS)
  for (let n = 0; n < count; n++) {
    const id = `probe-${process.pid}-${n}`
    sentAt.set(id, performance.now())
    socket.write(`<14>1 - tch-000 latencyprobe - - - ${id}.\n`)
    if (n % SEARCH_EVERY === 0) looking.push(lookFor(hub, id, (ms) => void search.push(ms), sentAt.get(id)!))
    await delay(PROBE_EVERY_MS)
  }
  const looks = await Promise.all(looking)
  await until('the last probes', () => tail.length >= count, { withinMs: 5000 }).catch(() => undefined)
  ending.abort()
  await watching
  socket.destroy()
  const { sent } = await load.stop()
  return {
    loadPerSecond: perSecond,
    loadSent: sent,
    probes: count,
    missed: count - tail.length,
    looked: looks.length,
    searches: looks.filter(Boolean).length,
    skips,
    tailP50Ms: quantile(tail, 0.5),
    tailP99Ms: quantile(tail, 0.99),
    searchP50Ms: quantile(search, 0.5),
    searchP99Ms: quantile(search, 0.99),
  }
}

async function lookFor(hub: RunningHub, id: string, found: (ms: number) => void, sentMs: number): Promise<boolean> {
  while (performance.now() - sentMs < FOUND_WITHIN_MS) {
    if ((await hub.search(`app:latencyprobe "${id}."`, { limit: 1 })).length > 0) {
      found(performance.now() - sentMs)
      return true
    }
    await delay(5)
  }
  return false
}

/** Reads a live tail of the probes until told to stop; `seen` gets each probe's id. */
export async function watch(hub: RunningHub, signal: AbortSignal, { seen, skipped }: { readonly seen: (id: string) => void; readonly skipped: () => void }): Promise<void> {
  const response = await hub.get('/api/v1/logs/stream?q=app%3Alatencyprobe', { signal, headers: { accept: 'text/event-stream' } })
  const decoder = new TextDecoder()
  let rest = ''
  try {
    for await (const chunk of response.body!) {
      const parts = (rest + decoder.decode(chunk, { stream: true })).split('\n\n')
      rest = parts.pop()!
      for (const part of parts) {
        if (part.includes('event: skipped')) skipped()
        for (const [, id] of part.matchAll(/(probe-\d+-\d+)\./g)) seen(id!)
      }
    }
  } catch (error) {
    if (!signal.aborted) throw error
  }
}
