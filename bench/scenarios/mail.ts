import { corpusFile } from '../load/corpus.ts'
import { measureMail, placeMailHub, startSink, type MailTiming } from '../mail.ts'
import { costBetween, costOf, type Cost } from '../measure.ts'
import type { Options } from '../options.ts'
import type { Figure, Scenario } from '../part.ts'
import { startHub } from '../../test/support/hub.ts'

const AIM_MS = 300
const FULL_LOAD = 20_000

/** From a datagram to a mail that the server has accepted, while others are written: a route that waits for nothing, connections that stay open. */
export const MAIL: Scenario = {
  name: 'mail',
  async run({ options, say }) {
    const calm = await measure(options, { hasStorm: false })
    const figure = judge(calm)
    say(`mail: ${figure.got}`)
    const storm = await measure(options, { hasStorm: true })
    const inStorm: Figure = { ...judge(storm), id: 'mail-storm', what: `the same while a rule finds something new 1,500 times a second`, reach: 'none', reached: undefined }
    say(`mail-storm: ${inStorm.got}`)
    return { figures: [figure, inStorm], checks: [...checks(calm), ...checks(storm)], details: { calm, storm } }
  },
}

async function measure(options: Options, { hasStorm }: { readonly hasStorm: boolean }): Promise<MailTiming & { readonly cost: Cost }> {
  const arrivals = new Map<string, number[]>()
  const sink = await startSink((probe) => {
    const atMs = performance.now()
    arrivals.set(probe, [...(arrivals.get(probe) ?? []), atMs])
  })
  const place = await placeMailHub({ smtpPort: sink.port, hasStorm })
  try {
    const hub = await startHub(place)
    const before = costOf(hub.pid)
    try {
      const timing = await measureMail(hub, { corpus: corpusFile(options.loadMessages), perSecond: options.mailPerSecond, seconds: options.mailSeconds, sink: { arrivals, connections: sink.connections } })
      return { ...timing, cost: costBetween(before, costOf(hub.pid)) }
    } finally {
      await hub.stop()
    }
  } finally {
    await sink.stop()
    place.remove()
  }
}

const judge = ({ loadPerSecond, missed, p50Ms, p99Ms, worstMs }: MailTiming): Figure => ({
  id: 'mail',
  what: `datagram to a mail that the SMTP server has accepted, p99, at ${loadPerSecond}/s, wait: 0`,
  reach: `<= ${AIM_MS} ms`,
  got: `${p99Ms.toFixed(0)} ms (median ${p50Ms.toFixed(0)}, worst ${worstMs.toFixed(0)}, ${missed} missed)`,
  reached: loadPerSecond < FULL_LOAD ? undefined : p99Ms <= AIM_MS && missed === 0,
})

const checks = ({ probes, missed, copies, connections }: MailTiming) => [
  { what: `mail: each probe became a mail (${probes - missed} of ${probes}), none twice (${copies} copies)`, ok: probes > 0 && missed === 0 && copies === 0 },
  { what: `mail: over connections that stay open (${connections})`, ok: connections <= 2 + Math.ceil(probes / 100) },
]
