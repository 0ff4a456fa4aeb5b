import { mkdirSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { expect, onTestFinished, test } from 'vitest'
import { run, until } from '../support/child.ts'
import { placeHub, ROOT, startHub, sumOf, type RunningHub } from '../support/hub.ts'

/** The one-file log with a real hub: kills, a full disk, logrotate. Needs root for the disk. */
interface SinkView { readonly state: string; readonly seq: number; readonly backlog: number; readonly lost: number; readonly last_error: { readonly reason: string } | null }
const line = (text: string): string => `<13>Nov 22 10:00:00 tch-001 app: ${text}`
const seqsOf = (text: string): number[] => [...text.matchAll(/^\S+ \S+ \S+ #(\d+) .*$/gm)].map((found) => Number(found[1]))
const sinkOf = async (hub: RunningHub): Promise<SinkView> => (await hub.json<{ sinks: SinkView[] }>('/api/v1/sinks')).sinks[0]!
const untilWritten = (hub: RunningHub, seq = 0) => until('the sink to have written everything', async () => {
  const sink = await sinkOf(hub)
  return sink.state === 'running' && sink.backlog === 0 && sink.seq >= seq && sink
}, { withinMs: 40_000 })

function temporary(): string {
  const folder = mkdtempSync(join(tmpdir(), 'hps-sinks-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}

async function aPlace(sink: Readonly<Record<string, unknown>>) {
  const place = await placeHub({ sinks: [{ kind: 'file', name: 'all', ...sink }] })
  onTestFinished(() => place.remove())
  return place
}

async function started(place: Awaited<ReturnType<typeof aPlace>>): Promise<RunningHub> {
  const hub = await startHub(place)
  onTestFinished(async () => void (hub.child.running() && (await hub.kill())))
  return hub
}

/** Every message that the hub stores is in the files once, and in the order of the stream. */
async function expectWhole(hub: RunningHub, texts: readonly string[]): Promise<void> {
  const written = texts.flatMap(seqsOf)
  const stored = (await hub.searchAll(`seq:<=${written.at(-1)}`)).map(({ seq }) => seq)
  expect(written).toEqual(stored)
}

test('killed twenty times while it writes, the files hold every message once and in order', { timeout: 170_000 }, async () => {
  const folder = temporary()
  const place = await aPlace({ path: join(folder, 'all.log'), rotate: { size: '64KiB', keep: 1000, compress: 'none' } })
  const acknowledged: string[] = []
  for (let round = 0; round < 20; round++) {
    const hub = await started(place)
    let isOver = false
    const sending = (async () => {
      for (let number = 0; !isOver; number++) {
        const texts = Array.from({ length: 100 }, (_, i) => `k${round}-${number}-${i}`)
        const answer = await hub.post(texts.map(line)).catch(() => undefined)
        if (answer?.status === 200) acknowledged.push(...texts)
      }
    })()
    await delay(400 + ((round * 137) % 500))
    await hub.kill()
    isOver = true
    await sending
  }
  const hub = await started(place)
  await untilWritten(hub)
  expect(await hub.stop()).toMatchObject({ code: 0 })
  const again = await started(place)
  await untilWritten(again)
  const names = readdirSync(folder).toSorted((a, b) => (Number(/-(\d+)$/.exec(a)?.[1] ?? Infinity)) - Number(/-(\d+)$/.exec(b)?.[1] ?? Infinity))
  const texts = names.map((name) => readFileSync(join(folder, name), 'utf8'))
  await expectWhole(again, texts)
  const all = texts.join('')
  const inFile = new Set([...all.matchAll(/ app: (k\S+)$/gm)].map((found) => found[1]))
  expect(acknowledged.length).toBeGreaterThan(1000)
  expect(acknowledged.filter((text) => !inFile.has(text))).toEqual([])
  expect(names.length).toBeGreaterThan(2)
  expect(sumOf(await again.metrics(), 'hps_sink_lost_total')).toBe(0)
})

test('a full disk stops the sink and nothing else, and nothing is missing when there is room again', { timeout: 100_000 }, async () => {
  const disk = temporary()
  expect(await run('mount', ['-t', 'tmpfs', '-o', 'size=1m', 'none', disk])).toMatchObject({ code: 0 })
  onTestFinished(async () => void (await run('umount', ['-l', disk])))
  const hub = await started(await aPlace({ path: join(disk, 'all.log') }))
  writeFileSync(join(disk, 'filler'), Buffer.alloc(900 * 1024))
  for (let i = 0; i < 20; i++) expect((await hub.post(Array.from({ length: 200 }, (_, n) => line(`f${i}-${n} ${'x'.repeat(100)}`)))).status).toBe(200)
  await until('the sink says that the disk is full', async () => (await sinkOf(hub)).last_error?.reason === 'full')
  expect((await hub.get('/readyz')).status).toBe(200)
  const metrics = await hub.metrics()
  expect(sumOf(metrics, 'hps_sink_errors_total', 'reason="full"')).toBeGreaterThan(0)
  expect(sumOf(metrics, 'hps_sink_up')).toBe(0)
  expect((await run(join(ROOT, 'hps'), ['sinks', '--data', hub.data])).stdout).toContain('full')
  expect((await run(join(ROOT, 'hps'), ['sinks', '--data', hub.data])).stdout).toContain('stopped')
  rmSync(join(disk, 'filler'))
  expect(await run('mount', ['-o', 'remount,size=16m', disk])).toMatchObject({ code: 0 })
  await untilWritten(hub, 4000)
  expect(hub.child.output().match(/A sink has stopped/g)).toHaveLength(1)
  await expectWhole(hub, [readFileSync(join(disk, 'all.log'), 'utf8')])
})

test('logrotate: a file that is renamed is begun anew at SIGHUP, and without it within two seconds', { timeout: 60_000 }, async () => {
  const folder = temporary()
  const path = join(folder, 'all.log')
  mkdirSync(join(folder, 'old'))
  const hub = await started(await aPlace({ path, rotate: { size: 'none', age: 'none' } }))
  await hub.post([line('one')])
  await until('one', () => readFileSync(path, 'utf8').includes('one'))
  renameSync(path, `${path}.2`)
  hub.child.process.kill('SIGHUP')
  await hub.post([line('two')])
  await until('two', () => readFileSync(path, 'utf8').includes('two'))
  renameSync(path, `${path}.1`)
  await delay(2000)
  await hub.post([line('three')])
  await until('three', () => readFileSync(path, 'utf8').includes('three'))
  await untilWritten(hub)
  await expectWhole(hub, [`${path}.2`, `${path}.1`, path].map((name) => readFileSync(name, 'utf8')))
})

test('only what the search of a sink finds is in its file, with names that came later', { timeout: 60_000 }, async () => {
  const folder = temporary()
  const hub = await started(await aPlace({ path: join(folder, 'k.log'), query: 'node:tch-001 -noise' }))
  await hub.post([line('signal'), line('noise'), line('signal').replace('tch-001', 'tch-002')])
  await untilWritten(hub)
  expect(readFileSync(join(folder, 'k.log'), 'utf8').match(/ app: .*/g)).toEqual([' app: signal'])
})
