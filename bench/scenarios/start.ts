import { dropPageCache } from '../caches.ts'
import { ONCE } from '../load/known.ts'
import type { HubPlace } from '../../test/support/hub.ts'
import type { Scenario } from '../part.ts'
import { placeBenchHub, startHubAt } from '../peers/hub.ts'
import { quantile } from '../quantile.ts'

const FULL_SIZE = 100_000_000
const AIM_SECONDS = 0.3
/** A store smaller than this says nothing about one of the full size. */
const EXTRAPOLATED_FROM = 10_000_000

/** From the start of the program until `/readyz` says yes: with an empty folder that was used before, and with the store of the search scenario. */
export const START: Scenario = {
  name: 'start',
  async run(bench) {
    const { options, say } = bench
    const { place, facts } = await bench.stored()
    const empty = await placeBenchHub()
    try {
      const first = await starts(empty, 1)
      const emptyMillis = await starts(empty, options.runs)
      const storedMillis = await starts(place, options.runs)
      const isDropped = !options.smoke && dropPageCache()
      const coldMillis = isDropped ? await starts(place, 1) : []
      const [base, full] = [quantile(emptyMillis, 0.5), quantile(storedMillis, 0.5)]
      const moreSeconds = (full - base) / 1000
      const atFullSize = Math.max(0, moreSeconds) * Math.max(1, FULL_SIZE / facts.messages)
      say(`start: empty ${base.toFixed(0)} ms, with ${facts.messages} messages ${full.toFixed(0)} ms`)
      const found = await foundAfterAll(place)
      const isExtrapolated = facts.messages < FULL_SIZE
      return {
        figures: [
          {
            id: 'start',
            what: `start with ${facts.messages} messages stored${isExtrapolated ? ', extrapolated to 100 million' : ''}, beside an empty start`,
            reach: `<= ${AIM_SECONDS} s longer`,
            got: `${moreSeconds.toFixed(3)} s longer (${base.toFixed(0)} and ${full.toFixed(0)} ms)${isExtrapolated ? `, extrapolated ${atFullSize.toFixed(2)} s` : ''}`,
            reached: facts.messages < EXTRAPOLATED_FROM ? undefined : atFullSize <= AIM_SECONDS,
          },
        ],
        checks: [{ what: `start: after ${options.runs} starts the rare message is still there once (${found})`, ok: found === facts.once }],
        details: { messages: facts.messages, firstMillis: first[0], emptyMillis, storedMillis, coldMillis: coldMillis[0], pageCacheDropped: isDropped },
      }
    } finally {
      empty.remove()
    }
  },
}

async function foundAfterAll(place: HubPlace): Promise<number> {
  const receiver = await startHubAt(place)
  try {
    return await receiver.find!(ONCE)
  } finally {
    await receiver.stop()
  }
}

async function starts(place: HubPlace, times: number): Promise<number[]> {
  const millis: number[] = []
  for (let i = 0; i < times; i++) {
    const receiver = await startHubAt(place)
    millis.push(receiver.hub.readyMs)
    await receiver.stop()
  }
  return millis
}
