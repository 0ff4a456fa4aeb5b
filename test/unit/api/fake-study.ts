import type { BacktestRequest, BacktestView, NoiseView, StudyPart } from '#api/index.ts'
import { AppFault } from '#domain/fault.ts'

export const backtested = (given: Partial<BacktestView> = {}): BacktestView => ({
  from: '2026-11-15T03:00:00.000Z', until: '2026-11-22T03:00:00.000Z', reached: '2026-11-22T03:00:00.000Z', complete: true, reason: null, messages: 1000, events: 3, matches: 412, clears: 2, reports: 0,
  alerts: { opened: 402, fired: 400, unlasted: 2, flaps: 1, escalated: 0, short: 390, open_at_end: 1, refused: 0 },
  notices: { total: 801, news: 400, receivers: [{ receiver: 'ops', known: true, mails: 801, webhooks: 0, news: 400, still: 1, resolved: 400, digests: 0 }], left: [{ reason: 'unchanged', count: 3 }] },
  rules: [{ rule: 'storage.raid-degraded', matches: 412, alerts: 402, fired: 400 }], nodes: [{ node: 'tch-001', alerts: 399 }], other_nodes: { nodes: 1, alerts: 1 },
  step_ms: 86_400_000, steps: [{ at: '2026-11-15T00:00:00.000Z', alerts: 400, notices: 801 }],
  first: [{ rule: 'storage.raid-degraded', severity: 'critical', title: 'RAID md0\u001b[2J', node: 'tch-001', first: '2026-11-15T03:00:00.000Z', fired: '2026-11-15T03:00:00.000Z', last: '2026-11-15T03:01:00.000Z', over: null, count: 4, flaps: 0, message: 7, notices: 2 }],
  companions: ['node.silent'], remarks: ['Nobody acknowledges here.'], ...given,
})
export const noisy = (): NoiseView => ({
  since: '2026-10-23T03:00:00.000Z', alerts: 96, told: 192,
  rules: [{
    rule: 'login.guessing', severity: 'warning', alerts: 96, unlasted: 0, open: 0, told: 192, acknowledged: 0, closed: 0, unattended: 96, self_resolved: 96, short: 94, flaps: 0, returned: 3, silenced: 0,
    nodes: [{ node: 'tch-001', alerts: 48 }], noise: 192, advice: '94 of 96 resolved themselves within 5m and nobody acknowledged one: add `for: 10m`',
  }],
})

/** What it was asked, and answers that are always the same; with a signal it waits for it where the rule is `slow`. */
export const fakeStudy = (asked: BacktestRequest[] = []): StudyPart => ({
  async backtest(request) {
    asked.push(request)
    const { what, signal, onProgress } = request
    if (what.kind === 'rule' && what.id === 'gone') throw new AppFault('not-found', 'There is no rule gone in the files')
    onProgress?.({ done: 500, total: 1000 })
    if (what.kind !== 'rule' || what.id !== 'slow') return backtested()
    const { promise, resolve } = Promise.withResolvers<BacktestView>()
    signal?.addEventListener('abort', () => resolve(backtested({ complete: false, reason: 'cancelled' })))
    return promise
  },
  noise: async () => noisy(),
})
