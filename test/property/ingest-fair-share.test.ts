import fc from 'fast-check'
import { expect, test } from 'vitest'
import { createFlood, ledgerOf } from '../fixtures/ingest/flood.ts'

const ADDRESSES = ['10.0.0.1', '10.0.0.2', '10.0.0.3', '10.0.0.4'] as const
type Step =
  | { readonly kind: 'send'; readonly from: (typeof ADDRESSES)[number]; readonly severity: number; readonly bytes: number; readonly count: number }
  | { readonly kind: 'release'; readonly count: number }
  | { readonly kind: 'pass'; readonly ms: number }
  | { readonly kind: 'drops'; readonly count: number }

const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 6, arbitrary: fc.record({ kind: fc.constant('send' as const), from: fc.constantFrom(...ADDRESSES), severity: fc.integer({ min: 0, max: 7 }), bytes: fc.constantFrom(20, 20_000, 60_000), count: fc.integer({ min: 1, max: 80 }) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('release' as const), count: fc.integer({ min: 1, max: 4 }) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('pass' as const), ms: fc.constantFrom(0, 5, 400, 1000) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('drops' as const), count: fc.integer({ min: 1, max: 9 }) }) },
)

test('whoever sends, and however the writer stalls: sent is stored and told, nobody\'s messages change places, and nothing urgent is shed', { timeout: 60_000 }, () => {
  let pressed = 0
  fc.assert(
    fc.property(fc.array(step, { minLength: 20, maxLength: 60 }), (steps) => {
      const hub = createFlood()
      const sent = new Map<string, number>()
      let dropped = 0
      for (const now of steps) {
        if (now.kind === 'release') hub.release(now.count)
        else if (now.kind === 'pass') hub.pass(now.ms)
        else if (now.kind === 'drops') {
          dropped += now.count
          hub.batcher.addKernelDrops({ listener: 'udp', count: now.count, fromMs: hub.nowMs, toMs: hub.nowMs })
        } else for (let n = 0; n < now.count; n++) {
          const number = sent.get(now.from) ?? 0
          sent.set(now.from, number + 1)
          hub.send(now.from, `<${8 + now.severity}>app: ${number} ${'x'.repeat(now.bytes)}`)
        }
      }
      hub.close()
      for (const [address, count] of sent) {
        const ledger = ledgerOf(hub, address)
        expect(ledger.stored + ledger.shed + ledger.unplaced).toBe(count)
        const numbers = hub.stored.filter((row) => row.address === address).map(({ raw }) => Number(/: (\d+)/.exec(raw)![1]))
        expect(numbers.every((number, at) => at === 0 || number > numbers[at - 1]!)).toBe(true)
        pressed += ledger.shed
      }
      for (const { reason, templates = [], count } of hub.losses) {
        if (reason !== 'shed') continue
        expect(templates.every(({ severity }) => severity > 3)).toBe(true)
        expect(templates.reduce((sum, entry) => sum + entry.count, 0)).toBe(count)
      }
      expect(hub.losses.filter(({ reason }) => reason === 'kernel-buffer').reduce((sum, { count }) => sum + count, 0)).toBe(dropped)
      for (const address of ADDRESSES) expect(hub.senderOf(address).heldBytes).toBe(0)
    }),
    { numRuns: 12 },
  )
  expect(pressed).toBeGreaterThan(0)
})
