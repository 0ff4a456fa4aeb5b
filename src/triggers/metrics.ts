import type { MetricDeclaration } from '#telemetry/index.ts'
import { RULE_SEVERITIES, RULE_STATUSES } from './protocol.ts'
import { ALERT_REASONS, ALERT_STATES, type AlertReason, type Mute } from '#domain/alert.ts'
import { OUTBOX_STATES } from '#store/index.ts'
import { MAIL_METRICS } from './actions/mail-metrics.ts'
import { OPEN_REFUSALS } from './alerts/life.ts'

const NOTIFY_RESULTS = ['sent', 'retry', 'dead'] as const
const FAILURE_REASONS = ['unreachable', 'timeout', 'tls', 'too-large', 'refused-later', 'refused', 'login', 'no-receiver', 'not-configured', 'failed'] as const
export type FailureReason = (typeof FAILURE_REASONS)[number]
const COMMAND_REFUSALS = ['unproven-node', 'unknown-receiver', 'bad-severity', 'too-many'] as const
export type CommandRefusal = (typeof COMMAND_REFUSALS)[number]

/** What mutes an alert itself; a cap is the receiver's. */
export const MUTES_OF_ALERTS = ['silenced', 'inhibited', 'shadow', 'planned'] as const satisfies readonly Mute[]

/** Metrics that main keeps for the triggers. */
export const TRIGGER_METRICS: readonly MetricDeclaration[] = [
  { kind: 'gauge', name: 'hps_rules', help: 'Rules in the set, by status.', labels: { status: RULE_STATUSES } },
  { kind: 'gauge', name: 'hps_rules_loaded', help: '1 when the files on disk are the set in use, 0 when they were refused.' },
  { kind: 'counter', name: 'hps_rule_matches_total', help: 'Matches of a rule.', labels: { rule: 'open' } },
  { kind: 'counter', name: 'hps_rule_events_total', help: 'Evidence that rules reported, by what became of it.', labels: { outcome: ['applied', 'ignored', 'failed'] } },
  { kind: 'gauge', name: 'hps_alerts', help: 'Alerts kept, by state and severity.', labels: { state: ALERT_STATES, severity: RULE_SEVERITIES } },
  { kind: 'gauge', name: 'hps_alerts_open', help: 'Alerts that are pending, firing or acknowledged.' },
  { kind: 'gauge', name: 'hps_alerts_resolved', help: 'Alerts that are over and kept.' },
  { kind: 'counter', name: 'hps_alerts_opened_total', help: 'Alerts opened.', labels: { severity: RULE_SEVERITIES } },
  { kind: 'counter', name: 'hps_alerts_refused_total', help: 'Findings that opened no alert, since there are as many open ones as may be.', labels: { reason: OPEN_REFUSALS } },
  { kind: 'counter', name: 'hps_alerts_pruned_total', help: 'Alerts that were over and were removed, by age or number.' },
  { kind: 'counter', name: 'hps_alert_transitions_total', help: 'Steps of alerts, by reason.', labels: { reason: Object.keys(ALERT_REASONS) as AlertReason[] } },
  { kind: 'gauge', name: 'hps_alerts_muted', help: 'Of the newest 10,000 alerts that fire those that tell nobody, by what mutes them; counted once a minute.', labels: { mute: MUTES_OF_ALERTS } },
  { kind: 'counter', name: 'hps_notifications_queued_total', help: 'Notices put into the outbox.', labels: { severity: RULE_SEVERITIES } },
  { kind: 'counter', name: 'hps_notifications_folded_total', help: 'Matches that were not told again, since a notice of the same alert was not long ago.' },
  { kind: 'counter', name: 'hps_notifications_held_total', help: 'Alerts that were opened and not told, since their rule had told very many before.', labels: { reason: ['rule-limit'] } },
  { kind: 'counter', name: 'hps_notifications_total', help: 'Tries to deliver a notice.', labels: { channel: ['mail'], result: NOTIFY_RESULTS } },
  { kind: 'counter', name: 'hps_notifications_failed_total', help: 'Tries that failed, by reason.', labels: { channel: ['mail'], reason: FAILURE_REASONS } },
  { kind: 'histogram', name: 'hps_notification_duration_seconds', help: 'From handing a notice to its channel until it was taken or refused.', labels: { channel: ['mail'] }, buckets: [0.01, 0.05, 0.1, 0.3, 1, 3, 10, 30] },
  ...MAIL_METRICS,
  { kind: 'gauge', name: 'hps_outbox_messages', help: 'Notices in the outbox.', labels: { state: OUTBOX_STATES } },
  { kind: 'gauge', name: 'hps_outbox_oldest_timestamp_seconds', help: 'Creation time of the oldest notice that still waits; 0: none waits.' },
  { kind: 'counter', name: 'hps_trigger_commands_total', help: 'hps-trigger commands of nodes, by what became of them.', labels: { outcome: ['queued', ...COMMAND_REFUSALS] } },
]
