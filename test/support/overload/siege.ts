import { createInterface } from 'node:readline'
import { Readable } from 'node:stream'
import type { ReadableStream } from 'node:stream/web'
import { setTimeout as delay } from 'node:timers/promises'
import { sumOf, type RunningHub } from '../hub.ts'
import { OVERLOAD_APP, StoredNumbers } from './frames.ts'

/** What a test of overload asks of the hub while it lasts, and what it counts afterwards. */

/** Asks again and again until it is stopped: how long the slowest answer took, and what was no answer. */
export function probe(hub: RunningHub, everyMs: number): { stop(): Promise<{ readonly answers: number; readonly slowestMs: number; readonly faults: readonly string[] }> } {
  const asks: readonly (readonly [string, readonly number[]])[] = [
    ['/readyz', [200, 503]], // it may say that it is not well
    [`/api/v1/logs?q=app:${OVERLOAD_APP}&limit=1`, [200]],
    ['/metrics', [200]],
  ]
  const faults: string[] = []
  let [isStopped, answers, slowestMs] = [false, 0, 0]
  const work = (async () => {
    for (let n = 0; !isStopped; n++) {
      const [path, wanted] = asks[n % asks.length]!
      const startMs = performance.now()
      const status = await hub.get(path).then(async (response) => (await response.arrayBuffer(), response.status), String)
      if (!(wanted as readonly unknown[]).includes(status)) faults.push(`${path}: ${status}`)
      slowestMs = Math.max(slowestMs, performance.now() - startMs)
      answers++
      await delay(everyMs)
    }
  })()
  return {
    async stop() {
      isStopped = true
      await work
      return { answers, slowestMs, faults }
    },
  }
}

/** Messages committed per second over so long, while somebody sends more than that. */
export async function takenPerSecond(hub: RunningHub, overMs: number): Promise<number> {
  const [rows, startMs] = [await committedRows(hub), performance.now()]
  await delay(overMs)
  return ((await committedRows(hub)) - rows) / ((performance.now() - startMs) / 1000)
}

export const committedRows = async (hub: RunningHub): Promise<number> => sumOf(await hub.metrics(), 'hps_writer_rows_total')

/** Waits until nothing moves any more: no row was committed and no datagram counted for so long. */
export async function untilQuiet(hub: RunningHub, quietMs: number, withinMs: number): Promise<void> {
  const deadlineMs = performance.now() + withinMs
  let [before, sinceMs] = ['', performance.now()]
  while (performance.now() - sinceMs < quietMs) {
    const samples = await hub.metrics()
    // the hub's own messages come at any time
    const now = ['udp', 'tcp', 'relp', 'unix', 'http'].map((way) => sumOf(samples, 'hps_ingest_messages_total', `"${way}"`)).concat(sumOf(samples, 'hps_ingest_dropped_total'), sumOf(samples, 'hps_ingest_batches_outstanding')).join(' ')
    if (now !== before) [before, sinceMs] = [now, performance.now()]
    if (performance.now() > deadlineMs) throw new Error(`still at work after ${withinMs} ms: ${now}`)
    await delay(100)
  }
}

/** Reads everything that is stored of the senders, as it was received. */
export async function storedNumbers(hub: RunningHub): Promise<StoredNumbers> {
  const response = await fetch(`${hub.url}/api/v1/logs/export?${new URLSearchParams({ q: `app:${OVERLOAD_APP}`, form: 'raw' }).toString()}`, { headers: { authorization: `Bearer ${hub.token}` } })
  if (!response.ok) throw new Error(`the export was refused: ${response.status} ${await response.text()}`)
  const stored = new StoredNumbers()
  for await (const line of createInterface({ input: Readable.fromWeb(response.body as ReadableStream), crlfDelay: Infinity })) stored.take(line)
  return stored
}
