import type { MetricDeclaration } from '#telemetry/index.ts'
import { RULE_SEVERITIES, RULE_STATUSES } from './protocol.ts'
import { ALERT_REASONS, ALERT_STATES, type AlertReason, type Mute } from '#domain/alert.ts'
import { MAIL_METRICS } from './actions/mail-metrics.ts'
import { OPEN_REFUSALS } from './alerts/life.ts'
import { NOTIFY_METRICS } from './outbox/metrics.ts'

export type { FailureReason } from './outbox/metrics.ts'

const COMMAND_REFUSALS = ['unproven-node', 'unknown-receiver', 'bad-severity', 'too-many', 'off', 'receiver-not-allowed', 'severity-not-allowed', 'malformed', 'outbox-full'] as const
export type CommandRefusal = (typeof COMMAND_REFUSALS)[number]

/** What mutes an alert itself; a cap is the receiver's. */
export const MUTES_OF_ALERTS = ['silenced', 'inhibited', 'shadow', 'planned'] as const satisfies readonly Mute[]

/** Metrics that main keeps for the triggers. */
export const TRIGGER_METRICS: readonly MetricDeclaration[] = [
  { kind: 'gauge', name: 'hps_rules', help: 'Rules in the set, by status.', labels: { status: RULE_STATUSES } },
  { kind: 'gauge', name: 'hps_rules_loaded', help: '1 when the files on disk are the set in use, 0 when they were refused.' },
  { kind: 'counter', name: 'hps_rules_deaths_total', help: 'Times that the rules ended by a fault and were started again; the hub goes on meanwhile.' },
  { kind: 'counter', name: 'hps_rule_matches_total', help: 'Matches of a rule.', labels: { rule: 'open' } },
  { kind: 'counter', name: 'hps_rule_candidates_total', help: 'Pairs of message and condition of a rule that passed the gate.', labels: { rule: 'open' } },
  { kind: 'counter', name: 'hps_rule_conditions_total', help: 'Messages and events that fulfilled a condition of a rule, also where that alone is no finding.', labels: { rule: 'open' } },
  { kind: 'counter', name: 'hps_rule_cpu_seconds_total', help: 'Processor time of a rule in the rules thread, sampled.', labels: { rule: 'open' } },
  { kind: 'counter', name: 'hps_rule_events_total', help: 'Evidence that rules reported, by what became of it.', labels: { outcome: ['applied', 'ignored', 'failed'] } },
  { kind: 'gauge', name: 'hps_alerts', help: 'Alerts kept, by state and severity.', labels: { state: ALERT_STATES, severity: RULE_SEVERITIES } },
  { kind: 'gauge', name: 'hps_alerts_open', help: 'Alerts that are pending, firing or acknowledged.' },
  { kind: 'gauge', name: 'hps_alerts_resolved', help: 'Alerts that are over and kept.' },
  { kind: 'gauge', name: 'hps_alert_silences', help: 'Silences of alerts that are in force or to come.' },
  { kind: 'counter', name: 'hps_alerts_opened_total', help: 'Alerts opened.', labels: { severity: RULE_SEVERITIES } },
  { kind: 'counter', name: 'hps_alerts_refused_total', help: 'Findings that opened no alert, since there are as many open ones as may be.', labels: { reason: OPEN_REFUSALS } },
  { kind: 'counter', name: 'hps_alerts_pruned_total', help: 'Alerts that were over and were removed, by age or number.' },
  { kind: 'counter', name: 'hps_alert_transitions_total', help: 'Steps of alerts, by reason.', labels: { reason: Object.keys(ALERT_REASONS) as AlertReason[] } },
  { kind: 'gauge', name: 'hps_alerts_muted', help: 'Of the newest 10,000 alerts that fire those that tell nobody, by what mutes them; counted once a minute.', labels: { mute: MUTES_OF_ALERTS } },
  ...NOTIFY_METRICS,
  ...MAIL_METRICS,
  { kind: 'counter', name: 'hps_trigger_commands_total', help: 'hps-trigger commands of nodes, by what became of them.', labels: { outcome: ['queued', 'held', ...COMMAND_REFUSALS] } },
]
