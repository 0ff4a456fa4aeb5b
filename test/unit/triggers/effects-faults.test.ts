import { describe, expect, test } from 'vitest'
import { isDiskFault, readCursor } from '#store/index.ts'
import { createAlertLife, MAX_OPEN_ALERTS, MAX_OPEN_OF_RULE, type OpenRefusal } from '#triggers/alerts/life.ts'
import { createMemoryAlertStore } from '#triggers/alerts/memory-store.ts'
import { silentLogger } from '#telemetry/index.ts'
import { createPolicies } from '#triggers/index.ts'
import { aFinding, aPolicy, DAY_MS, startEffects } from './alerts-support.ts'

const many = (count: number, change: Parameters<typeof aFinding>[0] = {}) => Array.from({ length: count }, (_, index) => aFinding({ id: index + 1, key: `k${index}`, ...change }))

describe('a fault of the disk in the middle', () => {
  test('leaves nothing half done, not even a count; the same findings have their effects when there is room', async () => {
    const { db, apply, all, events, effects, metrics } = startEffects()
    apply(aFinding({ id: 1, key: 'before' }))
    db.pragma('wal_checkpoint(TRUNCATE)')
    const pages = db.pragma('page_count', { simple: true }) as number
    db.pragma(`max_page_count = ${pages + 60}`)
    const findings = many(2000).map((finding) => ({ ...finding, id: finding.id + 1 }))
    let fault: unknown
    try {
      apply(...findings)
    } catch (error) {
      fault = error
    }
    expect(isDiskFault(fault)).toBe(true)
    expect([all().length, events.newest(), readCursor(db, 'findings'), effects.lastFindingId, effects.matches.get('disk.failed')]).toEqual([1, 1, 1, 1, 1])
    expect(await metrics.expose()).toContain('hps_alerts_opened_total{severity="error"} 1')
    db.pragma('max_page_count = 1000000')
    expect(apply(...findings)).toBe(true)
    expect([all().length, events.newest(), readCursor(db, 'findings'), effects.matches.get('disk.failed')]).toEqual([2001, 2001, 2001, 2001])
    expect(await metrics.expose()).toContain('hps_alerts_opened_total{severity="error"} 2001')
  })

  test.for([0, 1, 2, 3, 4, 5, 6])('wherever it comes (at step %i), what is there afterwards is as if it had not come', (failsAt) => {
    const run = (failsAt_: number | undefined) => {
      let calls = 0
      let isBroken = failsAt_ !== undefined
      const { db, effects, apply, alerts, transitions, events } = startEffects({
        policies: [aPolicy({ forMs: 0, holdMs: 10 }), aPolicy({ rule: 'other', resolve: { quietMs: 5, atSessionEnd: false, never: false } })],
        applyEvent: () => 'applied',
      })
      // every write goes through a statement of the alert store: the nth of them fails
      const trigger = () => {
        if (isBroken && calls++ === failsAt_) throw Object.assign(new Error('disk I/O error'), { code: 'SQLITE_IOERR' })
        return 0
      }
      db.function('maybe_fail', { deterministic: false }, trigger)
      db.exec(`CREATE TEMP TRIGGER t1 AFTER INSERT ON alerts BEGIN SELECT maybe_fail(); END;
        CREATE TEMP TRIGGER t2 AFTER UPDATE ON alerts BEGIN SELECT maybe_fail(); END;
        CREATE TEMP TRIGGER t3 AFTER INSERT ON alert_transitions BEGIN SELECT maybe_fail(); END;
        CREATE TEMP TRIGGER t4 AFTER INSERT ON hub_events BEGIN SELECT maybe_fail(); END;
        CREATE TEMP TRIGGER t5 AFTER INSERT ON cursors BEGIN SELECT maybe_fail(); END;`)
      const findings = [aFinding({ id: 1, atMs: 1 }), aFinding({ id: 2, atMs: 2, rule: 'other' }), aFinding({ id: 3, atMs: 3, kind: 'clear' }), aFinding({ id: 4, atMs: 4 }), aFinding({ id: 5, atMs: 9, rule: 'other' })]
      if (isBroken) {
        expect(() => apply(...findings)).toThrow('disk I/O error')
        expect([[...alerts.openOf()], events.newest(), readCursor(db, 'findings'), effects.lastFindingId]).toEqual([[], 0, 0, 0])
        isBroken = false
      }
      apply(...findings)
      return { alerts: alerts.list({ limit: 9 }), history: alerts.list({ limit: 9 }).map(({ id }) => transitions.of(id)), events: events.after(0, 99), cursor: effects.lastFindingId }
    }
    expect(run(failsAt)).toEqual(run(undefined))
  })
})

test('the place in the stream is kept with the findings, and of batches without any once a second', () => {
  const { db, effects, clock } = startEffects()
  const kept = () => readCursor(db, 'rules')
  effects.apply({ lastId: 0, watermarkMs: 0, findings: [], cursor: 5 })
  expect(kept()).toBe(5)
  effects.apply({ lastId: 0, watermarkMs: 0, findings: [], cursor: 6 })
  expect(kept()).toBe(5)
  effects.apply({ lastId: 1, watermarkMs: 0, findings: [aFinding({ id: 1 })], cursor: 7 })
  expect(kept()).toBe(7)
  clock.nowMs += 1000
  effects.apply({ lastId: 1, watermarkMs: 0, findings: [], cursor: 8 })
  expect(kept()).toBe(8)
  // a fault at the very end takes it back with the rest
  db.exec(`CREATE TEMP TRIGGER no_cursor BEFORE UPDATE ON cursors WHEN NEW.name = 'rules' BEGIN SELECT RAISE(ABORT, 'full'); END`)
  expect(() => effects.apply({ lastId: 2, watermarkMs: 0, findings: [aFinding({ id: 2, key: 'b' })], cursor: 9 })).toThrow('full')
  expect([kept(), effects.lastFindingId, readCursor(db, 'findings')]).toEqual([8, 1, 1])
})

describe('bounds', () => {
  test('very many that are over at once are ended in parts', () => {
    const { apply, passTo, alerts } = startEffects()
    apply(...many(4500))
    const left = () => {
      passTo(1_000_000 + DAY_MS)
      return alerts.openCounts().map(({ count }) => count)
    }
    expect([left(), left(), left(), left()]).toEqual([[2500], [500], [], []])
  })

  test('a rule has so many open alerts, and all rules together; more are counted by reason, and there is room when one is over', () => {
    const refused: Record<string, number> = {}
    const store = createMemoryAlertStore()
    const policies = createPolicies()
    const rules = Array.from({ length: 7 }, (_, index) => `r${index}`)
    policies.replace(rules.map((rule) => aPolicy({ rule })))
    const life = createAlertLife({ store, policies, titleOf: () => 't', stepped: () => undefined, refused: (reason: OpenRefusal) => void (refused[reason] = (refused[reason] ?? 0) + 1) })
    for (const rule of rules) for (const finding of many(MAX_OPEN_OF_RULE + (rule === 'r0' ? 5 : 0))) life.find({ ...finding, rule })
    expect(life.openCount()).toBe(MAX_OPEN_ALERTS)
    expect(refused).toEqual({ 'rule-limit': 5, 'hub-limit': 2 * MAX_OPEN_OF_RULE })
    life.find(aFinding({ rule: 'r0', key: 'k0', kind: 'clear' }))
    life.find(aFinding({ rule: 'r6', key: 'k0' }))
    expect(life.openCount()).toBe(MAX_OPEN_ALERTS)
    // what is open already goes on
    life.find(aFinding({ rule: 'r1', key: 'k5' }))
    expect(store.open('r1', 'k5')).toMatchObject({ count: 2 })
  })

  test('what a refused one would have been is counted and said in the log', async () => {
    const said: unknown[] = []
    const { effects, alerts, db, metrics } = startEffects({ policies: [aPolicy({ resolve: { quietMs: undefined, atSessionEnd: false, never: false } })], log: { ...silentLogger, warn: (fields) => void said.push(fields) } })
    effects.apply({ lastId: MAX_OPEN_OF_RULE + 2, watermarkMs: 1, findings: many(MAX_OPEN_OF_RULE + 2) })
    expect(alerts.openCounts()).toEqual([{ rule: 'disk.failed', count: MAX_OPEN_OF_RULE }])
    expect(await metrics.expose()).toContain('hps_alerts_refused_total{reason="rule-limit"} 2')
    expect(readCursor(db, 'findings')).toBe(MAX_OPEN_OF_RULE + 2)
    expect(said).toEqual([{ rule: 'disk.failed', reason: 'rule-limit' }])
  })
})
