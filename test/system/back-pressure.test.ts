import { connect } from 'node:net'
import { once } from 'node:events'
import { expect, test } from 'vitest'
import { run, until } from '../support/child.ts'
import { aHub, ROOT, sumOf, type RunningHub } from '../support/hub.ts'
import { slowDisk } from '../support/overload/brakes.ts'

/** A disk that takes seconds for a sync, in a whole hub: what is slow is felt by whoever sends, everything is bounded, and it all passes. */

interface Queue { readonly name: string; readonly fill: number; readonly peak: number; readonly bound: number | null; readonly counted: number | null }
const queuesOf = async (hub: RunningHub): Promise<ReadonlyMap<string, Queue>> => new Map((await hub.json<{ readonly queues: readonly Queue[] }>('/api/v1/queues')).queues.map((queue) => [queue.name, queue]))

const MESSAGES = 250_000
const SYNC_MS = 4000

test('behind a slow disk TCP waits, the queues and the doctor say where, the API answers, and in the end everything is stored and nothing waits', async () => {
  await using hub = await aHub()
  await hub.post(['before'])
  const brake = await slowDisk(hub.pid, SYNC_MS)
  const socket = connect({ port: hub.syslogPort, host: '127.0.0.1' })
  socket.on('error', () => undefined) // a test that failed leaves it to the hub that ends
  await once(socket, 'connect')
  let isAllTaken = false
  socket.write(Array.from({ length: MESSAGES }, (_, n) => `<13>1 - tch-001 app - - - pressed ${n} ${'x'.repeat(60)}\n`).join(''), () => (isAllTaken = true))

  await until('TCP to wait', async () => sumOf(await hub.metrics(), 'hps_ingest_connections_paused') > 0)
  const full = await queuesOf(hub)
  expect(full.get('batches')!.fill).toBeGreaterThanOrEqual(8)
  expect(full.get('batches')!.fill).toBeLessThanOrEqual(full.get('batches')!.bound!)
  expect(full.get('rows')!.fill).toBeGreaterThan(0)
  expect(isAllTaken, 'the sender was made to wait').toBe(false)
  for (const path of ['/api/v1/sources', '/api/v1/sessions', '/api/v1/nodes', '/api/v1/store']) expect((await hub.get(path, { signal: AbortSignal.timeout(5000) })).status, path).toBe(200)
  const { output, code } = await run(`${ROOT}/hps`, ['doctor', '--config', hub.configFile, '--url', hub.url, '--token-file', `${hub.data}/operator.token`], { cwd: hub.folder })
  expect(output).toMatch(/WARN +queue:(batches|rows)/)
  expect(code).toBe(0)

  await brake.lift()
  await until('everything to be stored', async () => sumOf(await hub.metrics(), 'hps_ingest_messages_total', 'transport="tcp"') === MESSAGES)
  socket.end()
  const left = await until('nothing to wait any more', async () => {
    const now = await queuesOf(hub)
    return ['rows', 'batches-waiting', 'at-writer', 'connections', 'receipts', 'bodies', 'main', 'rules'].every((name) => now.get(name)!.fill === 0) && now
  })
  expect(left.get('batches')!.peak).toBeGreaterThanOrEqual(8)
  const { total } = await hub.json<{ readonly total: number }>('/api/v1/logs/count?q=pressed')
  expect(total).toBe(MESSAGES)
  expect(sumOf(await hub.metrics(), 'hps_ingest_dropped_total') + sumOf(await hub.metrics(), 'hps_ingest_shed_total')).toBe(0)
})
