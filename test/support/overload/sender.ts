import { setTimeout as delay } from 'node:timers/promises'
import { asSender, tell } from '../sender-process.ts'
import { openChannel, type Channel, type Where } from './channels.ts'
import { frameOf, type Numbered } from './frames.ts'

/** Program: offers numbered messages at an even rate for so long; what the way does not take in time is not sent. */
export interface OverloadOptions extends Numbered {
  readonly where: Where
  readonly perSecond: number
  /** One may be held to less than the hub takes, by a window or an answer that it waits for. */
  readonly connections?: number
  /** Messages handed over in one piece, at most. */
  readonly atOnce?: number
  readonly seconds: number
}

export interface OverloadResult {
  readonly sender: number
  /** What the rate asked for. */
  readonly offered: number
  /** Numbers 0 to this, without it, were handed over. */
  readonly sent: number
  readonly seconds: number
}

const TICK_MS = 2
/** So many at once, so that no receive buffer overflows by the burst alone. */
const MAX_AT_ONCE = 100

const { options, stop } = asSender<OverloadOptions>()
const { atOnce = MAX_AT_ONCE } = options
const channels = await Promise.all(Array.from({ length: options.connections ?? 1 }, () => openChannel(options.where)))
const startMs = performance.now()
const elapsed = (): number => (performance.now() - startMs) / 1000
let sent = 0

async function keepOffering(channel: Channel): Promise<void> {
  while (elapsed() < options.seconds && !stop.aborted) {
    const due = Math.min(Math.floor(elapsed() * options.perSecond) - sent, atOnce)
    if (due > 0) {
      const first = sent
      sent += due
      await channel.send(Array.from({ length: due }, (_, i) => frameOf(options, first + i)))
    }
    if (due < atOnce) await delay(TICK_MS)
  }
}

await Promise.all(channels.map(keepOffering))
const seconds = elapsed()
await Promise.all(channels.map((channel) => channel.end()))
tell({ sender: options.sender, offered: Math.floor(options.seconds * options.perSecond), sent, seconds } satisfies OverloadResult)
process.exit(0)
