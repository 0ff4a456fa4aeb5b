import type { HubConfig } from '#app/config.ts'
import type { CliIo } from './io.ts'

/** What the hub says once it runs; the whole of it is in `#app/index.ts`. */
interface RunningHub {
  /** Resolves with the exit code when everything is written and closed. */
  readonly stopped: Promise<number>
  readonly httpUrl: string
  readonly syslog: readonly { readonly transport: string; readonly port: number }[]
}
type StartHub = (options: { readonly config: HubConfig; readonly signal: AbortSignal; readonly print: (line: string) => void }) => Promise<RunningHub>

/** Runs the hub, and with it the demo fleet, until `io.signal` is raised. The hub is loaded only here: it is most of the program. */
export async function startHubWithDemo(io: CliIo, config: HubConfig, mode: 'plain' | 'demo'): Promise<number> {
  const entry: string = '#app/index.ts'
  const { startHub } = (await import(entry)) as { readonly startHub: StartHub }
  const hub = await startHub({ config, signal: io.signal, print: io.talk })
  if (mode === 'plain') return hub.stopped
  const portOf = (transport: string): number | undefined => hub.syslog.find((listener) => listener.transport === transport)?.port
  const [udpPort, tcpPort] = [portOf('udp'), portOf('tcp')]
  if (udpPort === undefined || tcpPort === undefined) {
    io.talk('the demo fleet needs a UDP and a TCP syslog listener; the hub runs without it')
    return hub.stopped
  }
  const { startDemoFleet } = await import('#demo/index.ts')
  const fleet = startDemoFleet({ hubSyslog: { host: '127.0.0.1', udpPort, tcpPort }, httpUrl: hub.httpUrl, clock: io.clock, random: io.random, signal: io.signal })
  io.talk(`the demo fleet of ${fleet.nodes.length} nodes is switched on: look at ./hps nodes and ./hps tail`)
  const code = await hub.stopped
  await fleet.stopped
  return code
}
