import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { startChild, until, type Child } from '../support/child.ts'
import { aHub, sumOf, type RunningHub } from '../support/hub.ts'
import { openTcp, sendTcp } from '../support/senders.ts'

/** The order of system calls is the proof: bytes written, `fdatasync` returned, and only then the answer on the socket. */
let hub: RunningHub & AsyncDisposable
let trace: { readonly child: Child; readonly file: string; readonly folder: string }

beforeAll(async () => {
  hub = await aHub()
  const folder = mkdtempSync(join(tmpdir(), 'hps-strace-'))
  const file = join(folder, 'calls')
  const calls = 'write,writev,pwrite64,pwritev,pwritev2,sendto,sendmsg,fdatasync,fsync,io_uring_enter'
  const child = startChild('strace', ['-f', '-y', '-s', '4096', '-e', `trace=${calls}`, '-o', file, '-p', String(hub.pid)])
  await until('strace to be attached to every thread', () => child.output().includes('attached'))
  trace = { child, file, folder }
})
afterAll(async () => {
  await trace?.child.stop()
  if (trace !== undefined) rmSync(trace.folder, { recursive: true, force: true })
  await hub?.[Symbol.asyncDispose]()
})

/** Lines in the order in which the kernel finished the calls: an interrupted call counts where it was resumed. */
function finishedCalls(): { readonly call: string; readonly file: string; readonly text: string }[] {
  const pending = new Map<string, string>()
  const finished: { call: string; file: string; text: string }[] = []
  for (const line of readFileSync(trace.file, 'latin1').split('\n')) {
    const [thread, rest] = [line.slice(0, line.indexOf(' ')), line.slice(line.indexOf(' ') + 1).trimStart()]
    if (rest.endsWith('<unfinished ...>')) {
      pending.set(thread, rest)
      continue
    }
    const whole = rest.startsWith('<...') ? `${pending.get(thread) ?? ''} ${rest}` : rest
    pending.delete(thread)
    const call = /^(\w+)\(\d+<([^>]*)>/.exec(whole)
    if (call !== null) finished.push({ call: call[1]!, file: call[2]!, text: whole })
  }
  return finished
}

/** Positions of: the marker written to a file, the first successful sync of that file after it, the answer that holds `answer` after the write. */
async function orderOf(marker: string, answer: RegExp): Promise<{ readonly written: number; readonly synced: number; readonly answered: number; readonly file: string }> {
  return until(`${marker} and its answer in the trace`, () => {
    const calls = finishedCalls()
    const written = calls.findIndex(({ call, file, text }) => call.includes('write') && file.startsWith('/') && text.includes(marker))
    const answered = calls.findIndex(({ file, text }, i) => i > written && /^(socket|TCP)/.test(file) && answer.test(text))
    if (written < 0 || answered < 0) return false
    const file = calls[written]!.file
    const synced = calls.findIndex(({ call, file: of, text }, i) => i > written && call.startsWith('f') && of === file && text.endsWith(' = 0'))
    return { written, synced, answered, file }
  })
}

test('POST /api/v1/logs is answered after fdatasync of the file that holds the message', async () => {
  for (const round of [1, 2, 3, 4, 5]) {
    const marker = `sync-marker-http-${round}-of-5`
    expect((await hub.post([marker])).ok).toBe(true)
    const { synced, answered, file } = await orderOf(marker, /HTTP\/1\.1 20\d/)
    expect(file).toContain(hub.data)
    expect(synced).toBeGreaterThan(0)
    expect(synced).toBeLessThan(answered)
  }
})

test('"did my log arrive?" says yes only after fdatasync of the file that holds the key', async () => {
  const key = 'sync-marker-ack-0001'
  const asked = hub.json<{ logged: boolean }>(`/api/v1/logs/ack?key=${key}&wait=10`)
  await sendTcp(hub.syslogPort, [`<14>1 - tch-001 hps-ack - - - ${key}\n`])
  expect(await asked).toMatchObject({ logged: true })
  const { synced, answered } = await orderOf(key, /HTTP\/1\.1 200|"logged":true/)
  expect(synced).toBeGreaterThan(0)
  expect(synced).toBeLessThan(answered)
})

test('searches while segments are sealed into new files are complete, miss nothing that was acknowledged, and report no damage', async () => {
  // A hub of its own, so that the first sealed file is born under the eyes of the readers.
  await using sealing = await aHub({ store: { segment_size: '1MiB', seal_after: '1s' } })
  const load = await openTcp(sealing.syslogPort)
  const flow = setInterval(() => load.write('<14>1 - tch-001 sealload - - - background\n'.repeat(50)), 10)
  const faults: string[] = []
  let acknowledged = 0
  const endsMs = performance.now() + 6000
  const search = async (): Promise<void> => {
    while (performance.now() < endsMs) {
      const before = acknowledged
      const { messages, complete } = await sealing.json<{ messages: readonly unknown[]; complete: boolean }>('/api/v1/logs?q=sealmarker&limit=1000')
      if (!complete || messages.length < before) faults.push(`${messages.length} of ${before}, complete: ${complete}`)
    }
  }
  const post = async (): Promise<void> => {
    for (; performance.now() < endsMs && acknowledged < 1000; acknowledged++) expect((await sealing.post([`sealmarker ${acknowledged}.`])).ok).toBe(true)
  }
  await Promise.all([search(), search(), post()])
  clearInterval(flow)
  load.destroy()
  const metrics = await sealing.metrics()
  expect(sumOf(metrics, 'hps_store_sealed_rows_total')).toBeGreaterThan(0)
  expect(faults.slice(0, 5)).toEqual([])
  expect(sumOf(metrics, 'hps_store_damaged')).toBe(0)
})
