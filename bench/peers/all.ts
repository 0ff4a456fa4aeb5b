import { startHubReceiver } from './hub.ts'
import { startNaive } from './naive.ts'
import type { Receiver } from './receiver.ts'
import { startRsyslog } from './rsyslog.ts'
import { startSink } from './sink.ts'

/** Who is measured, in the order in which they take turns; `group` is what `--only` names. */
export const PEERS: readonly { readonly group: string; readonly takes: 'tcp' | 'udp' | 'both'; readonly start: () => Promise<Receiver> }[] = [
  { group: 'sink', takes: 'tcp', start: startSink },
  { group: 'rsyslog', takes: 'tcp', start: () => startRsyslog('imtcp') },
  { group: 'rsyslog', takes: 'tcp', start: () => startRsyslog('imptcp') },
  { group: 'hub', takes: 'both', start: startHubReceiver },
  { group: 'naive', takes: 'udp', start: startNaive },
]
