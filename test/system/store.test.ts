import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statfsSync, statSync, truncateSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { expect, onTestFinished, test } from 'vitest'
import { run, until } from '../support/child.ts'
import { aHub, placeHub, ROOT, startHub, sumOf, type HubPlace, type RunningHub } from '../support/hub.ts'

/** Keeping the store with a real hub: backup under load, disks that are full or read-only, damaged files. Needs root for the disks. */
const HPS = join(ROOT, 'hps')
const hps = (...args: string[]) => run(HPS, args)
const line = (text: string, host = 'tch-001'): string => `<13>Nov 22 10:00:00 ${host} app: ${text}`

interface Disk { readonly folder: string; fill(): void; free(): void }

/** A small file system of its own. */
async function aDisk(kind: 'tmpfs' | 'ext4', mib: number): Promise<Disk> {
  const base = mkdtempSync(join(tmpdir(), 'hps-disk-'))
  const folder = join(base, 'disk')
  mkdirSync(folder)
  if (kind === 'ext4') {
    writeFileSync(join(base, 'image'), '')
    truncateSync(join(base, 'image'), mib * 1024 ** 2)
    expect(await run('mkfs.ext4', ['-q', '-m', '0', join(base, 'image')])).toMatchObject({ code: 0 })
  }
  const mounted = await run('mount', kind === 'tmpfs' ? ['-t', 'tmpfs', '-o', `size=${mib}m`, 'none', folder] : ['-o', 'loop', join(base, 'image'), folder])
  expect(mounted).toMatchObject({ code: 0 })
  onTestFinished(async () => {
    await run('umount', ['-l', folder])
    rmSync(base, { recursive: true, force: true })
  })
  const filler = join(folder, 'filler')
  return {
    folder,
    fill() {
      const block = Buffer.alloc(64 * 1024)
      try {
        for (;;) writeFileSync(filler, block, { flag: 'a' })
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error
      }
    },
    free: () => rmSync(filler),
  }
}

async function aHubOn(data: string, store: Readonly<Record<string, unknown>>): Promise<RunningHub> {
  const place = await placeHub({ data, store })
  const hub = await startHub({ ...place, data })
  onTestFinished(async () => {
    if (hub.child.running()) await hub.kill()
    place.remove()
  })
  return hub
}

/** The checks of `/readyz` by name. */
async function checksOf(hub: RunningHub): Promise<Readonly<Record<string, { readonly status: string; readonly reason?: string }>>> {
  const response = await hub.get('/readyz?verbose=1', { headers: { accept: 'application/json' } })
  return ((await response.json()) as { checks: Record<string, { status: string; reason?: string }> }).checks
}

/** Sends lines until it is told to stop; counts what was acknowledged. */
function keepSending(hub: RunningHub, name: string): { readonly acknowledged: string[]; stop(): Promise<void> } {
  const acknowledged: string[] = []
  let isOver = false
  const sending = (async () => {
    for (let number = 0; !isOver; number++) {
      const texts = Array.from({ length: 50 }, (_, i) => `${name}-${number}-${i}`)
      const response = await hub.post(texts.map((text) => line(text, `host-${number % 40}`)))
      if (response.status === 200) acknowledged.push(...texts)
    }
  })()
  return { acknowledged, async stop() { isOver = true; await sending } }
}

test('a backup under load holds everything that was acknowledged before it began, restores to a hub that answers the same and goes on', { timeout: 120_000 }, async () => {
  await using hub = await aHub({ store: { seal_after: '1s', segment_size: '256KiB' } })
  const senders = ['a', 'b', 'c'].map((name) => keepSending(hub, name))
  await until('something is sealed', async () => sumOf(await hub.metrics(), 'hps_store_sealed_rows_total') > 2000)
  const before = senders.flatMap(({ acknowledged }) => [...acknowledged])
  const target = join(hub.folder, 'backups')
  const backup = await hps('store', 'backup', target, '--data', hub.data)
  expect(backup).toMatchObject({ code: 0 })
  for (const sender of senders) await sender.stop()
  const path = backup.stdout.trim()
  expect(readdirSync(target)).toEqual([path.split('/').at(-1)])

  const data = join(hub.folder, 'restored')
  expect(await hps('store', 'restore', path, data)).toMatchObject({ code: 0 })
  expect(await hps('store', 'check', '--offline', '--data', data)).toMatchObject({ code: 0, stdout: expect.stringContaining('sound') })
  const { lastSeq } = JSON.parse(readFileSync(join(path, 'manifest.json'), 'utf8')) as { lastSeq: number }
  const restored = await aHubOn(data, {})
  const found = await restored.searchAll(`app:app seq:<=${lastSeq}`)
  const texts = new Set(found.map(({ text }) => text))
  expect(before.filter((text) => !texts.has(text))).toEqual([])
  expect(texts.size).toBe(found.length)
  expect(found.every(({ node, session, source }) => node !== null && session !== null && source !== '')).toBe(true)
  const original = await hub.searchAll(`app:app seq:<=${lastSeq}`)
  expect(found).toEqual(original)
  expect((await restored.post([line('after the restore')])).status).toBe(200)
  const [after] = await restored.search('"after the restore"')
  expect(after!.seq).toBeGreaterThan(lastSeq)
})

test('the check of a running hub finds it sound, and the figures of the store add up', { timeout: 60_000 }, async () => {
  await using hub = await aHub({ store: { seal_after: '1s' } })
  const sender = keepSending(hub, 'x')
  await until('something is sealed', async () => sumOf(await hub.metrics(), 'hps_store_sealed_rows_total') > 500)
  const check = await hps('store', 'check', '-o', 'json', '--data', hub.data)
  await sender.stop()
  expect(check).toMatchObject({ code: 0 })
  expect(JSON.parse(check.stdout)).toMatchObject({ problem_count: 0, problems: [] })
  const stats = await hub.json<Record<string, number>>('/api/v1/store')
  expect(stats['messages']).toBeGreaterThanOrEqual(sender.acknowledged.length)
  expect(stats['last_seq']).toBeGreaterThanOrEqual(stats['messages']!)
  expect((await hps('store', 'stats', '--data', hub.data)).stdout).toContain('sealed:')
  expect(await hps('store', 'compact', '--data', hub.data)).toMatchObject({ code: 0 })
  const session = (await hub.search('node:host-1', { limit: 1 }))[0]!.session!
  expect(await hps('sessions', 'pin', session, '--note', 'broken fan', '--data', hub.data)).toMatchObject({ code: 0 })
  expect((await hps('sessions', 'list', '--pinned', '-o', 'json', '--data', hub.data)).stdout).toContain('broken fan')
  expect(await hps('sessions', 'host-1', '--data', hub.data)).toMatchObject({ code: 0, stdout: expect.stringContaining(session) })
  expect(await hps('sessions', 'unpin', session, '--data', hub.data)).toMatchObject({ code: 0 })
  expect(await hps('sessions', 'unpin', session, '--data', hub.data)).toMatchObject({ code: 1 })
})

test('a full disk refuses loudly, loses nothing that was acknowledged, and is used again when there is room', { timeout: 120_000 }, async () => {
  const disk = await aDisk('tmpfs', 48)
  const hub = await aHubOn(join(disk.folder, 'data'), { seal_after: '2s', min_free: '0B', max_size: 'none' })
  expect((await hub.post([line('kept before')])).status).toBe(200)
  disk.fill()
  // larger than what is left of the last page
  const refused = await hub.post([line(`refused ${'x'.repeat(20_000)}`)])
  expect(refused.status).toBe(503)
  expect(((await refused.json()) as { detail: string }).detail).toMatch(/no space|full/i)
  expect((await hub.post([line('refused as well', 'a-new-host')])).status).toBe(503)
  await until('the hub says so', async () => (await checksOf(hub))['store']?.status === 'fail')
  expect((await hub.get('/readyz')).status).toBe(503)
  expect(sumOf(await hub.metrics(), 'hps_writer_failed_rows_total')).toBeGreaterThan(0)
  // segments are closed, ticks pass, rules report hits: no thread ends
  await delay(4000)
  expect(hub.child.running()).toBe(true)
  expect((await hub.search('"kept before"')).length).toBe(1)

  disk.free()
  await until('the hub is ready again, by itself', async () => (await hub.get('/readyz')).status === 200, { withinMs: 40_000 })
  expect((await hub.post([line('kept after')])).status).toBe(200)
  expect((await hub.search('kept app:app')).map(({ text }) => text)).toEqual(['kept after', 'kept before'])
  expect((await hub.search('refused app:app')).length).toBe(0)
  expect(hub.child.output().match(/The disk refused messages reason/g)?.length).toBeLessThan(10)
  await hub.kill()
  expect(await hps('store', 'check', '--offline', '--data', hub.data)).toMatchObject({ code: 0 })
})

test('a disk that turns read-only ends no thread, and is used again when it is writable', { timeout: 120_000 }, async () => {
  const disk = await aDisk('ext4', 64)
  const data = join(disk.folder, 'data')
  const hub = await aHubOn(data, { seal_after: '2s', min_free: '0B', max_size: 'none' })
  expect((await hub.post([line('kept before')])).status).toBe(200)
  // every file and folder refuses writes, open ones too, as after an error of the disk
  expect(await run('chattr', ['-R', '+i', data])).toMatchObject({ code: 0 })
  onTestFinished(async () => void (await run('chattr', ['-R', '-i', data])))
  expect((await hub.post([line('refused')])).status).toBe(503)
  await delay(4000)
  expect(hub.child.running()).toBe(true)
  expect((await checksOf(hub))['store']).toMatchObject({ status: 'fail' })
  expect((await hub.search('"kept before"')).length).toBe(1)
  expect(await run('chattr', ['-R', '-i', data])).toMatchObject({ code: 0 })
  await until('the hub is ready again, by itself', async () => (await hub.get('/readyz')).status === 200, { withinMs: 40_000 })
  expect((await hub.post([line('kept after')])).status).toBe(200)
  expect((await hub.search('kept app:app')).map(({ text }) => text)).toEqual(['kept after', 'kept before'])
})

test('when free space runs out the oldest day files go first, loudly, and messages are taken all the while', { timeout: 120_000 }, async () => {
  const disk = await aDisk('tmpfs', 96)
  const hub = await aHubOn(join(disk.folder, 'data'), { seal_after: '1s', min_free: '16MiB', max_size: 'none' })
  await hub.post([line('the first')])
  await until('it is sealed', async () => sumOf(await hub.metrics(), 'hps_store_sealed_rows_total') > 0)
  expect(await hub.stop()).toMatchObject({ code: 0 })
  // the same day, years ago: sealed files of earlier days as an operator has them
  const log = join(hub.data, 'log')
  const day = readdirSync(log).find((name) => name.endsWith('.db'))!
  for (const [place, older] of ['2020-01-01.001.db', '2020-01-02.001.db'].entries()) {
    const copy = readFileSync(join(log, day))
    writeFileSync(join(log, older), Buffer.concat([copy, Buffer.alloc((place + 1) * 1024 ** 2)]))
  }
  const again = await startHub(hub)
  onTestFinished(async () => void (again.child.running() && (await again.kill())))
  writeFileSync(join(disk.folder, 'filler'), Buffer.alloc(statfsFree(disk.folder) - 8 * 1024 ** 2))
  const work = async () => again.post([line('goes on')])
  await until('the oldest files are gone', async () => {
    await work()
    await hps('store', 'compact', '--data', hub.data)
    return !readdirSync(log).some((name) => name.startsWith('2020')) && sumOf(await again.metrics(), 'hps_store_removed_files_total') >= 2
  }, { withinMs: 60_000, everyMs: 1100 })
  expect(again.child.output()).toContain('Messages removed before their time')
  expect((await work()).status).toBe(200)
  expect((await checksOf(again))['space']).toMatchObject({ status: 'warn' })
})

const statfsFree = (folder: string): number => {
  const { bavail, bsize } = statfsSync(folder)
  return bavail * bsize
}

test('a damaged file is set aside at the start, the rest is served, and answers stay incomplete until the loss is accepted', { timeout: 60_000 }, async () => {
  const place: HubPlace = await placeHub({ store: { seal_after: '1s' } })
  onTestFinished(() => place.remove())
  const first = await startHub(place)
  await first.post([line('in the damaged file')])
  // not only what the hub said of its own start before
  const seq = (await first.search('app:app')).at(-1)!.seq
  await until('it is sealed', async () => sumOf(await first.metrics(), 'hps_store_sealed_rows_total') >= seq)
  expect(await first.stop()).toMatchObject({ code: 0 })
  const log = join(place.data, 'log')
  const day = readdirSync(log).find((name) => name.endsWith('.db'))!
  const bytes = readFileSync(join(log, day))
  bytes.fill(0x55, 0, 4096)
  writeFileSync(join(log, day), bytes)
  expect(statSync(join(log, day)).size).toBeGreaterThan(0)

  const hub = await startHub(place)
  onTestFinished(async () => void (hub.child.running() && (await hub.kill())))
  await until('it is set aside', () => readdirSync(log).includes(`${day}.damaged`))
  expect((await hub.post([line('served')])).status).toBe(200)
  const page = () => hub.json<{ messages: readonly { text: string }[]; complete: boolean }>(`/api/v1/logs?${new URLSearchParams({ q: 'app:app' }).toString()}`)
  expect(await page()).toMatchObject({ complete: false, messages: [{ text: 'served' }] })
  await until('health says so', async () => (await checksOf(hub))['damage']?.status === 'warn')
  expect((await checksOf(hub))['damage']).toMatchObject({ status: 'warn', reason: expect.stringContaining(day) })
  expect((await hub.get('/readyz')).status).toBe(200)
  expect(sumOf(await hub.metrics(), 'hps_store_losses')).toBe(1)
  expect((await hps('store', 'stats', '--data', place.data)).stdout).toContain(`set aside: ${day}.damaged`)
  expect(await hps('store', 'check', '--data', place.data)).toMatchObject({ code: 1 })
  expect(await hps('store', 'accept-loss', `${day}.damaged`, '--data', place.data)).toMatchObject({ code: 0 })
  expect(await page()).toMatchObject({ complete: true })
  expect(await hps('store', 'check', '--data', place.data)).toMatchObject({ code: 0 })
  await until('the hub says so', async () => (await checksOf(hub))['damage']?.status === 'pass')
})
