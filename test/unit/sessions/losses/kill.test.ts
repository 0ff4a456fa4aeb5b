import fc from 'fast-check'
import { expect, test } from 'vitest'
import { PARSE_FAULTS } from '#domain/message.ts'
import { createLossRecords } from '#store/index.ts'
import { createHub, type Hub } from '../kit.ts'

const TRUNCATED = 1 << PARSE_FAULTS.indexOf('truncated')
type Step =
  | { readonly kind: 'rows'; readonly whole: number; readonly cut: number; readonly told: number; readonly transport: 'udp' | 'relp' }
  | { readonly kind: 'flush' | 'kill' | 'stop' | 'refuse' | 'hub.db' | 'take' }

const steps = fc.array(fc.oneof(
  { weight: 5, arbitrary: fc.record({ kind: fc.constant('rows' as const), whole: fc.nat(3), cut: fc.nat(3), told: fc.nat(2), transport: fc.constantFrom('udp' as const, 'relp' as const) }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constantFrom('flush' as const, 'kill' as const, 'stop' as const, 'refuse' as const, 'hub.db' as const, 'take' as const) }) },
), { maxLength: 30 })

const sums = (hub: Hub): Record<string, number> => Object.fromEntries(createLossRecords(hub.db).totals({ sinceMs: 0, by: 'reason' }).map(({ reason, count }) => [reason, count]))

test('through refusals of the log and of hub.db, stops and kills, every loss is counted, and none twice', () => {
  fc.assert(fc.property(steps, (all: readonly Step[]) => {
    let hub = createHub()
    const expected = { cut: 0, 'no-free-batch': 0, 'disk-refused': 0 }
    let stored = 0
    let refuses: 'log' | 'hub.db' | undefined
    const take = (): void => {
      hub.appender.failWith = undefined
      hub.db.pragma('query_only = 0')
      refuses = undefined
    }
    for (const step of all) {
      if (step.kind === 'rows') {
        const { whole, cut, told, transport } = step
        const sender = { from: '10.0.0.7', transport, listener: transport }
        const losses = told === 0 ? [] : [{ sender, listener: transport, reason: 'no-free-batch' as const, count: told, firstMs: hub.nowMs, lastMs: hub.nowMs }]
        const before = hub.appender.nextSeq
        hub.sendAll([...Array.from({ length: whole }, () => ({ sender, frame: '<13>1 - tch-001 app - - - x' })), ...Array.from({ length: cut }, () => ({ sender, frame: '<13>1 - tch-001 app - - - y', faults: TRUNCATED }))], losses)
        const isStored = hub.appender.nextSeq > before
        expected['no-free-batch'] += told
        if (isStored) {
          expected.cut += cut
          stored += whole + cut
        } else if (transport === 'udp') expected['disk-refused'] += whole + cut
      } else if (step.kind === 'flush') hub.wait(6000)
      else if (step.kind === 'refuse') {
        hub.appender.failWith = 'no space'
        refuses = 'log'
      } else if (step.kind === 'hub.db') {
        hub.db.pragma('query_only = 1')
        refuses = 'hub.db'
      } else if (step.kind === 'take') take()
      else {
        // what waits in memory while the disk refuses dies with the process: it is written first, as the reference says
        if (refuses !== undefined || step.kind === 'stop') take()
        hub.sendAll([])
        hub = hub.restart(step.kind === 'kill' ? 'killed' : 'clean')
      }
    }
    take()
    hub.sendAll([])
    hub.wait(12_000)
    expect(sums(hub)).toEqual(Object.fromEntries(Object.entries(expected).filter(([, count]) => count > 0)))
    expect(hub.sources.list().reduce((sum, { messages }) => sum + messages, 0)).toBe(stored)
  }), { numRuns: 60 })
})
