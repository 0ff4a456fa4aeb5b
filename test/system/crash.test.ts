import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { setTimeout as delay } from 'node:timers/promises'
import { join } from 'node:path'
import { chance, type Chance } from '../../bench/load/chance.ts'
import { startChild } from '../support/child.ts'
import { checkAcknowledged, checkRound } from '../support/crash/faults.ts'
import { loadUntilKilled, type Sent } from '../support/crash/load.ts'
import { placeHub, ROOT, startHub, type HubPlace, type RunningHub } from '../support/hub.ts'

/**
 * `kill -9` at random moments under 20,000 messages a second: small segments and frequent sealing, so that the moments fall
 * into appends, syncs, seals and starts alike. Hubs run side by side, each with a data folder of its own that all its kills
 * share. The seed is printed; CRASH_SEED repeats a run as far as timing allows, CRASH_KILLS makes it shorter or longer.
 */
const KILLS = Number(process.env['CRASH_KILLS'] ?? 200)
const LANES = 2
const BUDGET_MS = 600_000
/** One kill in so many meets a hub that is starting: recovery, and whatever the start seals. */
const KILL_OF_START = 8
const START_MS = 900
const LONGEST_LOAD_MS = 1000
/** Loading the library takes longer than such a round; test/system/rules-crash.test.ts has the rules. */
const NO_RULES = { directories: [] }

const seed = Number(process.env['CRASH_SEED'] ?? Date.now() % 1_000_000)

/** What Node compiled in one start is taken by the next: with two hundred of them, that is half of the time. Written at a clean end only, so there is one before the kills. */
const compiled = mkdtempSync(join(tmpdir(), 'hps-compiled-'))
beforeAll(async () => {
  process.env['NODE_COMPILE_CACHE'] = compiled
  const place = await placeHub({ log_level: 'warn', rules: NO_RULES })
  await (await startHub(place)).stop()
  place.remove()
})
afterAll(() => {
  delete process.env['NODE_COMPILE_CACHE']
  rmSync(compiled, { recursive: true, force: true })
})

const running = new Set<RunningHub>()
const places: HubPlace[] = []
afterEach(async () => {
  for (const hub of running) if (hub.child.running()) await hub.kill()
  for (const place of places) place.remove()
})

interface Told { readonly kills: number; readonly rows: number; readonly acknowledged: number; readonly sent: number; readonly loadMillis: number }

/** Starts and kills one hub `kills` times. After each start, what the hub has of the round before is compared with what was sent. */
async function runLane(lane: number, { kills, startedMs }: { readonly kills: number; readonly startedMs: number }): Promise<Told> {
  const random = chance(seed + lane)
  const place = await placeHub({ log_level: 'warn', rules: NO_RULES, store: { segment_size: '1MiB', seal_after: '1s' } })
  places.push(place)
  const rounds = new Map<number, Sent>()
  let [rows, lastSeqBefore] = [0, 0]
  let previous: number | undefined
  for (let round = 1; ; round++) {
    if (round <= kills && random.below(KILL_OF_START) === 0) {
      await killStart(place, random)
      continue
    }
    const hub = await startHub(place)
    running.add(hub)
    if (previous !== undefined) {
      const { faults, firstSeq, lastSeq, rows: more } = await checkRound(hub, previous, rounds.get(previous)!)
      expect(faults, `lane ${lane}, after kill ${previous}`).toEqual([])
      expect(firstSeq, 'seq is never used again').toBeGreaterThan(lastSeqBefore)
      lastSeqBefore = Math.max(lastSeqBefore, lastSeq)
      rows += more
    }
    if (round > kills) {
      expect(await checkAcknowledged(hub, rounds), `lane ${lane}, at the end`).toEqual([])
      await hub.kill()
      const sum = (of: (sent: Sent) => number): number => [...rounds.values()].reduce((total, sent) => total + of(sent), 0)
      const acknowledged = sum((sent) => sent.acknowledged.reduce((total, count) => total + count, 0))
      return { kills, rows, acknowledged, sent: acknowledged + sum(({ unacknowledged }) => unacknowledged), loadMillis: sum(({ millis }) => millis) }
    }
    // A third of the kills come at once, the others later, so that some meet a seal.
    const kill = delay(random.below(3) === 0 ? random.below(60) : random.below(LONGEST_LOAD_MS)).then(() => hub.kill())
    const [sent] = await Promise.all([loadUntilKilled(hub, round), kill])
    running.delete(hub)
    rounds.set(round, sent)
    previous = round
    expect(performance.now() - startedMs, 'the time for this test').toBeLessThan(BUDGET_MS)
  }
}

/** Kills a hub that has not said yet that it is ready. What was there before is looked at when the next one is. */
async function killStart(place: HubPlace, random: Chance): Promise<void> {
  const child = startChild(join(ROOT, 'hps'), ['serve', '--config', place.configFile], { cwd: place.folder })
  await delay(random.below(START_MS))
  child.process.kill('SIGKILL')
  await child.ended
}

test(`kill -9 at ${KILLS} random moments under load: every acknowledged message is there exactly once, nothing is doubled, order is kept (seed ${seed})`, { timeout: BUDGET_MS + 15_000 }, async () => {
  const startedMs = performance.now()
  const lanes = await Promise.all(Array.from({ length: LANES }, (_, lane) => runLane(lane, { kills: Math.ceil(KILLS / LANES), startedMs })))
  for (const { kills, rows, acknowledged, sent, loadMillis } of lanes) {
    process.stdout.write(`${kills} kills: ${acknowledged} acknowledged, ${sent} sent (${Math.round((sent * 1000) / loadMillis)}/s while a hub was up), ${rows} rows compared\n`)
    expect(acknowledged).toBeGreaterThan(kills * 10)
    expect(rows).toBeGreaterThanOrEqual(acknowledged)
  }
  process.stdout.write(`${Math.round(performance.now() - startedMs)} ms for ${KILLS} kills\n`)
})
