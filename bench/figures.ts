import type { Latency } from './latency.ts'
import type { Outcome } from './scenarios.ts'

/** The figures that the project set itself, each against a peer of the same run where it is a ratio. */
export interface Figure {
  readonly id: string
  readonly what: string
  readonly reach: string
  readonly got: string
  /** undefined: this bench does not measure it yet. */
  readonly reached: boolean | undefined
  /** CPU seconds by thread, given where the figure is not reached. */
  readonly profile?: Readonly<Record<string, number>>
}

/** A figure that counts only at its real size is not judged on a smaller run. */
const FULL_BURST = 2_000_000
const FULL_SUSTAINED = 20_000_000
const MEBIBYTE = 1024 * 1024

export function judge(outcomes: readonly Outcome[], latency?: Latency): Figure[] {
  const of = (scenario: Outcome['scenario'], receiver: string): Outcome | undefined => outcomes.find((outcome) => outcome.scenario === scenario && outcome.receiver === receiver)
  const rsyslog = (scenario: Outcome['scenario']): Outcome | undefined =>
    outcomes.filter((outcome) => outcome.scenario === scenario && outcome.receiver.startsWith('rsyslog')).sort((a, b) => b.perSecond - a.perSecond)[0]
  const figures: Figure[] = []
  const [burst, burstPeer] = [of('burst', 'hub'), rsyslog('burst')]
  if (burst !== undefined && burstPeer !== undefined) {
    const ratio = burst.perSecond / burstPeer.perSecond
    figures.push(figure(burst, { id: 'burst', what: `TCP burst of ${burst.sent} until countable, against ${burstPeer.receiver}`, reach: '>= 2.00 x', got: `${ratio.toFixed(2)} x`, reached: ratio >= 2 }, FULL_BURST))
  }
  const [sustained, peer] = [of('sustained', 'hub'), rsyslog('sustained')]
  if (sustained !== undefined && peer !== undefined) {
    const ratio = sustained.perSecond / peer.perSecond
    figures.push(figure(sustained, { id: 'sustained', what: `TCP ${sustained.sent} until sealed, against ${peer.receiver}`, reach: '>= 1.00 x', got: `${ratio.toFixed(2)} x`, reached: ratio >= 1 }, FULL_SUSTAINED))
    const cpu = sustained.cpuMicrosPerMessage / peer.cpuMicrosPerMessage
    figures.push(figure(sustained, { id: 'sustained-cpu', what: 'CPU per message to the end of sealing', reach: '<= 1.00 x', got: `${cpu.toFixed(2)} x`, reached: cpu <= 1 }, FULL_SUSTAINED))
    figures.push(figure(sustained, { id: 'disk', what: 'bytes on disk per message, as first sealed', reach: '<= 15', got: sustained.diskBytesPerMessage.toFixed(1), reached: sustained.diskBytesPerMessage <= 15 }, FULL_BURST))
  }
  const peak = Math.max(0, ...outcomes.filter(({ receiver }) => receiver === 'hub').map(({ cost }) => cost.peakBytes))
  if (sustained !== undefined) {
    figures.push(figure(sustained, { id: 'memory', what: 'VmHWM saturated, MB', reach: '<= 300', got: (peak / 1e6).toFixed(0), reached: peak <= 300e6 }, FULL_BURST))
  }
  const udp = of('udp', 'hub')
  if (udp !== undefined) {
    const lost = udp.sent - udp.stored
    figures.push(figure(udp, { id: 'udp', what: `UDP, one sender, ${Math.round(udp.sent / udp.sender.wallSeconds)}/s: lost`, reach: '0', got: String(lost), reached: lost <= 0 }, 1_000_000))
    const unaccounted = lost - udp.counted
    figures.push({ id: 'udp-ledger', what: 'UDP: sent - stored - counted', reach: '0', got: String(unaccounted), reached: unaccounted === 0 })
  }
  if (latency !== undefined) figures.push(latencyFigure(latency))
  return [...figures, ...NOT_MEASURED]
}

const LATENCY_LOAD = 100_000
function latencyFigure({ loadPerSecond, missed, skips, tailP99Ms, searchP99Ms, tailP50Ms, searchP50Ms }: Latency): Figure {
  const worst = Math.max(tailP99Ms, searchP99Ms)
  return {
    id: 'latency',
    what: `receipt to live tail and to a search, p99, at ${loadPerSecond}/s`,
    reach: '<= 250 ms',
    got: `tail ${tailP99Ms.toFixed(0)} ms (median ${tailP50Ms.toFixed(0)}, ${missed} missed, ${skips} skips), search ${searchP99Ms.toFixed(0)} ms (median ${searchP50Ms.toFixed(0)})`,
    reached: loadPerSecond < LATENCY_LOAD ? undefined : worst <= 250 && missed === 0,
  }
}

/** A figure not reached carries the profile; on a run that is too small it is shown and not judged. */
function figure(outcome: Outcome, judged: Omit<Figure, 'profile'>, fullSize: number): Figure {
  if (outcome.sent < fullSize) return { ...judged, reached: undefined, got: `${judged.got} (at ${outcome.sent} messages)` }
  return judged.reached === true ? judged : { ...judged, profile: outcome.cost.threads }
}

const NOT_MEASURED: readonly Figure[] = [
  ['fleet', '5,000 nodes at 1 message/s each, and the irregular corpus', 'within 1.5 x'],
  ['compaction', 'bytes on disk per message after idle compaction', '<= 12'],
  ['search', 'five searches over 10 million messages', '25; 25; 5; 1500; 100 ms'],
  ['rules', '1,000 rules, share of throughput', '<= 25 %'],
  ['mail', 'datagram to accepted mail, p99, at 20,000/s', '<= 300 ms'],
  ['decisions', 'boot decisions, 200/s for 60 s; 2,000 at once', 'p99 <= 50 ms; within 3 s'],
  ['start', 'start with 100 million messages stored', '<= 0.3 s longer'],
].map(([id, what, reach]) => ({ id: id!, what: what!, reach: reach!, got: '-', reached: undefined }))

export const peakMebibytes = (outcome: Outcome): number => Math.round(outcome.cost.peakBytes / MEBIBYTE)
