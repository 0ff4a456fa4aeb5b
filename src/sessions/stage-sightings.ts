import { seqOf, type Batch } from '#domain/batch.ts'
import type { Stage, StageSighting, StageWitness } from '#domain/stages.ts'
import type { MessageTime } from './message-time.ts'
import type { Speaker } from './sources.ts'
import { timeOfRow } from './stamp.ts'
import type { SessionState } from './state.ts'

/** Whether the stage was seen in this session. */
export function hasSeen({ sightings }: Pick<SessionState, 'sightings'>, stage: Stage): boolean {
  for (const seen of sightings) if (seen.stage === stage) return true
  return false
}

/**
 * Keeps the first sighting of each stage: a later one changes nothing, whatever its stamp says.
 * @returns what is to be written down; undefined: nothing is new
 */
export function noteSighting(session: Pick<SessionState, 'sightings'>, sighting: StageSighting): StageSighting | undefined {
  if (hasSeen(session, sighting.stage)) return undefined
  const noted = { ...sighting }
  session.sightings.push(noted)
  return noted
}

/** The same for what a session saw that is joined to this one: of each stage the earlier sighting stays. */
export function mergeSighting({ sightings }: Pick<SessionState, 'sightings'>, sighting: StageSighting): StageSighting | undefined {
  const at = sightings.findIndex((seen) => seen.stage === sighting.stage)
  if (at >= 0 && sightings[at]!.atMs <= sighting.atMs) return undefined
  const noted = { ...sighting }
  if (at < 0) sightings.push(noted)
  else sightings[at] = noted
  return noted
}

/** When it was said; a line that a queue held back from before the opening, or whose zone is not known, counts as said when it was received. */
export const sightedMs = ({ openedMs }: Pick<SessionState, 'openedMs'>, { time, receivedMs }: { readonly time: MessageTime; readonly receivedMs: number }): number =>
  time.isOld && !time.isVague && time.ms >= openedMs ? time.ms : Math.max(receivedMs, openedMs)

/** A stage that a row of the batch in hand shows; its `firstSeq` is set before it is committed. */
export interface RowSighting { readonly batch: Batch; readonly row: number; readonly speaker: Speaker; readonly stage: Stage; readonly by: StageWitness }

export function sightingOf(session: SessionState, { batch, row, speaker, stage, by }: RowSighting): StageSighting {
  const atMs = sightedMs(session, { time: timeOfRow(batch, row, speaker), receivedMs: batch.receivedMs[row]! })
  return { stage, atMs, seq: seqOf(batch, row), by }
}

/** A server's line that a queue held back since before the session: it is about an earlier boot. A stamp whose zone is not known yet does not say so. */
export function isSaidBeforeOpening({ openedMs }: SessionState, { batch, row, speaker }: Pick<RowSighting, 'batch' | 'row' | 'speaker'>): boolean {
  const time = timeOfRow(batch, row, speaker)
  return time.isOld && !time.isVague && time.ms < openedMs
}
