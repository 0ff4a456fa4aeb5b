import { parseArgs } from 'node:util'

/** How large a run is: the full sizes are those of the figures, the small ones show in two minutes that nothing is lost and that answers are right. */
export interface Options {
  readonly smoke: boolean
  readonly scenarios: readonly string[]
  /** Groups of receivers: sink, rsyslog, hub, naive. */
  readonly receivers: readonly string[]
  /** Messages are numbered and read back from the hub one by one. */
  readonly verify: boolean
  /** Of a corpus that is sent over TCP. */
  readonly loadMessages: number
  /** How often the corpus is sent where everything has to be sealed. */
  readonly sustainedTimes: number
  readonly udpPerSecond: number
  readonly udpSeconds: number
  readonly latencyPerSecond: number
  readonly latencySeconds: number
  readonly mailPerSecond: number
  readonly mailSeconds: number
  readonly memoryMinutes: number
  readonly storedMessages: number
  /** Repetitions of each search and each start. */
  readonly runs: number
}

export const SCENARIOS = ['burst', 'sustained', 'fleet', 'irregular', 'udp', 'latency', 'mail', 'disk', 'memory', 'search', 'start', 'rules', 'backtest'] as const

/** @throws Error with the reason, when the command line cannot be read */
export function readOptions(args: readonly string[]): Options {
  const { values } = parseArgs({
    args: [...args],
    options: {
      messages: { type: 'string' },
      minutes: { type: 'string' },
      smoke: { type: 'boolean', default: false },
      verify: { type: 'boolean', default: false },
      only: { type: 'string', default: 'sink,rsyslog,hub,naive' },
      scenario: { type: 'string', default: SCENARIOS.join(',') },
      'udp-rate': { type: 'string' },
      'udp-seconds': { type: 'string' },
      runs: { type: 'string' },
    },
  })
  const scenarios = values.scenario.split(',')
  const unknown = scenarios.filter((name) => !(SCENARIOS as readonly string[]).includes(name))
  if (unknown.length > 0) throw new Error(`there is no scenario ${unknown.join(', ')}; there are ${SCENARIOS.join(', ')}`)
  const { smoke } = values
  const sized = (given: string | undefined, { full, small }: { readonly full: number; readonly small: number }): number => numberOf(given, smoke ? small : full)
  return {
    smoke,
    scenarios,
    receivers: values.only.split(','),
    verify: values.verify || smoke,
    loadMessages: sized(values.messages, { full: 2_000_000, small: 20_000 }),
    sustainedTimes: smoke ? 2 : 10,
    udpPerSecond: sized(values['udp-rate'], { full: 100_000, small: 5000 }),
    udpSeconds: sized(values['udp-seconds'], { full: 10, small: 2 }),
    latencyPerSecond: smoke ? 2000 : 100_000,
    latencySeconds: smoke ? 2 : 10,
    mailPerSecond: smoke ? 1000 : 20_000,
    mailSeconds: smoke ? 2 : 20,
    memoryMinutes: sized(values.minutes, { full: 30, small: 0.15 }),
    storedMessages: sized(values.messages, { full: 10_000_000, small: 50_000 }),
    runs: sized(values.runs, { full: 20, small: 2 }),
  }
}

function numberOf(given: string | undefined, otherwise: number): number {
  const value = given === undefined ? otherwise : Number(given.replaceAll('_', ''))
  if (!(value > 0)) throw new Error(`“${given}” is no number above 0`)
  return value
}
