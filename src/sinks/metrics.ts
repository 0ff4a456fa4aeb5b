import type { MetricDeclaration } from '#telemetry/index.ts'
import { SINK_FAULTS } from './protocol.ts'

/** What main shows of the sinks. */
export const SINK_METRICS: readonly MetricDeclaration[] = [
  { kind: 'counter', name: 'hps_sink_written_messages_total', help: 'Messages that a sink wrote and synced, or that are known to have arrived at the server it forwards to.', labels: { sink: 'open' } },
  { kind: 'counter', name: 'hps_sink_written_bytes_total', help: 'Bytes that a sink wrote and synced, or sent.', labels: { sink: 'open' } },
  { kind: 'counter', name: 'hps_sink_rotations_total', help: 'Times that a sink began its file anew.', labels: { sink: 'open' } },
  { kind: 'counter', name: 'hps_sink_errors_total', help: 'Attempts of a sink that failed, by reason.', labels: { sink: 'open', reason: SINK_FAULTS } },
  { kind: 'counter', name: 'hps_sink_lost_total', help: 'Seqs that a sink passed over because no message with them is stored: retention or damage took them before they were written, or the disk had refused them.', labels: { sink: 'open' } },
  { kind: 'gauge', name: 'hps_sink_backlog_messages', help: 'Committed messages that a sink has not looked at yet.', labels: { sink: 'open' } },
  { kind: 'gauge', name: 'hps_sink_seq', help: 'Seq up to which a sink has written what is for it.', labels: { sink: 'open' } },
  { kind: 'gauge', name: 'hps_sink_up', help: '1 while a sink can write, 0 while it is stopped.', labels: { sink: 'open' } },
  { kind: 'counter', name: 'hps_sink_sent_messages_total', help: 'Messages that a forwarder handed to its connections, those that it sent again among them.', labels: { sink: 'open' } },
  { kind: 'counter', name: 'hps_sink_resent_messages_total', help: 'Messages that a forwarder sent again, since it is not known whether they arrived before.', labels: { sink: 'open' } },
  { kind: 'counter', name: 'hps_sink_connections_total', help: 'Connections of a forwarder to its server that worked.', labels: { sink: 'open' } },
  { kind: 'counter', name: 'hps_sink_looped_messages_total', help: 'Messages that a forwarder left out, since they came from this hub or through too many.', labels: { sink: 'open' } },
  { kind: 'gauge', name: 'hps_sink_in_flight_messages', help: 'Messages that a forwarder has sent and that are not known to have arrived.', labels: { sink: 'open' } },
  { kind: 'gauge', name: 'hps_sink_lag_seconds', help: 'How long ago the oldest message was received that a forwarder has not brought to its server; 0: none waits.', labels: { sink: 'open' } },
]
