import type { ExplainView, SuggestView, WhyNotView, WhyPart } from '#api/index.ts'
import { AppFault } from '#domain/fault.ts'

export const explained = (): ExplainView => ({
  message: { seq: 7, received: '2026-11-22T03:00:00.000Z', node: 'tch-001', app: 'kernel', severity: 'crit', text: 'md0: Disk failure\u001b[2J' },
  looked_at: true, tried: 40, complete: true,
  rules: [{
    rule: 'storage.raid-degraded', status: 'live', passes: true, stops: [], patterns: [{ role: 'on', captures: { array: 'md0' } }], key: '["node=5","array=md0"]',
    state: { summary: '2 of 3, the oldest leaves the window at 2026-11-22T03:10:00.000Z', have: 2, need: 3, due: null },
    alert: { id: 12, state: 'firing', count: 4, title: 'RAID md0', has_message: true, mutes: [{ mute: 'silenced', why: 'silence 3 by anna' }], notices: [{ id: 5, state: 'retry', channel: 'mail', receiver: 'storage', done: null, last_error: '450 later' }] },
  }],
  near: [{ rule: 'kernel.panic', role: 'on', has_literal: false, misses: [{ kind: 'regex', asked: 'panic', has: '', means: 'the expression is not found in the text' }] }],
})
export const whyNotView = (): WhyNotView => {
  const verdict = { gate: 'window', outcome: 'stopped', why: '2 of 3', message: 7, at: '2026-11-22T03:10:00.000Z' }
  return { rule: 'login.guessing', node: 'tch-001', since: '2026-11-21T03:00:00.000Z', verdict, rungs: [{ gate: 'loaded', outcome: 'passed', why: 'the rule is in use', message: null, at: null }, verdict], alert: null, looked: 12, complete: true }
}
export const suggested = (): SuggestView => ({ good: true, text: 'format: 1\nrules: []\n', reason: null, detail: null, regex: 'a', contains: null, groups: ['array'], remarks: ['there is no near miss'] })

export const fakeWhy = (): WhyPart => ({
  async explain(seq) {
    if (seq === 404) throw new AppFault('not-found', 'There is no message 404')
    return explained()
  },
  whyNot: async () => whyNotView(),
  suggest: async ({ bad }) => (bad.length === 0 ? suggested() : { ...suggested(), good: false, text: null, reason: 'not-told-apart', detail: 'a bad line is one of the good' }),
})
