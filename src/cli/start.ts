import type { HubConfig } from '#app/index.ts'
import { CliFault, EXIT } from './exit.ts'
import type { CliIo } from './io.ts'

/** Runs the hub, and with it the demo fleet, until `io.signal` is raised. The hub is loaded only here: it is most of the program. */
export async function startHubWithDemo(io: CliIo, config: HubConfig, mode: 'plain' | 'demo'): Promise<number> {
  const { startHub } = await import('#app/index.ts')
  const failed = new AbortController()
  const signal = AbortSignal.any([io.signal, failed.signal])
  const hub = await startHub({ config, signal, print: io.talk }).catch((error: unknown) => {
    // its threads run already; they end as they would on SIGTERM
    failed.abort()
    throw startFault(error)
  })
  if (mode === 'plain') return hub.stopped
  const portOf = (transport: string): number | undefined => hub.syslog.find((listener) => listener.transport === transport)?.port
  const [udpPort, tcpPort] = [portOf('udp'), portOf('tcp')]
  if (udpPort === undefined || tcpPort === undefined) {
    io.talk('the demo fleet needs a UDP and a TCP syslog listener; the hub runs without it')
    return hub.stopped
  }
  const { startDemoFleet } = await import('#demo/index.ts')
  // with a hub whose thread died the fleet ends too
  const over = new AbortController()
  const fleet = startDemoFleet({ hubSyslog: { host: '127.0.0.1', udpPort, tcpPort }, httpUrl: hub.httpUrl, clock: io.clock, random: io.random, signal: AbortSignal.any([signal, over.signal]) })
  io.talk(`  demo     ${fleet.nodes.length} simulated nodes are switched on one after the other: ./hps tail, ./hps nodes, ./hps sessions\n`)
  const code = await hub.stopped
  over.abort()
  await fleet.stopped
  return code
}

const SOCKET_HINTS: Readonly<Record<string, string>> = {
  EADDRINUSE: 'another program has this port: stop it, or choose another with --port (HTTP) or syslog.listeners (see docs/reference/configuration.md)',
  EACCES: 'ports below 1024 need root or CAP_NET_BIND_SERVICE: see deploy/systemd, or choose a higher port',
  EADDRNOTAVAIL: 'this machine does not have the address: see http.address and syslog.listeners',
}

/** What a person can mend, as a CliFault with what to do; anything else as it is. */
function startFault(error: unknown): unknown {
  const message = error instanceof Error ? error.message : String(error)
  const hint = SOCKET_HINTS[/\b(EADDRINUSE|EACCES|EADDRNOTAVAIL)\b/.exec(message)?.[1] ?? '']
  return hint === undefined ? error : new CliFault(EXIT.failed, `the hub could not start: ${message}`, { hint, cause: error })
}
