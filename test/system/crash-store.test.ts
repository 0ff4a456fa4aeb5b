import { cpSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, onTestFinished, test } from 'vitest'
import { openLogStore } from '#store/index.ts'
import { chance } from '../../bench/load/chance.ts'
import { createLedger, killDuring, recover, settle, type KillReport } from '../support/store/keep-kills.ts'
import { DAY_MS } from '../support/store/keep-message.ts'
import { KEEP_PHASES, type KeepPhase } from '../support/store/keep-shared.ts'

/**
 * `kill -9` inside each thing that the keeper of the log does, at moments to the microsecond, while a thread searches and the
 * clock is set back and forth between runs. The seed is printed; CRASH_SEED repeats a run as far as timing allows.
 */
const KILLS_PER_PHASE = 12
const RETENTION_MS = 3 * DAY_MS
const HOUR_MS = 3_600_000
const CLOCK_JUMPS_MS = [0, HOUR_MS, -HOUR_MS, 36 * HOUR_MS, -36 * HOUR_MS, -5 * DAY_MS, 5 * DAY_MS]
/** Before it is known how long a phase takes. */
const FIRST_PHASE_MS = 15
const VERSION_1 = fileURLToPath(new URL('../fixtures/store/version-1', import.meta.url))

const seed = Number(process.env['CRASH_SEED'] ?? Date.now() % 1_000_000)

function canCompact(): boolean {
  const directory = mkdtempSync(join(tmpdir(), 'hps-keep-'))
  const store = openLogStore({ directory, segmentBytes: 20_000, sealAfterMs: 1, retentionMs: RETENTION_MS, clock: Date.now })
  store.close()
  rmSync(directory, { recursive: true, force: true })
  return 'compact' in store
}

function folder(): string {
  const path = mkdtempSync(join(tmpdir(), 'hps-keep-'))
  onTestFinished(() => rmSync(path, { recursive: true, force: true }))
  return path
}

/** The phases that this store has: compaction is one where the store compacts on demand. */
const PHASES: readonly KeepPhase[] = KEEP_PHASES.filter((phase) => phase !== 'compact' || canCompact())

/** Over all phases: whether the clocks of one run go far enough is a matter of its seed. */
let removed = 0

test.for(PHASES.map((phase) => ({ phase })))(`killed inside $phase: every synced message is served once, searches meanwhile are right (seed ${seed})`, async ({ phase }) => {
  const random = chance(seed + KEEP_PHASES.indexOf(phase))
  const directory = folder()
  const ledger = createLedger()
  let nowMs = Date.UTC(2026, 10, 22, 12)
  let phaseMs = FIRST_PHASE_MS
  let searches = 0
  for (let kill = 1; kill <= KILLS_PER_PHASE; kill++) {
    const startMs = nowMs + random.pick(CLOCK_JUMPS_MS)
    const report: KillReport = await killDuring({ directory, startMs, retentionMs: RETENTION_MS, phase, nth: 1 + random.below(4), delayMs: (random.below(1_000_000) / 1_000_000) * phaseMs * 1.2 })
    expect(report.faults.slice(0, 5), `told by the child before kill ${kill}`).toEqual([])
    for (const [seq, receivedMs] of report.acked) ledger.known.set(seq, receivedMs)
    expect(settle(ledger, { directory, retentionMs: RETENTION_MS }).slice(0, 5), `after kill ${kill}`).toEqual([])
    nowMs = report.lastMs
    phaseMs = report.phaseMs ?? phaseMs
    searches += report.searches[phase] ?? 0
  }
  expect(recover({ directory, retentionMs: RETENTION_MS, nowMs })).toEqual([])
  expect(settle(ledger, { directory, retentionMs: RETENTION_MS }).slice(0, 5), 'recovered and sealed').toEqual([])
  expect(searches, 'searches that met this phase').toBeGreaterThan(0)
  removed += ledger.gone.size
  expect(ledger.known.size).toBeGreaterThan(KILLS_PER_PHASE * 50)
})

test('retention removed messages meanwhile', () => {
  expect(removed).toBeGreaterThan(0)
})

test(`killed inside the keeping of a store of version 1: every message of it is served once (seed ${seed})`, async () => {
  const random = chance(seed + KEEP_PHASES.length)
  for (let turn = 0; turn < 4; turn++) {
    const directory = folder()
    cpSync(VERSION_1, directory, { recursive: true })
    const ledger = createLedger()
    expect(settle(ledger, { directory, retentionMs: 3650 * DAY_MS })).toEqual([])
    expect(ledger.known.size, 'messages of the fixture').toBeGreaterThan(400)
    let nowMs = Math.max(...ledger.known.values())
    for (let kill = 1; kill <= 3; kill++) {
      const report = await killDuring({ directory, startMs: nowMs, retentionMs: 3650 * DAY_MS, phase: random.pick(['retain', 'guard']), nth: 1 + random.below(2), delayMs: (random.below(1_000_000) / 1_000_000) * 60 })
      expect(report.faults.slice(0, 5)).toEqual([])
      for (const [seq, receivedMs] of report.acked) ledger.known.set(seq, receivedMs)
      expect(settle(ledger, { directory, retentionMs: 3650 * DAY_MS }).slice(0, 5), `after kill ${kill}`).toEqual([])
      nowMs = report.lastMs
    }
    expect(recover({ directory, retentionMs: 3650 * DAY_MS, nowMs })).toEqual([])
    expect(settle(ledger, { directory, retentionMs: 3650 * DAY_MS }).slice(0, 5), 'recovered').toEqual([])
    expect(ledger.gone.size, 'nothing is old enough to be removed').toBe(0)
  }
})
