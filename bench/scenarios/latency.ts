import { corpusFile } from '../load/corpus.ts'
import { measureLatency, type Latency } from '../latency.ts'
import { costBetween } from '../measure.ts'
import type { Figure, Scenario } from '../part.ts'
import { startHubReceiver } from '../peers/hub.ts'

const AIM_MS = 250
const FULL_LOAD = 100_000

/** From the write of a message to a live tail and to a search, while others are written. */
export const LATENCY: Scenario = {
  name: 'latency',
  async run({ options, say }) {
    const receiver = await startHubReceiver()
    try {
      const before = receiver.cost()
      const latency = await measureLatency(receiver.hub, { corpus: corpusFile(options.loadMessages), perSecond: options.latencyPerSecond, seconds: options.latencySeconds })
      const figure = judge(latency)
      say(`latency: ${figure.got}`)
      return { figures: [figure], checks: checks(latency), details: { ...latency, cost: costBetween(before, receiver.cost()) } }
    } finally {
      await receiver.stop()
    }
  },
}

function judge({ loadPerSecond, missed, skips, tailP99Ms, searchP99Ms, tailP50Ms, searchP50Ms }: Latency): Figure {
  const worst = Math.max(tailP99Ms, searchP99Ms)
  return {
    id: 'latency',
    what: `receipt to live tail and to a search, p99, at ${loadPerSecond}/s`,
    reach: `<= ${AIM_MS} ms`,
    got: `tail ${tailP99Ms.toFixed(0)} ms (median ${tailP50Ms.toFixed(0)}, ${missed} missed, ${skips} skips), search ${searchP99Ms.toFixed(0)} ms (median ${searchP50Ms.toFixed(0)})`,
    reached: loadPerSecond < FULL_LOAD ? undefined : worst <= AIM_MS && missed === 0,
  }
}

const checks = ({ probes, missed, skips, searches, looked }: Latency) => [
  { what: `latency: the live tail showed every probe (${probes - missed} of ${probes}), or said that it skipped (${skips} times)`, ok: probes > 0 && (missed === 0 || skips > 0) },
  { what: `latency: a search found every probe that was looked for (${searches} of ${looked})`, ok: looked > 0 && searches === looked },
]
