import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { sumOf, type RunningHub } from '../../test/support/hub.ts'
import { hostileCorpus, hostileRules, manyRules, ruledCorpus, RULES } from '../load/rules.ts'
import { writeCorpusFile } from '../load/corpus.ts'
import { startPaced } from '../load/paced.ts'
import { costBetween } from '../measure.ts'
import { measureTcp } from '../outcome.ts'
import type { Figure, Scenario } from '../part.ts'
import { placeBenchHub, startHubAt, type HubReceiver } from '../peers/hub.ts'

const AIM_SHARE = 0.25
const FULL_MESSAGES = 2_000_000
const HOSTILE_PER_SECOND = 20_000
const HOSTILE_MESSAGES = 200_000
/** The breaker looks at ten seconds; then the rules catch up. */
const HOSTILE_SECONDS = 45
const AIM_API_MS = 1000

/** What a thousand rules cost, and that a set of hostile ones costs nobody else anything. */
export const RULE_LOADS: Scenario = {
  name: 'rules',
  async run({ options, say }) {
    const corpus = writeCorpusFile(ruledCorpus(options.loadMessages))
    const without = await withRules('format: 1\npack: none\nrules: []\n', (receiver) => ruled(receiver, corpus))
    const many = await withRules(manyRules(), (receiver) => ruled(receiver, corpus))
    say(`rules: ${without.cpuMicros.toFixed(2)} us/message without, ${many.cpuMicros.toFixed(2)} with ${RULES}; ${without.perSecond} and ${many.perSecond} messages/s`)
    const hostile = await withRules(hostileRules(), (receiver) => endure(receiver, options.smoke ? 5 : HOSTILE_SECONDS))
    say(`rules, hostile: ${hostile.takenPerSecond.toFixed(0)}/s at the end, at most ${hostile.worstBehind} behind, API at worst ${hostile.worstApiMs.toFixed(0)} ms, ${hostile.stopped} rules stopped`)
    const lost = 1 - many.perSecond / without.perSecond
    const isFull = options.loadMessages >= FULL_MESSAGES
    const figures: readonly Figure[] = [
      { id: 'rules-throughput', what: `throughput taken by ${RULES} rules, 1 message in 20 gated, 1 in 1,000 matched`, reach: `<= ${AIM_SHARE * 100} %`, got: `${(lost * 100).toFixed(0)} % (CPU ${without.cpuMicros.toFixed(2)} to ${many.cpuMicros.toFixed(2)} us/message)`, reached: isFull ? lost <= AIM_SHARE : undefined },
      { id: 'rules-hostile', what: `hostile rules and lines at ${HOSTILE_PER_SECOND}/s: messages past the rules when the breaker has looked`, reach: `>= ${HOSTILE_PER_SECOND}/s`, got: `${hostile.takenPerSecond.toFixed(0)}/s, ${hostile.stopped} stopped, API at worst ${hostile.worstApiMs.toFixed(0)} ms`, reached: options.smoke ? undefined : hostile.takenPerSecond >= HOSTILE_PER_SECOND * 0.95 },
    ]
    return {
      figures,
      checks: [
        { what: `rules: each of ${options.loadMessages} messages went past the rules (${many.looked})`, ok: many.looked >= options.loadMessages },
        { what: `rules: every match was found (${many.matched} of ${Math.ceil(options.loadMessages / 1000)})`, ok: many.matched === Math.ceil(options.loadMessages / 1000) },
        { what: `rules, hostile: the API answered within ${AIM_API_MS} ms (${hostile.worstApiMs.toFixed(0)})`, ok: hostile.worstApiMs <= AIM_API_MS },
        { what: `rules, hostile: the backlog was shown (${hostile.worstBehind})`, ok: hostile.worstBehind > 0 },
      ],
      details: { without, many, hostile },
    }
  },
}

async function withRules<T>(text: string, work: (receiver: HubReceiver) => Promise<T>): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), 'hps-bench-rules-'))
  writeFileSync(join(folder, 'bench.yaml'), text)
  const place = await placeBenchHub({}, { rules: { directories: [folder] } })
  try {
    const receiver = await startHubAt(place)
    try {
      // a thousand rules are read and tested for seconds, while messages are stored already
      while (sumOf(await receiver.hub.metrics(), 'hps_rules_loaded') === 0) await delay(50)
      return await work(receiver)
    } finally {
      await receiver.stop()
    }
  } finally {
    place.remove()
    rmSync(folder, { recursive: true, force: true })
  }
}

/** Until every message can be counted, and until the rules have looked at each. */
async function ruled(receiver: HubReceiver, corpus: ReturnType<typeof writeCorpusFile>) {
  const before = receiver.cost()
  const outcome = await measureTcp(receiver, { scenario: 'rules', corpus, times: 1, until: 'countable' })
  const looked = async (): Promise<number> => sumOf(await receiver.hub.metrics(), 'hps_rules_messages_total')
  while ((await looked()) < corpus.messages) await delay(50)
  const cost = costBetween(before, receiver.cost())
  return { perSecond: outcome.perSecond, cpuMicros: (cost.cpuSeconds * 1e6) / corpus.messages, looked: await looked(), matched: sumOf(await receiver.hub.metrics(), 'hps_rules_matches_total') }
}

/** The load goes on for so long; the API is asked meanwhile. */
async function endure({ hub }: HubReceiver, seconds: number) {
  const load = await startPaced(hub.syslogPort, { path: writeCorpusFile(hostileCorpus(HOSTILE_MESSAGES)).path, perSecond: HOSTILE_PER_SECOND })
  const seen: { readonly atMs: number; readonly looked: number; readonly behind: number; readonly stopped: number; readonly apiMs: number }[] = []
  const startMs = performance.now()
  while (performance.now() - startMs < seconds * 1000) {
    seen.push(await lookAt(hub))
    await delay(500)
  }
  await load.stop()
  const [from, to] = [seen.at(-11) ?? seen[0]!, seen.at(-1)!]
  return {
    takenPerSecond: ((to.looked - from.looked) * 1000) / (to.atMs - from.atMs), worstBehind: Math.max(...seen.map(({ behind }) => behind)),
    worstApiMs: Math.max(...seen.map(({ apiMs }) => apiMs)), stopped: to.stopped, seen,
  }
}

async function lookAt(hub: RunningHub) {
  const beganMs = performance.now()
  await hub.json('/api/v1/alerts?limit=10')
  const apiMs = performance.now() - beganMs
  const metrics = await hub.metrics()
  return { atMs: performance.now(), looked: sumOf(metrics, 'hps_rules_messages_total'), behind: sumOf(metrics, 'hps_rules_behind_messages'), stopped: sumOf(metrics, 'hps_rules_stopped'), apiMs }
}
