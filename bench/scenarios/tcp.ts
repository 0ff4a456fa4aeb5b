import { fleetCorpus, FLEET_NODES } from '../load/fleet.ts'
import { referenceCorpus, writeCorpusFile, type CorpusSpec } from '../load/corpus.ts'
import { irregularCorpus } from '../irregular/corpus.ts'
import { measureTcp, type Outcome } from '../outcome.ts'
import type { Bench, Check, Scenario } from '../part.ts'
import { PEERS } from '../peers/all.ts'
import type { HubReceiver } from '../peers/hub.ts'
import type { Receiver } from '../peers/receiver.ts'
import { isSound, numbering, verdictText, verifyStored } from '../verify.ts'
import { judgeTcp, type TcpAims } from './tcp-figures.ts'
import { tcpChecks } from './tcp-checks.ts'

type MakeCorpus = (count: number, numbered?: (i: number) => string) => CorpusSpec
interface TcpScenario {
  readonly name: string
  readonly corpus: MakeCorpus
  readonly until: 'countable' | 'sealed'
  readonly aims: TcpAims
}

/** The fleet and the irregular corpus may cost half as much again as the reference corpus, against the same peers. */
const WITHIN = 1.5
const TCP_SCENARIOS: readonly TcpScenario[] = [
  { name: 'burst', corpus: referenceCorpus, until: 'countable', aims: { speed: 2, cpu: undefined, fullSize: 2_000_000 } },
  { name: 'sustained', corpus: referenceCorpus, until: 'sealed', aims: { speed: 1, cpu: 1, fullSize: 20_000_000 } },
  { name: 'fleet', corpus: fleetCorpus, until: 'sealed', aims: { speed: 1 / WITHIN, cpu: WITHIN, fullSize: 20_000_000 } },
  { name: 'irregular', corpus: irregularCorpus, until: 'sealed', aims: { speed: 1 / WITHIN, cpu: WITHIN, fullSize: 20_000_000 } },
]

/** One connection, one corpus, every receiver in turn; each meets it freshly started, so that no one inherits memory or files. */
export const TCP_LOADS: readonly Scenario[] = TCP_SCENARIOS.map((scenario) => ({ name: scenario.name, run: (bench) => runTcp(bench, scenario) }))

async function runTcp({ options, say }: Bench, { name, corpus, until, aims }: TcpScenario) {
  const spec = corpus(options.loadMessages, options.verify ? numbering : undefined)
  const file = writeCorpusFile(spec)
  const times = until === 'sealed' ? options.sustainedTimes : 1
  const outcomes: Outcome[] = []
  const checks: Check[] = []
  for (const { group, takes, start } of PEERS) {
    if (takes === 'udp' || !options.receivers.includes(group) || (group === 'sink' && until === 'sealed')) continue
    const receiver = await start()
    try {
      const outcome = await measureTcp(receiver, { scenario: name, corpus: file, times, until })
      outcomes.push(outcome)
      say(`${name} ${receiver.name}: ${outcome.perSecond}/s, ${outcome.cpuMicrosPerMessage.toFixed(2)} us/message`)
      if (isHub(receiver)) checks.push(...(await hubChecks(receiver, { name, spec, times, isNumbered: options.verify })))
    } finally {
      await receiver.stop()
    }
  }
  return { outcomes, figures: judgeTcp(name, { outcomes, aims }), checks: [...tcpChecks(outcomes), ...checks] }
}

const isHub = (receiver: Receiver): receiver is HubReceiver => 'hub' in receiver

interface Sent { readonly name: string; readonly spec: CorpusSpec; readonly times: number; readonly isNumbered: boolean }
async function hubChecks({ hub }: HubReceiver, { name, spec, times, isNumbered }: Sent): Promise<Check[]> {
  const checks: Check[] = []
  if (name === 'fleet' && spec.count >= FLEET_NODES) {
    const { nodes } = await hub.json<{ nodes: readonly { readonly name: string }[] }>('/api/v1/nodes')
    const known = nodes.filter((node) => node.name.startsWith('fleet-')).length
    checks.push({ what: `fleet, hub: every host name became a node (${known} of ${FLEET_NODES})`, ok: known === FLEET_NODES })
  }
  if (isNumbered) {
    const verdict = await verifyStored(hub, { corpus: spec, times })
    checks.push({ what: `${name}, hub: ${verdictText(verdict)}`, ok: isSound(verdict) })
  }
  return checks
}
