import type { DemoNode } from './fleet.ts'
import { LOCAL0, say, type Answer, type Line, type Step, type Steps } from './line.ts'
import { between, seededRandom, type Random } from './random.ts'
import { debianInstalls } from './texts/installer.ts'
import { diskComplains, kernelStarts, linkFlap, panic } from './texts/kernel.ts'
import { dhcpExchange, ipxe, tftpSent } from './texts/network-boot.ts'
import { chatter, servicesStart, shutsDown } from './texts/userland.ts'

/** Seconds between two lines of an ordinary day. */
const CHATTER_MS = { low: 2_000, high: 15_000 } as const

export interface LifeOptions {
  readonly seed: number
  readonly httpUrl: string
  /** For the announced boot time. */
  readonly clock: () => number
}

/** All that a node ever does, step by step; endless but for the node that goes quiet. The same seed and the same answers give the same life. */
export function* life(node: DemoNode, { seed, httpUrl, clock }: LifeOptions): Steps {
  const random = seededRandom(seed)
  yield* delayed(node.startsAfterMs, netBoot(node, random, httpUrl))
  if (node.story === 'installs') {
    yield* kernelStarts(random)
    yield* debianInstalls(random)
    yield* delayed(8_000, netBoot(node, random, httpUrl))
  }
  yield* upAndRunning(node, random, clock)
  let upSeconds = STARTED_SECONDS
  for (;;) {
    upSeconds = yield* day(node, random, upSeconds)
    if (node.story === 'goes-quiet') return
    if (node.story === 'reboots' || node.story === 'announces') yield* shutsDown(random)
    if (node.story === 'announces') yield say(20, announcement('end reason=reboot'))
    if (endsInBoot(node)) {
      yield* delayed(between(random, 8_000, 15_000), netBoot(node, random, httpUrl))
      yield* upAndRunning(node, random, clock)
      upSeconds = STARTED_SECONDS
    }
  }
}

/** The kernel's clock when the services are up. */
const STARTED_SECONDS = 20

const endsInBoot = ({ story }: DemoNode): boolean => story === 'reboots' || story === 'announces' || story === 'crashes'

function* netBoot(node: DemoNode, random: Random, httpUrl: string): Steps {
  yield* dhcpExchange(node, random, 'pxe')
  yield* tftpSent(node)
  yield* delayed(1_200, dhcpExchange(node, random, 'ipxe'))
  yield* ipxe(node, httpUrl)
}

function* upAndRunning(node: DemoNode, random: Random, clock: () => number): Steps {
  const bootTimeSeconds = Math.floor(clock() / 1000)
  yield* kernelStarts(random)
  yield* dhcpExchange(node, random, 'linux')
  if (node.story === 'announces') yield say(30, announcement(`start host=${node.name} boot_time=${bootTimeSeconds} mac=${node.mac} kind=boot`))
  yield* servicesStart(node, random)
}

/** Some minutes of ordinary life, and what its story has for it at the end. @returns the kernel's clock then */
function* day(node: DemoNode, random: Random, sinceSeconds: number): Generator<Step, number, Answer | undefined> {
  const lines = between(random, 15, 30)
  let upSeconds = sinceSeconds
  for (let index = 0; index < lines; index++) {
    const afterMs = between(random, CHATTER_MS.low, CHATTER_MS.high)
    upSeconds += afterMs / 1000
    yield say(afterMs, chatter(node, random))
    if (node.story === 'flaps' && index % 6 === 5) upSeconds = yield* linkFlap(random, upSeconds)
  }
  if (node.story === 'sick-disk') yield* diskComplains(random, upSeconds)
  if (node.story === 'crashes') yield panic(node, upSeconds)
  return upSeconds
}

/** The wire contract of a node that knows the hub. */
const announcement = (text: string): Line => ({ facility: LOCAL0, severity: 6, app: 'hps-session', text })

/** The same steps, the first of them later; answers are passed on. */
function* delayed(ms: number, steps: Steps): Steps {
  let next = steps.next()
  for (let isFirst = true; next.done !== true; isFirst = false) {
    next = steps.next(yield isFirst ? { ...next.value, afterMs: next.value.afterMs + ms } : next.value)
  }
}
