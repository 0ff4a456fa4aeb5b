import type { Correlator } from '../correlate/correlator.ts'
import type { Slice } from './intake.ts'
import { CLOCK_NEWS, type Watermark } from './watermark.ts'

export interface LeapOptions {
  readonly watermark: Watermark
  readonly correlator: Pick<Correlator, 'paused'>
  readonly log: (level: 'error', fields: Readonly<Record<string, unknown>>, message: string) => void
}

/** The next thing is of this time: if time leaps to it, that was a pause of the hub and nobody's silence. Told, unless a tick did. */
export function noteLeap(toMs: number, { watermark, correlator, log }: LeapOptions): void {
  if (!watermark.isLeap(toMs)) return
  const fromMs = watermark.nowMs
  if (!watermark.isHeld) log(CLOCK_NEWS.held.level, { watermark_ms: fromMs, clock_ms: toMs }, CLOCK_NEWS.held.message)
  correlator.paused({ fromMs, toMs })
  watermark.took(toMs)
}

/** Rows up to a leap of time, or from it on. @returns the end of the rows that may be taken in one go */
export function endBeforeLeap({ batch: { receivedMs }, from, to }: Pick<Slice, 'batch' | 'from' | 'to'>, options: LeapOptions): number {
  noteLeap(receivedMs[from]!, options)
  const { watermark } = options
  if (!watermark.isLeap(receivedMs[to - 1]!)) return to
  for (let row = from + 1; row < to; row++) if (watermark.isLeap(receivedMs[row]!)) return row
  return to
}
