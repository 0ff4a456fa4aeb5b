import { fc, test as property } from '@fast-check/vitest'
import { expect, test } from 'vitest'
import { openHubDatabase } from '#store/index.ts'
import type { Finding } from '#triggers/index.ts'
import { aFinding, aPolicy, startEffects } from './alerts-support.ts'

const MINUTE = 60_000
const POLICIES = [
  aPolicy({ rule: 'lasting', forMs: 3 * MINUTE, resolve: { quietMs: 20 * MINUTE, atSessionEnd: false, never: false } }),
  aPolicy({ rule: 'held', holdMs: 4 * MINUTE, resolve: { quietMs: undefined, atSessionEnd: true, never: false }, escalate: [{ afterMs: 5 * MINUTE, unlessAcknowledged: true, to: 'lead', severity: 'critical' }] }),
]

test('what waits for time goes on after a restart, at the time when it falls due', () => {
  const first = startEffects({ policies: POLICIES })
  first.apply(aFinding({ id: 1, rule: 'lasting', atMs: 0 }), aFinding({ id: 2, rule: 'held', atMs: 0 }), aFinding({ id: 3, rule: 'held', key: 'over', atMs: 0 }), aFinding({ id: 4, rule: 'held', key: 'over', kind: 'clear', atMs: MINUTE }))
  const second = startEffects({ db: first.db, policies: POLICIES })
  second.passTo(60 * MINUTE)
  const steps = second.all().toReversed().map(({ id }) => second.transitions.of(id).map(({ atMs, reason }) => `${atMs / MINUTE} ${reason}`))
  expect(steps).toEqual([['0 found', '3 lasted', '20 quiet'], ['0 found', '5 more-severe'], ['0 found', '5 cleared']])
  expect(second.told.map(({ escalatesTo }) => escalatesTo).filter((to) => to !== undefined)).toEqual(['lead'])
})

const findings = fc.array(fc.record({ gap: fc.nat(4), kind: fc.constantFrom('raise', 'raise', 'clear'), rule: fc.constantFrom('lasting', 'held'), key: fc.constantFrom('x', 'y'), isLate: fc.boolean() }), { minLength: 1, maxLength: 40 }).map((drawn) => {
  let atMs = 0
  return drawn.map(({ gap, ...change }, index): Finding => aFinding({ ...change, id: index + 1, atMs: (atMs += gap * MINUTE) }))
})

property.prop([findings, fc.array(fc.record({ size: fc.integer({ min: 1, max: 7 }), dies: fc.boolean(), repeats: fc.nat(3) }), { maxLength: 20 })], { numRuns: 40 })(
  'a hub that dies after any transaction, and is sent findings again, has the same alerts, history and events as one that did not',
  (all, parcels) => {
    const endMs = all.at(-1)!.atMs + 60 * MINUTE
    const seen = (fixture: ReturnType<typeof startEffects>) => {
      fixture.effects.apply({ lastId: all.length, watermarkMs: endMs, findings: [] })
      return { alerts: fixture.all(), steps: fixture.all().flatMap(({ id }) => fixture.transitions.of(id)), events: fixture.events.after(0, 1000), last: fixture.effects.lastFindingId }
    }
    const calm = startEffects({ policies: POLICIES, db: openHubDatabase(':memory:') })
    for (const finding of all) calm.apply(finding)

    let stormy = startEffects({ policies: POLICIES, db: openHubDatabase(':memory:') })
    let told = 0
    let sent = 0
    for (const { size, dies, repeats } of [...parcels, { size: all.length, dies: false, repeats: 0 }]) {
      // again what was sent before, as after a crash whose acknowledgement was lost
      const parcel = all.slice(Math.max(0, sent - repeats), sent + size)
      sent = Math.min(all.length, sent + size)
      if (parcel.length === 0) continue
      stormy.effects.apply({ lastId: parcel.at(-1)!.id, watermarkMs: parcel.at(-1)!.atMs, findings: parcel })
      if (!dies) continue
      told += stormy.told.length
      stormy = startEffects({ policies: POLICIES, db: stormy.db })
    }
    expect(seen(stormy)).toEqual(seen(calm))
    expect(told + stormy.told.length).toBe(calm.told.length)
  },
)
