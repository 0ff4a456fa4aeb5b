import { chance } from './chance.ts'
import { corpusMessages, lines, type CorpusSpec } from './corpus.ts'

/**
 * 5,000 nodes that say one message a second each: every second of theirs all of them speak, in an order that is shuffled
 * within it. The texts are those of the reference corpus; what differs is that neighbours in the stream are never of one node.
 */
export const FLEET_NODES = 5000
/** How far from its place in the round a node may speak. */
const JITTER = 64

export const fleetNodeName = (node: number): string => `fleet-${String(node).padStart(4, '0')}`

export const fleetCorpus = (count: number, numbering?: (i: number) => string): CorpusSpec => ({
  name: numbering === undefined ? 'fleet' : 'fleet-numbered',
  version: 1,
  count,
  frames(startMs) {
    const nodes = speakers()
    return lines(corpusMessages(startMs, { host: () => fleetNodeName(nodes.next().value), ...(numbering === undefined ? {} : { suffix: numbering }) }))
  },
})

/** Node numbers for ever: each of them once a round, swapped with one at most `JITTER` places on. */
function* speakers(): Generator<number, never> {
  const random = chance(5000)
  const order = Uint16Array.from({ length: FLEET_NODES }, (_, node) => node)
  for (;;) {
    for (let at = 0; at < FLEET_NODES; at++) {
      const other = Math.min(FLEET_NODES - 1, at + random.below(JITTER))
      const node = order[at]!
      order[at] = order[other]!
      order[other] = node
      yield order[at]!
    }
  }
}
