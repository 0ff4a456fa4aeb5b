import { corpusFile } from '../load/corpus.ts'
import { measureUdp, type Outcome } from '../outcome.ts'
import type { Check, Figure, Scenario } from '../part.ts'
import { PEERS } from '../peers/all.ts'
import { OWN_ROWS } from './tcp-checks.ts'

const FULL_SIZE = 1_000_000

/** One paced sender of datagrams; what is not stored must be counted. */
export const UDP: Scenario = {
  name: 'udp',
  async run({ options, say }) {
    const corpus = corpusFile(Math.min(options.loadMessages, FULL_SIZE))
    const outcomes: Outcome[] = []
    for (const { group, takes, start } of PEERS) {
      if (takes === 'tcp' || !options.receivers.includes(group)) continue
      const receiver = await start()
      try {
        const outcome = await measureUdp(receiver, { corpus, perSecond: options.udpPerSecond, seconds: options.udpSeconds })
        outcomes.push(outcome)
        say(`udp ${receiver.name}: ${outcome.sent - outcome.stored} of ${outcome.sent} not stored, ${outcome.counted} counted`)
      } finally {
        await receiver.stop()
      }
    }
    return { outcomes, figures: outcomes.filter(({ receiver }) => receiver === 'hub').flatMap(judge), checks: outcomes.map(check) }
  },
}

function judge({ sent, stored, counted, sender, cost }: Outcome): Figure[] {
  const lost = sent - stored
  const isFull = sent >= FULL_SIZE
  return [
    {
      id: 'udp',
      what: `UDP, one sender, ${Math.round(sent / sender.wallSeconds)}/s: lost`,
      reach: '0',
      got: isFull ? String(lost) : `${lost} (of ${sent})`,
      reached: isFull ? lost <= 0 : undefined,
      ...(isFull && lost > 0 ? { profile: cost.threads } : {}),
    },
    { id: 'udp-ledger', what: 'UDP: sent - stored - counted', reach: '0', got: String(lost - counted), reached: lost - counted <= 0 && lost - counted >= -OWN_ROWS },
  ]
}

function check({ receiver, sent, stored, counted }: Outcome): Check {
  if (receiver !== 'hub') return { what: `udp, ${receiver}: it stored something (${stored} of ${sent})`, ok: stored > 0 && stored <= sent }
  const unaccounted = sent - stored - counted
  return { what: `udp, ${receiver}: sent = stored + counted (${sent} = ${stored} + ${counted})`, ok: unaccounted <= 0 && unaccounted >= -OWN_ROWS }
}
