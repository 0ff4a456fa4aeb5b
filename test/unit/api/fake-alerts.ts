import type { AlertDetail, AlertEventView, AlertItem, AlertSilencesPart, AlertSilenceView, AlertsPart, AlertsView, AlertTransitionView, AlertView } from '#api/index.ts'
import { AppFault } from '#domain/fault.ts'

export const alert = (given: Partial<AlertView> = {}): AlertView => ({
  id: 12, rule: 'storage.raid-degraded', key: 'tch-001|md0', state: 'firing', severity: 'critical', title: 'RAID md0 on tch-001: sdb failed \u001b[2J', node: 'tch-001', session: 'a1b2c3',
  first: '2026-11-22T03:00:00.000Z', last: '2026-11-22T03:04:00.000Z', fired: '2026-11-22T03:00:00.000Z', over: null, resolved: null, count: 3, flaps: 0, late: false, acknowledged_by: null, acknowledged_note: null,
  mutes: [{ mute: 'silenced', why: 'silence 4 by anna until 2026-11-22T05:00:00.000Z: new disk', silence: 4, alert: null, until: '2026-11-22T05:00:00.000Z' }], ...given,
})
export const transition = (given: Partial<AlertTransitionView> = {}): AlertTransitionView => ({ at: '2026-11-22T03:00:00.000Z', from: null, to: 'firing', reason: 'found', means: 'the condition of the rule holds', by: '', note: '', seq: 7, ...given })
export const alertDetail = (given: Partial<AlertDetail> = {}): AlertDetail => ({
  ...alert(), fields: { node: 'tch-001', array: 'md0' }, host: 'tch-001', app: 'kernel', text: 'md/raid1:md0: Disk failure on sdb', first_seq: 7, last_seq: 9, due: '2026-11-23T03:04:00.000Z', link: 'http://hub:8080/#/alert/12',
  policy: {
    version: 'v1', status: 'live', in_use: true, by: ['node', 'array'], for_ms: 0, hold_ms: 300_000, quiet_ms: null, at_session_end: false, only_by_person: false, notify: 'storage', repeat_ms: null,
    escalate: [{ after_ms: 1_800_000, to: 'lead', unless_acknowledged: true, severity: null }], runbook: 'docs/runbooks/storage.md', owner: 'storage',
  },
  transitions: [transition()],
  notices: [{ id: 5, state: 'sent', channel: 'mail', receiver: 'storage', telling: 'firing', created: '2026-11-22T03:00:01.000Z', done: '2026-11-22T03:00:02.000Z', attempts: 1, last_error: null }],
  context: [], ...given,
})
export const alertList = (given: Partial<AlertsView> = {}): AlertsView => ({ alerts: [alert()], cursor: null, open: [{ state: 'firing', severity: 'critical', count: 1 }], calm_since: null, ...given })
export const alertEvent = (id: number): AlertEventView => ({ id, ...transition(), alert: alert() })
export const alertSilence = (given: Partial<AlertSilenceView> = {}): AlertSilenceView => ({
  id: 4, matchers: ['rule=storage.raid-degraded', 'node~tch-*'], from: '2026-11-22T03:00:00.000Z', until: '2026-11-22T05:00:00.000Z', state: 'now', reason: 'new disk', by: 'anna', made: '2026-11-22T03:00:00.000Z', ended: null, ended_by: null, covers: 1, ...given,
})

export type Changes = (readonly [what: string, about: unknown])[]
export interface Follower { readonly afterId?: number | undefined; deliver(item: AlertItem): boolean; readonly onFault: (fault: unknown) => void; ended: boolean }

/** Notes what was asked and done, and who follows. */
export function fakeAlerts(changes: Changes = [], followers: Follower[] = []): AlertsPart {
  return {
    async list(request) {
      changes.push(['list', request])
      return alertList()
    },
    async alert(id) {
      if (id === 404) throw new AppFault('not-found', 'There is no alert 404')
      return alertDetail({ id })
    },
    async act(deed) {
      changes.push(['act', deed])
      if (deed.state === 'acknowledged') throw new AppFault('conflict', 'The alert 12 is firing by now, not acknowledged', { detail: { state: 'firing' } })
      return alert({ id: deed.id, state: deed.does === 'close' ? 'resolved' : 'acknowledged', acknowledged_by: deed.who })
    },
    follow(request) {
      const follower = { ...request, ended: false }
      followers.push(follower)
      return () => void (follower.ended = true)
    },
  }
}

export function fakeAlertSilences(changes: Changes = []): AlertSilencesPart {
  return {
    list: async () => [alertSilence()],
    async add(request) {
      changes.push(['silence', request])
      return alertSilence({ by: request.by })
    },
    preview: async (matchers) => ({ matchers: [...matchers], total: 1, alerts: [alert()] }),
    async end(id, by) {
      changes.push(['end', [id, by]])
      return alertSilence({ id, state: 'ended', ended: '2026-11-22T04:00:00.000Z', ended_by: by })
    },
  }
}
