import { setTimeout as wait } from 'node:timers/promises'
import { BOOT_SERVER, FLEET, type DemoNode } from './fleet.ts'
import { frame, ipxeFrame } from './frames.ts'
import { life } from './life.ts'
import type { Step } from './line.ts'
import type { Random } from './random.ts'
import { openSenders, type Senders } from './senders.ts'

export { DEMO_ASSETS, DEMO_ASSET_TEXT, demoProfiles, demoRegister, UNKNOWN_NODES } from './register.ts'

export interface DemoOptions {
  readonly hubSyslog: { readonly host: string; readonly udpPort: number; readonly tcpPort: number }
  readonly httpUrl: string
  readonly clock: () => number
  /** Asked once for each node; a seeded one gives the same fleet again. */
  readonly random: Random
  readonly signal: AbortSignal
  /** Resolves after that time, at once when the signal is raised; real time when left out. */
  readonly sleep?: (ms: number, signal: AbortSignal) => Promise<void>
}

export interface DemoFleet {
  readonly nodes: readonly DemoNode[]
  /** Resolves when the signal was raised and all sockets are closed. */
  readonly stopped: Promise<void>
}

/**
 * Switches on twelve simulated nodes: they boot from the network, install, log, lose their link, crash, go quiet. Each sends from
 * its own loopback address through real sockets, about one message in eight seconds when nothing happens.
 */
export function startDemoFleet(options: DemoOptions): DemoFleet {
  const httpUrl = options.httpUrl.replace(/\/+$/, '')
  const bootServer = openSenders(BOOT_SERVER.address, options.hubSyslog)
  const lives = FLEET.map((node) => live(node, { ...options, httpUrl, bootServer, seed: Math.floor(options.random() * 2 ** 32) }))
  return { nodes: FLEET, stopped: Promise.all(lives).then(() => bootServer.close()) }
}

async function live(node: DemoNode, options: DemoOptions & { readonly bootServer: Senders; readonly seed: number }): Promise<void> {
  const { clock, signal, sleep = realSleep } = options
  const senders = openSenders(node.address, options.hubSyslog)
  const steps = life(node, { seed: options.seed, httpUrl: options.httpUrl, clock })
  for (let next = steps.next(); next.done !== true; ) {
    const step = next.value
    await sleep(step.afterMs, signal)
    if (signal.aborted) break
    if (step.kind === 'ask') next = steps.next(await senders.ask(`${options.httpUrl}/boot/v1/decide?mac=${encodeURIComponent(node.mac)}&arch=x86_64&platform=efi`))
    else {
      perform(node, step, { ...options, senders })
      next = steps.next()
    }
  }
  senders.close()
}

function perform(node: DemoNode, step: Exclude<Step, { kind: 'ask' }>, { bootServer, senders, clock }: DemoOptions & { readonly bootServer: Senders; readonly senders: Senders }): void {
  switch (step.kind) {
    case 'say': {
      const bytes = frame(node.name, step.line, { dialect: node.dialect, nowMs: clock() })
      return node.dialect.endsWith('tcp') ? senders.stream(bytes) : senders.datagram(bytes)
    }
    case 'ipxe':
      return senders.datagram(ipxeFrame(node, step.text))
    case 'boot-server':
      return bootServer.datagram(frame(BOOT_SERVER.name, step.line, { dialect: 'rsyslog-udp', nowMs: clock() }))
  }
}

async function realSleep(ms: number, signal: AbortSignal): Promise<void> {
  await wait(ms, undefined, { signal }).catch((error: unknown) => {
    if (!signal.aborted) throw error
  })
}
