import type { MetricDeclaration } from '#telemetry/index.ts'
import { OUTBOX_STATES } from '#store/index.ts'
import { RULE_SEVERITIES } from '../protocol.ts'

export const CHANNELS = ['mail', 'webhook'] as const
export type Channel = (typeof CHANNELS)[number]

/** Why a try to deliver failed. */
export const FAILURE_REASONS = [
  'unreachable', 'timeout', 'tls', 'too-large', 'refused-later', 'refused', 'login', 'no-receiver', 'not-configured', 'redirect', 'gone', 'address-denied', 'throttled', 'failed',
] as const
export type FailureReason = (typeof FAILURE_REASONS)[number]

/** Why an alert of a group was not told when its group was. */
export const LEFT_REASONS = {
  silenced: 'somebody asked for silence about it',
  inhibited: 'another alert says it all',
  shadow: 'its rule is on trial',
  planned: 'work on the node is announced',
  quiet: 'the receiver is left in peace for now',
  capped: 'the receiver had enough; it is told in a digest',
  unchanged: 'the receiver knows it',
  unsent: 'what was told before is still on its way',
  'over-before-told': 'it was over before it was to be told',
  'not-wanted': 'the route does not ask for this',
  gone: 'there is no such alert any more',
} as const
export type LeftReason = keyof typeof LEFT_REASONS
export const LEFT_REASON_NAMES = Object.keys(LEFT_REASONS) as readonly LeftReason[]

/** Why a notice did not go out on its own. */
export const HOLD_REASONS = ['cap', 'quiet', 'digest', 'outbox-full'] as const
export type HoldReason = (typeof HOLD_REASONS)[number]

/** Metrics of what is told: groups, outbox, channels. */
export const NOTIFY_METRICS: readonly MetricDeclaration[] = [
  { kind: 'counter', name: 'hps_notifications_queued_total', help: 'Notices put into the outbox, by the most severe of what they tell.', labels: { severity: RULE_SEVERITIES } },
  { kind: 'counter', name: 'hps_notifications_held_total', help: 'Alerts and commands that were held for a digest, by reason.', labels: { reason: HOLD_REASONS } },
  { kind: 'counter', name: 'hps_notifications_left_total', help: 'Alerts that were not told when their group was, by reason; counted each time.', labels: { reason: LEFT_REASON_NAMES } },
  { kind: 'counter', name: 'hps_notifications_superseded_total', help: 'Alerts taken out of notices that were not sent yet, since they are over: one notice says both.' },
  { kind: 'counter', name: 'hps_notifications_expired_total', help: 'Notices that became old news before they could be sent; their alerts go into a digest.' },
  { kind: 'counter', name: 'hps_notifications_total', help: 'Tries to deliver a notice.', labels: { channel: CHANNELS, result: ['sent', 'retry', 'dead'] } },
  { kind: 'counter', name: 'hps_notifications_failed_total', help: 'Tries that failed, by reason.', labels: { channel: CHANNELS, reason: FAILURE_REASONS } },
  { kind: 'histogram', name: 'hps_notification_duration_seconds', help: 'From handing a notice to its channel until it was taken or refused.', labels: { channel: CHANNELS }, buckets: [0.01, 0.05, 0.1, 0.3, 1, 3, 10, 30] },
  { kind: 'gauge', name: 'hps_notify_groups', help: 'Groups of alerts that are told together.' },
  { kind: 'gauge', name: 'hps_notify_waiting', help: 'Alerts that wait to be told, by group and receiver.' },
  { kind: 'gauge', name: 'hps_outbox_messages', help: 'Notices in the outbox.', labels: { state: OUTBOX_STATES } },
  { kind: 'gauge', name: 'hps_outbox_oldest_timestamp_seconds', help: 'Creation time of the oldest notice that still waits; 0: none waits.' },
  { kind: 'gauge', name: 'hps_outbox_failing_targets', help: 'Places that took no notice when they were tried last.' },
]
