import { fc, test as property } from '@fast-check/vitest'
import { expect, test } from 'vitest'
import { createMemoryAlertStore } from '#triggers/alerts/memory-store.ts'
import { ALERT } from './notify/support.ts'

const steps = fc.array(
  fc.oneof(
    fc.record({ kind: fc.constant('insert' as const), dueMs: fc.option(fc.nat(50), { nil: undefined }) }),
    fc.record({ kind: fc.constant('update' as const), which: fc.nat(30), dueMs: fc.option(fc.nat(50), { nil: undefined }) }),
    fc.record({ kind: fc.constant('due' as const), nowMs: fc.nat(60), limit: fc.integer({ min: 1, max: 5 }) }),
  ),
  { maxLength: 120 },
)

property.prop([steps], { numRuns: 200 })('what is due is what a look at every alert says, the earliest first', (taken) => {
  const store = createMemoryAlertStore()
  for (const step of taken) {
    if (step.kind === 'insert') store.insert({ ...ALERT, key: `k${store.all.length}`, dueMs: step.dueMs })
    else if (step.kind === 'update' && store.all.length > 0) store.update({ ...store.all[step.which % store.all.length]!, dueMs: step.dueMs })
    const naive = store.all.filter(({ dueMs }) => dueMs !== undefined).toSorted((a, b) => a.dueMs! - b.dueMs! || a.id - b.id)
    expect(store.nextDueMs()).toBe(naive[0]?.dueMs)
    if (step.kind === 'due') expect(store.due(step.nowMs, step.limit)).toEqual(naive.filter(({ dueMs }) => dueMs! <= step.nowMs).slice(0, step.limit))
  }
})

test('times that are exchanged again and again take no room', () => {
  const store = createMemoryAlertStore({ history: 'last' })
  const id = store.insert({ ...ALERT, dueMs: 0 })
  for (let dueMs = 1; dueMs <= 20_000; dueMs++) {
    store.update({ ...store.byId(id)!, dueMs: 50_000 - dueMs })
    store.addTransition({ alertId: id, atMs: dueMs, from: 'firing', to: 'firing', reason: 'returned', by: '', note: '', seq: 0 })
  }
  expect(store.due(100_000, 10)).toMatchObject([{ id, dueMs: 30_000 }])
  expect(store.transitions).toEqual([])
  expect(store.lastTransition(id)).toMatchObject({ atMs: 20_000 })
})
