import { folderBytes, costOf } from '../measure.ts'
import { placeHub, startHub, sumOf, type RunningHub } from '../../test/support/hub.ts'
import type { Receiver } from './receiver.ts'

/** The hub as its users start it; only what makes a run end is set: segments are sealed soon after the last message. */
export async function startHubReceiver(): Promise<Receiver & { readonly hub: RunningHub }> {
  const place = await placeHub({ log_level: 'warn', store: { seal_after: '2s' }, syslog: { udp_buffer: '4MiB' } })
  const hub = await startHub(place)
  const before = await hub.metrics()
  const since = async (name: string, having?: string): Promise<number> => sumOf(await hub.metrics(), name, having) - sumOf(before, name, having)
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
      place.remove()
    },
  }
}

/** Every counter of something that came and was not stored. */
const DROPPED = /^hps_(?:ingest|syslog|store)_\w*(?:dropped|lost|refused)\w*_total/
