import type { Outcome } from '../outcome.ts'
import type { Figure } from '../part.ts'

export interface TcpAims {
  /** Times the speed of the better rsyslog of the same run. */
  readonly speed: number
  /** Times its CPU per message; undefined: not judged. */
  readonly cpu: number | undefined
  /** A smaller run is shown and not judged. */
  readonly fullSize: number
}

/** The better of imtcp and imptcp on the same bytes. */
export const bestPeer = (outcomes: readonly Outcome[]): Outcome | undefined => outcomes.filter(({ receiver }) => receiver.startsWith('rsyslog')).sort((a, b) => b.perSecond - a.perSecond)[0]

export function judgeTcp(name: string, { outcomes, aims }: { readonly outcomes: readonly Outcome[]; readonly aims: TcpAims }): Figure[] {
  const [hub, peer] = [outcomes.find(({ receiver }) => receiver === 'hub'), bestPeer(outcomes)]
  if (hub === undefined) return []
  const { fullSize } = aims
  const figures: Figure[] = []
  if (peer !== undefined) {
    const speed = hub.perSecond / peer.perSecond
    figures.push(figure(hub, { id: name, what: `TCP, ${hub.sent} messages, speed against ${peer.receiver}`, reach: `>= ${aims.speed.toFixed(2)} x`, got: `${speed.toFixed(2)} x`, reached: speed >= aims.speed }, fullSize))
    const cpu = hub.cpuMicrosPerMessage / peer.cpuMicrosPerMessage
    if (aims.cpu !== undefined) {
      figures.push(figure(hub, { id: `${name}-cpu`, what: `CPU per message to the end of sealing, against ${peer.receiver}`, reach: `<= ${aims.cpu.toFixed(2)} x`, got: `${cpu.toFixed(2)} x`, reached: cpu <= aims.cpu }, fullSize))
    }
  }
  const peak = hub.cost.peakBytes
  figures.push(figure(hub, { id: `${name}-memory`, what: 'VmHWM of the hub under this load, MB', reach: '<= 300', got: (peak / 1e6).toFixed(0), reached: peak <= 300e6 }, fullSize))
  return figures
}

/** A figure not reached carries the profile; on a run that is too small it is shown and not judged. */
function figure(outcome: Outcome, judged: Omit<Figure, 'profile'>, fullSize: number): Figure {
  if (outcome.sent < fullSize) return { ...judged, reached: undefined, got: `${judged.got} (at ${outcome.sent} messages)` }
  return judged.reached === true ? judged : { ...judged, profile: outcome.cost.threads }
}
