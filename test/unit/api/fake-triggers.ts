import type { OutboxDetail, OutboxPart, OutboxView, RuleDetail, RulesPart, RuleView, TrialView } from '#api/index.ts'
import { AppFault } from '#domain/fault.ts'
import type { Changes } from './fake-alerts.ts'

export const rule = (given: Partial<RuleView> = {}): RuleView => ({
  id: 'storage.raid-degraded', version: 'v1', file: 'rules/storage.yaml', severity: 'critical', title: 'RAID {{array}} on {{node}}: {{disk}} failed', status: 'live', matches: 4, kind: 'match', pack: 'storage', alerts_open: 1, live_keys: 3,
  cpu_ms: 12.5, breaker: null, ...given,
})
export const ruleDetail = (given: Partial<RuleDetail> = {}): RuleDetail => ({
  ...rule(), line: 12, text: '- id: storage.raid-degraded', text_why: null, overridden: [{ what: 'status', file: 'rules/local/site.yaml', line: 3, column: 5 }], by: ['node', 'array'], tests: [{ name: 'raises once', steps: ['0s n1 kernel.crit: x'] }],
  false_alarms: 'a disk that is pulled', requires: ['mdadm'], tags: ['disk'], runbook: 'docs/runbooks/storage.md', owner: 'storage', ...given,
})
export const delivery = (given: Partial<OutboxView> = {}): OutboxView => ({
  id: 5, state: 'retry', channel: 'mail', receiver: 'storage', kind: 'alerts', rule: 'storage.raid-degraded', subject: '[CRITICAL] RAID md0', attempts: 2, created: '2026-11-22T03:00:01.000Z', next: '2026-11-22T03:05:00.000Z', done: null,
  last_error: '450 4.7.1 <anna@example.org> greylisted', reply: null, ...given,
})
export const deliveryDetail = (given: Partial<OutboxDetail> = {}): OutboxDetail => ({ ...delivery(), alerts: [12], expires: null, give_up: '2026-11-25T03:00:01.000Z', payload: { kind: 'alerts', title: 'RAID md0' }, ...given })

export const trial = (): TrialView => ({
  receiver: 'storage',
  channels: [
    { channel: 'mail', name: 'mail.example.org:25', sent: false, answer: '550 no', reason: 'refused', permanent: true, mail: { addresses: ['anna@example.org'], accepted: [], refused: [{ address: 'anna@example.org', answer: '550 no' }], capabilities: ['SIZE'], tls: null, message_id: '<x@hub>', took_ms: 5, dialogue: [{ who: 'server', text: '550 no' }] } },
    { channel: 'webhook', name: 'chat', sent: true, answer: '204', reason: null, permanent: false, mail: null },
  ],
})

export function fakeRules(changes: Changes = []): RulesPart {
  const lint = (kind: string): RulesPart['lint'] => async (request) => {
    changes.push([kind, { file: request.file, text: request.text }])
    return { good: false, rules: 0, tests: 0, faults: [{ file: request.file, line: 3, column: 5, message: 'unknown key', hint: 'did you mean when?' }], warnings: [] }
  }
  return {
    list: async () => ({ rules: [rule()], faults: ['rules/x.yaml:1:1: no'], warnings: [] }),
    async rule(id) {
      if (id === 'no.such') throw new AppFault('not-found', 'There is no rule no.such in use')
      return ruleDetail({ id })
    },
    lint: lint('lint'),
    test: lint('test'),
  }
}

export function fakeOutbox(changes: Changes = []): OutboxPart {
  const note = <T>(what: string, about: unknown, answer: T): T => {
    changes.push([what, about])
    return answer
  }
  return {
    list: async (request) => note('list', request, { outbox: [delivery()], cursor: null, counts: [{ state: 'retry', count: 1 }] }),
    row: async (id) => deliveryDetail({ id }),
    retry: async (id, by) => note('retry', [id, by], deliveryDetail({ id, state: 'queued' })),
    async cancel(id, by) {
      if (id === 6) throw new AppFault('conflict', 'The delivery 6 is sent: it does not wait any more')
      return note('cancel', [id, by], deliveryDetail({ id, state: 'cancelled' }))
    },
    cancelAll: async (scope, by) => note('cancelAll', [scope, by], 3),
    receivers: async () => [{ name: 'storage', channels: [{ kind: 'mail', to: ['anna@example.org'] }, { kind: 'webhook', to: ['https://hooks.example.org/T000/secret'] }], max_per_hour: 60 }],
    async tryReceiver(name, by) {
      if (name === 'nobody') throw new AppFault('not-found', 'There is no receiver nobody')
      return note('try', [name, by], trial())
    },
  }
}
