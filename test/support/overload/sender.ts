import { setTimeout as delay } from 'node:timers/promises'
import { asSender, tell } from '../sender-process.ts'
import { openChannel, type Where } from './channels.ts'
import { frameOf, type Numbered } from './frames.ts'

/** Program: offers numbered messages at an even rate for so long; what the way does not take in time is not sent. */
export interface OverloadOptions extends Numbered {
  readonly where: Where
  readonly perSecond: number
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
const channel = await openChannel(options.where)
const startMs = performance.now()
const elapsed = (): number => (performance.now() - startMs) / 1000
let sent = 0
while (elapsed() < options.seconds && !stop.aborted) {
  const due = Math.min(Math.floor(elapsed() * options.perSecond) - sent, MAX_AT_ONCE)
  if (due > 0) {
    await channel.send(Array.from({ length: due }, (_, i) => frameOf(options, sent + i)))
    sent += due
  }
  if (due < MAX_AT_ONCE) await delay(TICK_MS)
}
const seconds = elapsed()
await channel.end()
tell({ sender: options.sender, offered: Math.floor(options.seconds * options.perSecond), sent, seconds } satisfies OverloadResult)
process.exit(0)
