import { afterEach, expect, test } from 'vitest'
import { setTimeout as delay } from 'node:timers/promises'
import { createSocket } from 'node:dgram'
import { chance } from '../../bench/load/chance.ts'
import { placeHub, startHub, type RunningHub } from '../support/hub.ts'
import { openTcp } from '../support/senders.ts'

/**
 * `kill -9` at random moments under load: small segments and frequent sealing, so that the moments fall into appends,
 * syncs, seals and starts alike. The seed is printed; CRASH_SEED repeats a run as far as timing allows.
 */
const ROUNDS = 50
const HTTP_SENDERS = 4
const LINES_PER_POST = 20
const LOAD_PER_TICK = 20
const TICK_MS = 10
const BUDGET_MS = 480_000
const SHOWN_FAULTS = 20

const seed = Number(process.env['CRASH_SEED'] ?? Date.now() % 1_000_000)
const random = chance(seed)
const line = (round: number, sender: number, n: number): string => `crashword r${round}. s${sender}. n${n}. ${'payload '.repeat((n % 7) + 1)}end`
const idOf = (text: string): string => /r\d+\. s\d+\. n\d+\./.exec(text)![0]

let running: RunningHub | undefined
afterEach(async () => {
  if (running?.child.running() === true) await running.kill()
})

/** Posts until the hub is gone; what was acknowledged is added to `acknowledged`. */
async function postUntilKilled(hub: RunningHub, { round, sender, acknowledged }: { readonly round: number; readonly sender: number; readonly acknowledged: string[] }): Promise<void> {
  for (let n = 0; ; n += LINES_PER_POST) {
    const lines = Array.from({ length: LINES_PER_POST }, (_, i) => line(round, sender, n + i))
    try {
      const response = await hub.post(lines)
      if (!response.ok) throw new Error(`refused: ${response.status} ${await response.text()}`)
    } catch (error) {
      if (hub.child.running() && !hub.child.process.killed) throw error
      return
    }
    acknowledged.push(...lines)
  }
}

/** Background load that nobody acknowledges: it keeps commits, seals and rotations busy. */
async function loadUntilKilled(hub: RunningHub, round: number): Promise<void> {
  const tcp = await openTcp(hub.syslogPort).catch(() => undefined)
  const udp = createSocket('udp4')
  tcp?.on('error', () => undefined)
  udp.on('error', () => undefined)
  for (let n = 0; hub.child.running(); n++) {
    const lines = Array.from({ length: LOAD_PER_TICK }, (_, i) => `<13>1 - tch-${i % 8} loadword - - - r${round}. s9. n${n * LOAD_PER_TICK + i}. background`)
    if (tcp !== undefined && !tcp.destroyed && !tcp.writableNeedDrain) tcp.write(`${lines.join('\n')}\n`)
    udp.send(`<13>1 - tch-9 datagramword - - - r${round}. s8. n${n}. background`, hub.syslogPort, '127.0.0.1', () => undefined)
    await delay(TICK_MS)
  }
  tcp?.destroy()
  udp.close()
}

/** What of `acknowledged` is not there exactly once with the very text, and what else is there twice. */
async function faultsOf(hub: RunningHub, query: string, acknowledged: readonly string[]): Promise<{ readonly faults: string[]; readonly firstSeq: number; readonly lastSeq: number }> {
  const found = await hub.searchAll(query)
  const times = new Map<string, number>()
  for (const { text } of found) times.set(text, (times.get(text) ?? 0) + 1)
  const missing = acknowledged.filter((text) => !times.has(text)).map((text) => `lost: ${idOf(text)}`)
  const twice = [...times].filter(([, count]) => count > 1).map(([text, count]) => `${count} times: ${idOf(text)}`)
  const seqs = found.map((message) => message.seq)
  return { faults: [...missing, ...twice].slice(0, SHOWN_FAULTS), firstSeq: seqs[0] ?? Infinity, lastSeq: seqs.at(-1) ?? 0 }
}

test(`kill -9 at ${ROUNDS} random moments under load: every acknowledged message is there exactly once (seed ${seed})`, { timeout: BUDGET_MS + 30_000 }, async () => {
  const startedMs = performance.now()
  const place = await placeHub({ log_level: 'warn', store: { segment_size: '1MiB', seal_after: '1s' } })
  const everything: string[] = []
  let lastSeqBefore = 0
  let previous: { readonly round: number; readonly acknowledged: readonly string[] } | undefined
  for (let round = 1; round <= ROUNDS + 1; round++) {
    const hub = await startHub(place)
    running = hub
    if (previous !== undefined) {
      const { faults, firstSeq, lastSeq } = await faultsOf(hub, `"crashword r${previous.round}."`, previous.acknowledged)
      expect(faults, `after kill ${previous.round}`).toEqual([])
      expect(firstSeq, 'seq is never used again').toBeGreaterThan(lastSeqBefore)
      lastSeqBefore = Math.max(lastSeqBefore, lastSeq)
    }
    if (round > ROUNDS) {
      // At the end once more over all rounds: later seals, recoveries and merges took nothing away.
      expect((await faultsOf(hub, 'crashword', everything)).faults).toEqual([])
      for (const word of ['loadword', 'datagramword']) expect((await faultsOf(hub, `app:${word}`, [])).faults).toEqual([])
      await hub.kill()
      break
    }
    const acknowledged: string[] = []
    const load = [loadUntilKilled(hub, round), ...Array.from({ length: HTTP_SENDERS }, (_, sender) => postUntilKilled(hub, { round, sender, acknowledged }))]
    // A third of the kills come at once, the others spread over a second and a half, so that some meet a seal.
    const kill = delay(random.below(3) === 0 ? random.below(60) : random.below(1500)).then(() => hub.kill())
    await Promise.all([kill, ...load])
    previous = { round, acknowledged }
    everything.push(...acknowledged)
    expect(performance.now() - startedMs, 'the time for this test').toBeLessThan(BUDGET_MS)
  }
  expect(everything.length).toBeGreaterThan(ROUNDS * LINES_PER_POST)
  place.remove()
})
