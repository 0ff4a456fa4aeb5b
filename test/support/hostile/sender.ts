import { setTimeout as delay } from 'node:timers/promises'
import type { Socket } from 'node:net'
import { asSender, tell } from '../sender-process.ts'
import { attackOnce, LARGE, SMALL } from './attacks.ts'
import { open, type Tally, type Target, type Way } from './target.ts'

/** Program: holds idle and slow connections and attacks until it is asked to end; then closes all and says what it did. */
export interface HostileOptions {
  readonly target: Target
  readonly idle: Readonly<Record<Way, number>>
  readonly slow: Readonly<Record<Way, number>>
  /** Attacks a second; every `largeEveryMs` one of the large ones. */
  readonly attacksPerSecond: number
  readonly largeEveryMs: number
}

export interface HostileResult {
  readonly held: number
  readonly opened: number
  readonly failed: number
  readonly attacks: number
  readonly largeAttacks: number
  /** Of the held connections: how many the hub had ended. */
  readonly lost: number
  readonly slowBytes: number
}

/** Each slow connection says one byte in so long. */
const SLOW_EVERY_MS = 5000
const CONNECT_AT_ONCE = 50
const SLOW_LINE = '<13>1 - slow hostile - - - one byte at a time, over and over, and never a line end'
const SLOW_RELP = '1 open 30 relp_version=0\ncommands=syslog\n2 syslog 60000 <13>1 - slow hostile - - - '

const { options, stop } = asSender<HostileOptions>()
const tally: Tally = { opened: 0, failed: 0 }

async function hold(counts: Readonly<Record<Way, number>>): Promise<{ readonly way: Way; readonly socket: Socket }[]> {
  const held: { way: Way; socket: Socket }[] = []
  const wanted = Object.entries(counts).flatMap(([way, count]) => Array.from({ length: count }, (_, number) => ({ way: way as Way, number })))
  for (let at = 0; at < wanted.length; at += CONNECT_AT_ONCE) {
    const opened = await Promise.all(wanted.slice(at, at + CONNECT_AT_ONCE).map(async (one) => ({ way: one.way, socket: (await open(options.target, tally, one))?.socket })))
    for (const { way, socket } of opened) if (socket !== undefined) held.push({ way, socket })
  }
  return held
}

const slow = await hold(options.slow)
const idle = await hold(options.idle)
const held = [...slow, ...idle]
tell({ held: held.length })

let slowBytes = 0
const SLICES = 50
const slowly = setInterval(() => {
  // a slice of them at a time, so that the load is even
  const round = Math.floor(slowBytes / slow.length)
  for (let n = 0; n < slow.length / SLICES; n++) {
    const { way, socket } = slow[slowBytes % slow.length]!
    slowBytes++
    const text = way === 'relp' ? SLOW_RELP : SLOW_LINE
    if (!socket.destroyed) socket.write(round < text.length ? text[round]! : 'x')
  }
}, SLOW_EVERY_MS / SLICES)

const running = new Set<Promise<void>>()
let [attacks, largeAttacks, nextLargeMs] = [0, 0, performance.now()]
while (!stop.aborted) {
  const isLarge = performance.now() >= nextLargeMs
  if (isLarge) nextLargeMs += options.largeEveryMs
  const one = isLarge ? LARGE[largeAttacks++ % LARGE.length]! : SMALL[attacks % SMALL.length]!
  const work: Promise<void> = attackOnce(options.target, tally, { ...one, number: attacks++ }).finally(() => running.delete(work))
  running.add(work)
  await delay(1000 / options.attacksPerSecond, undefined, { signal: stop }).catch(() => undefined)
}
await Promise.all(running)
clearInterval(slowly)
const lost = held.filter(({ socket }) => socket.destroyed || socket.readableEnded).length
tell({ held: held.length, ...tally, attacks, largeAttacks, lost, slowBytes } satisfies HostileResult)
process.exit(0) // which closes all that is held
