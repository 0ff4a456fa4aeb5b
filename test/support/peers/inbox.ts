import type { MessageView } from '../../../src/api/parts.ts'
import { untilFound, type RunningHub } from '../hub.ts'

/**
 * What the hub has stored of a word, in the order of receipt, once there are as many as were sent. More than that are given back too:
 * who compares the answer with what was sent sees both loss and doubling.
 */
export async function received(hub: RunningHub, word: string, count = 1): Promise<readonly MessageView[]> {
  await untilFound(hub, word, Math.min(count, 1000))
  const all = await hub.searchAll(word)
  return all.length >= count ? all : (await untilFound(hub, word, count)).toSorted((a, b) => a.seq - b.seq)
}

/** How many messages the hub has taken in over TCP and UDP. */
export async function takenIn(hub: RunningHub): Promise<number> {
  const samples = await hub.metrics()
  return (samples.get('hps_ingest_messages_total{transport="tcp"}') ?? 0) + (samples.get('hps_ingest_messages_total{transport="udp"}') ?? 0)
}

/** What RFC 3164's time does not say, and the hub notes. */
export const OLD_TIME = ['no-year', 'no-zone'] as const

/** Milliseconds between what the sender said and the receipt; NaN without a time. */
export const lagMs = (message: MessageView): number => Date.parse(message.received) - Date.parse(message.sent ?? '')
