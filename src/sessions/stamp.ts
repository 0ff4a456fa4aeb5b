import type { Batch } from '#domain/batch.ts'
import { PARSE_FAULTS } from '#domain/message.ts'
import { messageTime, type MessageTime } from './message-time.ts'
import type { Speaker } from './sources.ts'

const NO_ZONE = 1 << PARSE_FAULTS.indexOf('no-zone')

/** When the message of this row was said; learns the speaker's zone on the way. */
export function timeOfRow(batch: Batch, row: number, speaker: Speaker): MessageTime {
  const hasZone = (batch.faults[row]! & NO_ZONE) === 0
  const time = messageTime({ receivedMs: batch.receivedMs[row]!, sentMs: batch.sentMs[row]!, hasZone, zoneMs: speaker.zoneMs })
  // A relay hands on the stamps of machines in many zones.
  if (!speaker.isRelay) speaker.zoneMs = time.zoneMs
  return time
}
