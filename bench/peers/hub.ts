import { folderBytes, costOf } from '../measure.ts'
import { placeHub, startHub, sumOf, type HubPlace, type RunningHub } from '../../test/support/hub.ts'
import type { Receiver } from './receiver.ts'

export type HubReceiver = Receiver & { readonly hub: RunningHub }

/**
 * A place for a hub as its users have it. What is set beside the defaults: segments are sealed soon after the last message,
 * so that a run ends; and the loads come from a relay, so that the host names in them become nodes.
 */
export const placeBenchHub = (store: Readonly<Record<string, string>> = {}, more: Readonly<Record<string, unknown>> = {}): Promise<HubPlace> =>
  placeHub({
    log_level: 'warn',
    store: { seal_after: '2s', ...store },
    syslog: { udp_buffer: '4MiB' },
    sources: [{ address: '127.0.0.1', roles: ['relay'] }],
    ...more,
  })

/** A hub at a new place, which goes with it. */
export async function startHubReceiver(): Promise<HubReceiver> {
  const place = await placeBenchHub()
  const receiver = await startHubAt(place)
  return {
    ...receiver,
    async stop() {
      await receiver.stop()
      place.remove()
    },
  }
}

/** A hub at a place that stays. Messages are counted from now on. */
export async function startHubAt(place: HubPlace): Promise<HubReceiver> {
  const hub = await startHub(place, { withinMs: START_WITHIN_MS })
  const before = await hub.metrics()
  const since = async (name: string): Promise<number> => sumOf(await hub.metrics(), name) - sumOf(before, name)
  return {
    name: 'hub',
    hub,
    pid: hub.pid,
    tcpPort: place.syslogPort,
    udpPort: place.syslogPort,
    cost: () => costOf(hub.pid),
    diskBytes: () => folderBytes(place.data),
    countable: () => since('hps_writer_rows_total'),
    async sealed() {
      const now = await hub.metrics()
      return sumOf(now, 'hps_store_sealed_rows_total') >= sumOf(now, 'hps_store_appended_rows_total') && sumOf(now, 'hps_store_waiting_segments') === 0
    },
    async counters() {
      const now = await hub.metrics()
      const dropped = [...now].filter(([key]) => DROPPED.test(key)).reduce((sum, [, value]) => sum + value, 0)
      return { dropped }
    },
    find: async (text) => (await hub.search(JSON.stringify(text), { limit: 10 })).length,
    async stop() {
      await hub.stop()
    },
  }
}

/** A hub that has a hundred million messages to look over must still come up inside this. */
const START_WITHIN_MS = 120_000

/** Every counter of something that came and was not stored. */
const DROPPED = /^hps_(?:ingest|syslog|store)_\w*(?:dropped|lost|refused)\w*_total/
