import type { HubEvent } from '#domain/hub-event.ts'
import type { HubDatabase } from '#store/index.ts'
import type { Inventory } from '../inventory.ts'
import { createInventorySnapshot } from '../state/inventory-snapshot.ts'
import { createHubEvents } from '../watch-events.ts'

/** Facts are read again this often at most, and only when somebody wrote to hub.db. */
const REFRESH_EVERY_MS = 2000
/** An event names a message that is not on the disk yet; after this long it never will be. */
const MESSAGE_WAIT_MS = 5000

/** What hub.db tells the rules: what is known of nodes, and what the hub noticed, in its place among the messages. */
export interface Nodes {
  readonly inventory: Inventory
  /** Reads on where somebody wrote. @returns whether facts of nodes are others now */
  look(): boolean
  /** The next event; undefined: none is known. */
  readonly head: HubEvent | undefined
  /** Where among the rows the next event has its place: behind so many of them; undefined: behind all. */
  placeOf(event: HubEvent, rows: RowRange): number | undefined
  /** Whether it can be taken when no message waits. */
  isDue(event: HubEvent, now: { readonly cursor: number; readonly clockMs: number }): boolean
  /** What the event changes is known before rules see it. @returns whether that was new */
  note(event: HubEvent): boolean
  shift(): void
}

export interface RowRange { readonly firstSeq: number; readonly receivedMs: Float64Array; readonly from: number; readonly to: number }

/** Behind the message that showed it, else by its time. */
export function placeOfEvent({ seq, atMs }: Pick<HubEvent, 'seq' | 'atMs'>, { firstSeq, receivedMs, from, to }: RowRange): number | undefined {
  if (seq > 0) {
    const behind = seq - firstSeq + 1
    return behind < to ? Math.max(from, behind) : undefined
  }
  for (let row = from; row < to; row++) if (receivedMs[row]! > atMs) return row
  return undefined
}

/** @param hub a connection on which this thread only reads */
export function createNodes({ hub, eventId, elapsedMs }: { readonly hub: HubDatabase; readonly eventId: number; readonly elapsedMs: () => number }): Nodes {
  const inventory = createInventorySnapshot(hub)
  const events = createHubEvents(hub, eventId)
  let isStale = true
  let refreshedMs = -Infinity
  return {
    inventory,
    look() {
      if (events.look()) isStale = true
      if (!isStale || elapsedMs() - refreshedMs < REFRESH_EVERY_MS) return false
      isStale = false
      refreshedMs = elapsedMs()
      return inventory.refresh()
    },
    get head() {
      return events.head
    },
    placeOf: placeOfEvent,
    isDue: ({ seq, atMs }, { cursor, clockMs }) => seq <= cursor || clockMs - atMs > MESSAGE_WAIT_MS,
    note: (event) => inventory.note(event),
    shift: () => events.shift(),
  }
}
