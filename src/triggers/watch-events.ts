import type { HubEvent } from '#domain/hub-event.ts'
import { createHubEventRecords, type HubDatabase } from '#store/index.ts'

/** Events held in memory at once; further ones are read when these are taken. */
const EVENTS_AT_ONCE = 256

/** Hub events in the order of their numbers. Nobody has to send them: they are read from hub.db where reading ended. */
export interface HubEvents {
  /** Looks whether anybody wrote to hub.db since the last look, for next to nothing. @returns whether somebody did */
  look(): boolean
  /** The next one; undefined: none is known. */
  readonly head: HubEvent | undefined
  /** Goes on behind the head. */
  shift(): void
}

/** @param db a connection that nobody writes with: only others' writes are seen. @param afterId the last one that was taken */
export function createHubEvents(db: HubDatabase, afterId: number): HubEvents {
  const records = createHubEventRecords(db)
  const version = db.prepare<[], { data_version: number }>('PRAGMA data_version')
  let seenVersion: number | undefined
  let readId = afterId
  let events: readonly HubEvent[] = []
  let at = 0

  function read(): void {
    events = records.after(readId, EVENTS_AT_ONCE)
    at = 0
    readId = events.at(-1)?.id ?? readId
  }

  return {
    look() {
      const now = version.get()!.data_version
      const isOther = now !== seenVersion
      seenVersion = now
      if (isOther && at >= events.length) read()
      return isOther
    },
    get head() {
      return events[at]
    },
    shift() {
      at++
      // a full page: there may be more, whoever wrote them has done so before
      if (at >= events.length && events.length === EVENTS_AT_ONCE) read()
    },
  }
}
