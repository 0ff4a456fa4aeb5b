import { until } from '../test/support/child.ts'
import type { HubPlace } from '../test/support/hub.ts'
import { addFacts, fillerCorpus, knownCorpus, type Facts } from './load/known.ts'
import { costBetween, folderBytes, type Cost } from './measure.ts'
import { send, untilCountable, WITHIN_MS } from './outcome.ts'
import { placeBenchHub, startHubAt } from './peers/hub.ts'

/** A hub's data folder with a known content, all of it sealed, and nobody running on it. */
export interface StoredHub {
  readonly place: HubPlace
  readonly facts: Facts
  readonly fill: { readonly wallSeconds: number; readonly cost: Cost; readonly bytesPerMessage: number }
  remove(): void
}

/** Larger stores are the known corpus and then this many others, over and over. */
const KNOWN_MESSAGES = 10_000_000
const FILLER_MESSAGES = 2_000_000
/** A search over everything must end by itself, also where the store is ten times the size of the figures. */
const SEARCH_DEADLINE = '60s'

export async function fillHub(messages: number): Promise<StoredHub> {
  const known = knownCorpus(Math.min(messages, KNOWN_MESSAGES))
  const times = Math.ceil((messages - known.messages) / FILLER_MESSAGES)
  const filler = times > 0 ? fillerCorpus(FILLER_MESSAGES) : undefined
  const facts = filler === undefined ? known.facts : addFacts(known.facts, filler.facts, times)
  const place = await placeBenchHub({ search_deadline: SEARCH_DEADLINE })
  const receiver = await startHubAt(place)
  try {
    const [before, startMs] = [receiver.cost(), performance.now()]
    await send('send-tcp.ts', [place.syslogPort, known.path, 1])
    if (filler !== undefined) await send('send-tcp.ts', [place.syslogPort, filler.path, times])
    await untilCountable(receiver, facts.messages)
    await until('everything to be sealed', receiver.sealed!, { withinMs: WITHIN_MS, everyMs: 200 })
    const fill = { wallSeconds: (performance.now() - startMs) / 1000, cost: costBetween(before, receiver.cost()), bytesPerMessage: folderBytes(place.data) / facts.messages }
    await receiver.stop()
    return { place, facts, fill, remove: () => place.remove() }
  } catch (error) {
    await receiver.stop()
    place.remove()
    throw error
  }
}
