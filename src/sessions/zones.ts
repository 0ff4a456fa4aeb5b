import type { SourceRecords } from '#store/index.ts'
import type { WriterCounters } from './counters.ts'
import { restoredZone, SenderZone } from './sender-zone.ts'
import type { SourceState } from './state.ts'

/** Host names of all relays whose zone is learned; stamps of others stay as they are. */
export const MAX_RELAYED_ZONES = 65_536

/** Zones of senders, and of the host names that relays speak for: machines in many zones may stand behind one relay. */
export interface Zones {
  readonly dirty: Set<SenderZone>
  /** @param host of a message of a relay; undefined: the sender speaks for itself */
  of(source: SourceState, host: string | undefined): SenderZone
}

export function createZones({ records, counters }: { readonly records: Pick<SourceRecords, 'zones'>; readonly counters: Pick<WriterCounters, 'add'> }): Zones {
  const relayed = new Map<string, SenderZone>()
  for (const zone of records.zones()) if (zone.host !== '') relayed.set(keyOf(zone.sourceId, zone.host), restoredZone(new SenderZone({ ...zone, configured: undefined }), zone))
  const dirty = new Set<SenderZone>()
  return {
    dirty,
    of(source, host) {
      if (host === undefined || source.zone.configured !== undefined) return source.zone
      if (host === '') return new SenderZone({ sourceId: source.id, host, configured: undefined, learns: false })
      const key = keyOf(source.id, host)
      const found = relayed.get(key)
      if (found !== undefined) return found
      const zone = new SenderZone({ sourceId: source.id, host, configured: undefined })
      if (relayed.size < MAX_RELAYED_ZONES) relayed.set(key, zone)
      else counters.add('refused:zones')
      return zone
    },
  }
}

const keyOf = (sourceId: number, host: string): string => `${sourceId} ${host}`
