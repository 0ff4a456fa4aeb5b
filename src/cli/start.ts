import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { AppFault } from '#domain/fault.ts'
import { startHub, type HubConfig, type RunningHub } from '#app/index.ts'
import { DEMO_ASSETS, DEMO_ASSET_TEXT, demoProfiles, demoRegister, startDemoFleet, UNKNOWN_NODES, type DemoFleet } from '#demo/index.ts'
import { createClient } from './client.ts'
import { findConnection } from './connection.ts'
import { CliFault, EXIT } from './exit.ts'
import type { CliIo } from './io.ts'

/** The configuration as it stands now; undefined, with its faults told, where it has any. */
export type ReadConfig = () => HubConfig | undefined

/** Runs the hub until `io.signal` is raised; with what the demo adds, if it is to. Load this file late: the hub is most of the program. */
export async function runHub(io: CliIo, config: HubConfig, readAnew: ReadConfig): Promise<number> {
  return (await start(io, config, { signal: io.signal, readAnew })).stopped
}

/** The same with the demo fleet: its profiles and register are those of a hub that somebody has set up, but for two nodes. */
export async function runHubWithDemo(io: CliIo, config: HubConfig, readAnew: ReadConfig): Promise<number> {
  // hub and fleet end together, whichever ends first
  const over = new AbortController()
  const signal = AbortSignal.any([io.signal, over.signal])
  const hub = await start(io, withDemoProfiles(config), { signal, readAnew })
  const fleet = await startDemo(io, config, { hub, signal }).catch(async (error: unknown) => {
    over.abort()
    await hub.stopped
    throw error
  })
  const code = await hub.stopped
  over.abort()
  await fleet?.stopped
  return code
}

async function startDemo(io: CliIo, config: HubConfig, { hub, signal }: { readonly hub: RunningHub; readonly signal: AbortSignal }): Promise<DemoFleet | undefined> {
  const portOf = (transport: string): number | undefined => hub.syslog.find((listener) => listener.transport === transport && listener.isSecure !== true)?.port
  const [udpPort, tcpPort] = [portOf('udp'), portOf('tcp')]
  if (udpPort === undefined || tcpPort === undefined) {
    io.talk('the demo fleet needs a UDP and a TCP syslog listener; the hub runs without it')
    return undefined
  }
  // before the hub begins to log what becomes of them
  io.talk(`  demo     ${demoRegister().length + UNKNOWN_NODES.length} simulated machines are switched on one after the other; ${UNKNOWN_NODES.join(' and ')} wait until you say what they are:`)
  io.talk(`           ./hps nodes set ${UNKNOWN_NODES[0]} --profile demo-disk\n`)
  writeAssets(join(config.data, config.boot.assets))
  const client = createClient(await findConnection({ data: config.data }, {}), io)
  await client.send('POST', '/nodes/import', { nodes: demoRegister() })
  return startDemoFleet({ hubSyslog: { host: '127.0.0.1', udpPort, tcpPort }, httpUrl: hub.httpUrl, clock: io.clock, random: io.random, signal })
}

async function start(io: CliIo, config: HubConfig, { signal, readAnew }: { readonly signal: AbortSignal; readonly readAnew: ReadConfig }): Promise<RunningHub> {
  const hub = await startHub({ config, signal, print: io.talk }).catch((error: unknown) => {
    throw startFault(error)
  })
  io.onHangup(() => hub.reload(readAnew()))
  return hub
}

/** A profile that the configuration has under the same name stays. */
const withDemoProfiles = (config: HubConfig): HubConfig => ({ ...config, boot: { ...config.boot, profiles: { ...demoProfiles(), ...config.boot.profiles } } })

function writeAssets(folder: string): void {
  for (const name of DEMO_ASSETS) {
    mkdirSync(dirname(join(folder, name)), { recursive: true })
    writeFileSync(join(folder, name), DEMO_ASSET_TEXT)
  }
}

const SOCKET_HINTS: Readonly<Record<string, string>> = {
  EADDRINUSE: 'another program has this port: stop it, or choose another with --port (HTTP) or syslog.listeners (see docs/reference/configuration.md)',
  EACCES: 'ports below 1024 need root or CAP_NET_BIND_SERVICE: see deploy/systemd, or choose a higher port',
  EADDRNOTAVAIL: 'this machine does not have the address: see http.address and syslog.listeners',
}

/** What a person can mend, as a CliFault with what to do; anything else as it is. */
function startFault(error: unknown): unknown {
  const message = error instanceof Error ? error.message : String(error)
  if (error instanceof AppFault && (error.code === 'conflict' || error.code === 'store-failed')) return new CliFault(EXIT.failed, `the hub could not start: ${message}`, { cause: error })
  const hint = SOCKET_HINTS[/\b(EADDRINUSE|EACCES|EADDRNOTAVAIL)\b/.exec(message)?.[1] ?? '']
  return hint === undefined ? error : new CliFault(EXIT.failed, `the hub could not start: ${message}`, { hint, cause: error })
}
