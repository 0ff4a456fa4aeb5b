import type { Batch } from '#domain/batch.ts'
import { BOOT_APP } from '#domain/wire.ts'
import { sessionFor, type Parts } from './lifecycle.ts'
import { isBeforeKernel } from './session-book.ts'
import type { Speaker } from './sources.ts'
import { sightingOf } from './stage-sightings.ts'
import { timeOfRow } from './stamp.ts'
import { refreshPlain, type NodeState, type SessionState } from './state.ts'

/** The session of a message that is no evidence; the first one of a session shows that the operating system, or the installer, runs. */
export function placeUserland(parts: Parts, { batch, row, node, speaker }: { readonly batch: Batch; readonly row: number; readonly node: NodeState | undefined; readonly speaker: Speaker }): SessionState | undefined {
  if (node === undefined) return undefined
  const session = sessionFor(parts, node, batch.receivedMs[row]!)
  if (session.isPlain || session.phase !== 'open' || isBootLine(batch, row)) return session
  if (isSaidBefore(session, { batch, row, speaker })) return session
  const stage = session.kind === 'boot' || session.kind === 'unknown' ? 'os.syslog' : 'kernel.up'
  parts.book.advance(session, sightingOf(session, { batch, row, speaker, stage, by: 'syslog' }))
  refreshPlain(session, true)
  return session
}

/** A queue may hand over late what the boot before said, while the machine is in its firmware; a clock that is wrong looks the same, and lasts longer. */
export function isSaidBefore(session: SessionState, { batch, row, speaker }: { readonly batch: Batch; readonly row: number; readonly speaker: Speaker }): boolean {
  if (session.origin === 'first-message' || !isBeforeKernel(session) || batch.receivedMs[row]! - session.openedMs > LATE_LINES_COME_FOR_MS) return false
  const time = timeOfRow(batch, row, speaker)
  return time.isOld && time.ms < session.openedMs
}
const LATE_LINES_COME_FOR_MS = 15 * 60_000

const BOOT_APP_BYTES = Buffer.from(BOOT_APP)

/** What a machine says or asks by HTTP through the boot API: said before its kernel or after it, so a sign of neither. */
function isBootLine({ bytes, frameStart, appOff, appLen }: Batch, row: number): boolean {
  if (appLen[row] !== BOOT_APP_BYTES.length) return false
  const start = frameStart[row]! + appOff[row]!
  return BOOT_APP_BYTES.every((byte, at) => bytes[start + at] === byte)
}
