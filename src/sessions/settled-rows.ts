import { HINT, type Batch } from '#domain/batch.ts'
import { mayMeanSomething } from './hps-gate.ts'
import { addMark, kernelMark, takesMarks } from './kernel-evidence.ts'
import { isEarlierBoot, isForwardClock } from './kernel-rows.ts'
import type { Parts } from './lifecycle.ts'
import type { Speaker } from './sources.ts'
import { timeOfRow } from './stamp.ts'
import type { SessionState } from './state.ts'

const CLAIM = HINT.dhcp | HINT.tftp
const KERNEL_CLOCK = HINT.kernel | HINT.printkClock

interface SettledRow {
  readonly batch: Batch
  readonly row: number
  readonly speaker: Speaker
  /** Hints that ask for a look; at least one. */
  readonly hints: number
  /** The session of the voice's plain rows, open and with an operating system that has spoken. */
  readonly session: SessionState
}

/**
 * The rows with hints that most rows with hints are, in a session where nothing is open: the next message of its kernel, a
 * line of HPS that means nothing beyond its text, and claims about others by somebody who may make none. They belong where plain rows of the voice belong.
 * @returns false: it is another case and wants a look; nothing was done
 */
export function isSettledRow(parts: Parts, settled: SettledRow): boolean {
  const { hints, speaker } = settled
  if (hints === KERNEL_CLOCK) return followsKernel(parts, settled)
  if (hints === HINT.kernel) return true // it says nothing of its kernel, and that one has started is known
  if (hints === HINT.hps) return !(speaker.isDhcp || speaker.isHub || speaker.isRelay) && !mayMeanSomething(settled.batch, settled.row)
  if ((hints & ~CLAIM) !== 0 || speaker.isDhcp) return false
  parts.counters.add('claims-refused')
  return true
}

/** The clock runs on and implies no other boot. */
function followsKernel({ book }: Parts, { batch, row, speaker, session }: SettledRow): boolean {
  const { kernel } = session
  const clockUs = batch.printkUs[row]!
  if (kernel === undefined || !isForwardClock(kernel, clockUs)) return false
  const time = timeOfRow(batch, row, speaker)
  const bootMs = time.ms - clockUs / 1000
  if (isEarlierBoot(kernel, bootMs, time)) return false
  if (bootMs < kernel.bootMs && !time.isOld) kernel.bootMs = bootMs
  if (clockUs > kernel.lastUs) kernel.lastUs = clockUs
  if (takesMarks(kernel)) {
    const start = batch.frameStart[row]! + batch.textOff[row]!
    addMark(kernel, clockUs, kernelMark(clockUs, batch.bytes, start, start + batch.textLen[row]!))
  }
  if (!session.isAnnounced) session.bootTimeMs = kernel.bootMs
  if (!session.isDirty) book.touch(session)
  return true
}
