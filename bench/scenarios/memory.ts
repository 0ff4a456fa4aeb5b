import { setTimeout as delay } from 'node:timers/promises'
import { openTcp } from '../../test/support/senders.ts'
import { until } from '../../test/support/child.ts'
import { corpusFile } from '../load/corpus.ts'
import { startPaced } from '../load/paced.ts'
import { watch } from '../latency.ts'
import { costBetween, residentBytes, slopePerSecond } from '../measure.ts'
import type { Scenario } from '../part.ts'
import { startHubReceiver } from '../peers/hub.ts'
import { OWN_ROWS } from './tcp-checks.ts'

const PER_SECOND = 5000
const CORPUS_MESSAGES = 200_000
const TAILS = 10
const EVERY_MS = 1000
const AIM_PEAK_BYTES = 300e6
/** Below this a slope says more about the first minutes than about the hub. */
const FULL_MINUTES = 30
/** What a flat hub may still grow by over the time that is looked at, as a share of what it holds: heaps breathe. */
const AIM_GROWTH = 0.05
/** The time in which caches and heaps take the size of the load. */
const WARM_UP_SHARE = 1 / 3
const QUERIES = ['app:zed', 'nvme timeout', '/status=(404|500) .*duration_ms=2[0-9]+/', 'node:tch-001', 'nowhere']

/** A hub at a steady load with live tails and a search a second: how much memory it takes, and whether that grows. */
export const MEMORY: Scenario = {
  name: 'memory',
  async run({ options, say }) {
    const receiver = await startHubReceiver()
    const { hub } = receiver
    try {
      const before = receiver.cost()
      const ending = new AbortController()
      const seen = new Uint32Array(TAILS)
      let skips = 0
      const tails = Array.from({ length: TAILS }, (_, tail) => watch(hub, ending.signal, { seen: () => void seen[tail]!++, skipped: () => void skips++ }))
      const probes = await openTcp(hub.syslogPort)
      const load = await startPaced(hub.syslogPort, { path: corpusFile(CORPUS_MESSAGES).path, perSecond: PER_SECOND })
      const samples: { readonly atSeconds: number; readonly residentBytes: number; readonly anonymousBytes: number }[] = []
      const startMs = performance.now()
      let [told, incomplete] = [0, 0]
      while (performance.now() - startMs < options.memoryMinutes * 60_000) {
        probes.write(`<14>1 - tch-000 latencyprobe - - - probe-1-${told}.\n`)
        told++
        const { complete } = await hub.json<{ complete: boolean }>(`/api/v1/logs?${new URLSearchParams({ q: QUERIES[told % QUERIES.length]!, limit: '100' }).toString()}`)
        if (!complete) incomplete++
        samples.push({ atSeconds: (performance.now() - startMs) / 1000, ...residentBytes(receiver.pid) })
        await delay(EVERY_MS)
      }
      const { sent } = await load.stop()
      probes.destroySoon()
      await until('every message to be stored', async () => (await receiver.countable()) >= sent + told).catch(() => undefined)
      await until('every tail to have every probe', () => seen.every((count) => count >= told), { withinMs: 5000 }).catch(() => undefined)
      ending.abort()
      await Promise.all(tails)
      const [stored, cost] = [await receiver.countable(), costBetween(before, receiver.cost())]
      const settled = samples.slice(Math.floor(samples.length * WARM_UP_SHARE))
      const slope = slopePerSecond(settled.map(({ atSeconds, residentBytes: bytes }) => [atSeconds, bytes]))
      const lookedAtSeconds = settled.at(-1)!.atSeconds - settled[0]!.atSeconds
      const mean = settled.reduce((sum, { residentBytes: bytes }) => sum + bytes, 0) / settled.length
      const growth = (slope * lookedAtSeconds) / mean
      say(`memory: peak ${(cost.peakBytes / 1e6).toFixed(0)} MB, ${(slope * 3600 / 1e6).toFixed(1)} MB an hour`)
      const isFull = options.memoryMinutes >= FULL_MINUTES
      const at = `${options.memoryMinutes} minutes at ${PER_SECOND}/s with ${TAILS} tails and a search a second`
      return {
        figures: [
          { id: 'memory', what: `VmHWM after ${at}, MB`, reach: '<= 300', got: (cost.peakBytes / 1e6).toFixed(0), reached: isFull ? cost.peakBytes <= AIM_PEAK_BYTES : undefined },
          { id: 'memory-flat', what: `growth over the last two thirds of ${at}`, reach: `<= ${AIM_GROWTH * 100} %`, got: `${(growth * 100).toFixed(1)} % (${(slope * 3600 / 1e6).toFixed(1)} MB an hour of ${(mean / 1e6).toFixed(0)})`, reached: isFull ? growth <= AIM_GROWTH : undefined },
        ],
        checks: [
          { what: `memory: all ${sent + told} messages stored, none twice (${stored})`, ok: stored >= sent + told && stored <= sent + told + OWN_ROWS },
          { what: `memory: each of ${TAILS} tails showed all ${told} probes once, or said that it skipped (${[...seen].join(' ')}; ${skips})`, ok: told > 0 && seen.every((count) => count === told || (skips > 0 && count < told)) },
          { what: `memory: every search was complete (${incomplete} of ${told} were not)`, ok: incomplete === 0 },
        ],
        details: { minutes: options.memoryMinutes, perSecond: PER_SECOND, tails: TAILS, cost, slopeBytesPerSecond: slope, samples },
      }
    } finally {
      await receiver.stop()
    }
  },
}
