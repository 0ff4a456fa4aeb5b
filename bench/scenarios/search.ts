import { dropPageCache } from '../caches.ts'
import { fillerCorpus } from '../load/known.ts'
import { startPaced } from '../load/paced.ts'
import { costBetween, type Cost } from '../measure.ts'
import { until } from '../../test/support/child.ts'
import type { Bench, Check, Figure, Scenario } from '../part.ts'
import { startHubAt, type HubReceiver } from '../peers/hub.ts'
import { quantile } from '../quantile.ts'
import { SEARCH_CASES, timeCase, type SearchTimes } from '../searches.ts'
import type { StoredHub } from '../stored-hub.ts'
import { OWN_ROWS } from './tcp-checks.ts'

const FULL_SIZE = 10_000_000
const INGEST_PER_SECOND = 20_000
const FILLER_MESSAGES = 200_000
/** Fewer repetitions where each needs a start of its own; a smoke run sees that cold answers are right, once and for these. */
const COLD_RUNS = 10
const COLD_IN_SMOKE = ['rare', 'regex', 'by-node']
const SMOKE_PER_SECOND = 2000

type Condition = 'warm' | 'cold' | 'ingesting'
/** `perSecond`: what is ingested meanwhile. */
interface Round { readonly condition: Condition; readonly perSecond?: number; readonly times: readonly SearchTimes[]; readonly cost: Cost | undefined }

/** Searches over a store whose content is known, warm, cold, and while it grows; every answer is checked. */
export const SEARCH: Scenario = {
  name: 'search',
  async run(bench) {
    const stored = await bench.stored()
    const { options } = bench
    const cold = await coldRound(bench, stored)
    const receiver = await startHubAt(stored.place)
    try {
      const before = receiver.cost()
      const warm = { condition: 'warm', times: await timed(receiver, { stored, runs: options.runs }), cost: costBetween(before, receiver.cost()) } as const
      const { round: ingesting, checks } = await ingestingRound(bench, { receiver, stored })
      const rounds: readonly Round[] = [warm, ingesting, cold.round]
      return {
        figures: rounds.flatMap((round) => round.times.map((times) => judge(round, { times, messages: stored.facts.messages }))),
        checks: [...rounds.flatMap(answerChecks), ...checks],
        details: { messages: stored.facts.messages, fill: stored.fill, pageCacheDropped: cold.isDropped, rounds },
      }
    } finally {
      await receiver.stop()
    }
  },
}

interface Asked { readonly stored: StoredHub; readonly runs: number }
async function timed({ hub }: HubReceiver, { stored, runs }: Asked): Promise<SearchTimes[]> {
  const all: SearchTimes[] = []
  for (const search of SEARCH_CASES) {
    await search.run(hub, stored.facts) // what the first one loads is not part of a warm search
    all.push(await timeCase(hub, { search, facts: stored.facts, runs }))
  }
  return all
}

/** Every search is the first one of a hub that was just started, with the disk's pages forgotten where that is permitted. */
async function coldRound({ options, say }: Bench, stored: StoredHub): Promise<{ readonly round: Round; readonly isDropped: boolean }> {
  const times = new Map<string, SearchTimes>()
  const cases = options.smoke ? SEARCH_CASES.filter(({ id }) => COLD_IN_SMOKE.includes(id)) : SEARCH_CASES
  // a smoke run may share its machine with others, who would pay for an empty page cache
  let isDropped = !options.smoke
  for (let run = 0; run < (options.smoke ? 1 : Math.min(options.runs, COLD_RUNS)); run++) {
    for (const search of cases) {
      isDropped = isDropped && dropPageCache()
      const receiver = await startHubAt(stored.place)
      try {
        const one = await timeCase(receiver.hub, { search, facts: stored.facts, runs: 1 })
        const before = times.get(search.id)
        times.set(search.id, before === undefined ? one : { ...one, millis: [...before.millis, ...one.millis], faults: [...before.faults, ...one.faults] })
      } finally {
        await receiver.stop()
      }
    }
  }
  if (!isDropped) say(`cold searches: the page cache was not dropped (${options.smoke ? 'smoke' : 'only root may'}), so they are cold for the hub and warm for the kernel`)
  return { round: { condition: 'cold', times: [...times.values()], cost: undefined }, isDropped }
}

async function ingestingRound({ options }: Bench, { receiver, stored }: { readonly receiver: HubReceiver; readonly stored: StoredHub }): Promise<{ readonly round: Round; readonly checks: readonly Check[] }> {
  const [before, countableBefore] = [receiver.cost(), await receiver.countable()]
  const perSecond = options.smoke ? SMOKE_PER_SECOND : INGEST_PER_SECOND
  const load = await startPaced(receiver.tcpPort!, { path: fillerCorpus(FILLER_MESSAGES).path, perSecond })
  const times = await timed(receiver, { stored, runs: options.runs })
  const { sent } = await load.stop()
  const grown = async (): Promise<number> => (await receiver.countable()) - countableBefore
  await until(`all ${sent} messages of the load`, async () => (await grown()) >= sent).catch(() => undefined)
  const arrived = await grown()
  const checks = [{ what: `search, while ingesting: all ${sent} messages of the load stored, none twice (${arrived})`, ok: sent > 0 && arrived >= sent && arrived <= sent + OWN_ROWS }]
  return { round: { condition: 'ingesting', perSecond, times, cost: costBetween(before, receiver.cost()) }, checks }
}

const answerChecks = ({ condition, times }: Round): Check[] =>
  times.map(({ id, millis, faults }) => ({ what: `search ${id}, ${condition}: all ${millis.length} answers are right${faults.length === 0 ? '' : ` (${faults[0]})`}`, ok: millis.length > 0 && faults.length === 0 }))

const CONDITIONS: Readonly<Record<Condition, string>> = { warm: 'warm', cold: 'cold', ingesting: 'warm, while ingesting' }

/** The median is judged; the aims are for warm searches of a full store. */
function judge({ condition, cost, perSecond }: Round, { times, messages }: { readonly times: SearchTimes; readonly messages: number }): Figure {
  const search = SEARCH_CASES.find(({ id }) => id === times.id)!
  const [median, p95] = [quantile(times.millis, 0.5), quantile(times.millis, 0.95)]
  const isFull = messages >= FULL_SIZE && condition !== 'cold' && (perSecond ?? INGEST_PER_SECOND) >= INGEST_PER_SECOND
  const reached = isFull ? median <= search.aimMs : undefined
  return {
    id: `search-${times.id}${condition === 'warm' ? '' : `-${condition}`}`,
    what: `${search.what}, ${CONDITIONS[condition]}${perSecond === undefined ? '' : ` ${perSecond}/s`}`,
    reach: condition === 'cold' ? '-' : `<= ${search.aimMs} ms`,
    got: `median ${median.toFixed(1)} ms, p95 ${p95.toFixed(1)} ms${condition === 'cold' ? '' : `, in the store ${times.storeMillis.toFixed(1)} ms`}${messages >= FULL_SIZE ? '' : ` (of ${messages})`}`,
    reached,
    ...(reached === false && cost !== undefined ? { profile: cost.threads } : {}),
  }
}
