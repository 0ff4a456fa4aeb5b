import type { MetricDeclaration } from '#telemetry/index.ts'

/** What the process as a whole counts on the main thread; the rooms declare their own. */
export const APP_METRICS: readonly MetricDeclaration[] = [
  { kind: 'gauge', name: 'hps_build_info', help: 'Always 1; the labels say what runs.', labels: { version: 'open', node_version: 'open' } },
  { kind: 'gauge', name: 'hps_committed_seq', help: 'Highest seq that is on disk.' },
  { kind: 'gauge', name: 'hps_thread_memory_bytes', help: 'Memory of a thread besides main: JavaScript heap and buffers outside it.', labels: { thread: 'open', kind: 'open' } },
  { kind: 'gauge', name: 'hps_live_tails', help: 'Live tails open now.' },
  { kind: 'counter', name: 'hps_live_batches_left_total', help: 'Batches that live tails read from the store, because matching them took too much of the main thread.' },
  { kind: 'counter', name: 'hps_hub_log_withheld_total', help: 'Own log lines that went to stderr only, so that they do not flood the stream.' },
  { kind: 'counter', name: 'hps_hub_log_unprinted_total', help: 'Own log lines that were not even printed, so that they do not fill the disk behind stderr.' },
  { kind: 'gauge', name: 'hps_health', help: 'Health checks: 0 pass, 1 warn, 2 fail.', labels: { check: 'open' } },
  { kind: 'gauge', name: 'hps_main_behind_messages', help: 'Messages that are on disk and of which the main thread has not heard yet.' },
  { kind: 'gauge', name: 'hps_http_receipts_waiting', help: 'Senders by HTTP that wait until their messages are on disk.' },
  { kind: 'gauge', name: 'hps_writer_commands_waiting', help: 'Commands to the log writer that it has not answered yet.' },
  { kind: 'gauge', name: 'hps_outbox_waiting_messages', help: 'Notices that are to be sent or sent again.' },
  { kind: 'gauge', name: 'hps_rule_tries', help: 'Rule files that are being read or tried, and rules that are being made of lines, for somebody now.' },
  { kind: 'gauge', name: 'hps_rule_questions_waiting', help: 'Questions (explain, why-not) that the rules thread has not answered yet.' },
  { kind: 'gauge', name: 'hps_rule_studies', help: 'Back-tests of rules and reports about their noise that are under way.' },
  { kind: 'gauge', name: 'hps_hub_writes_waiting', help: 'Effects of stored messages (alerts, notices, revoked tokens) that wait because hub.db cannot be written.' },
  { kind: 'counter', name: 'hps_hub_writes_dropped_total', help: 'Effects of stored messages that were dropped because too many waited for hub.db.' },
  { kind: 'counter', name: 'hps_store_jobs_total', help: 'Checks, backups and compactions of the store that were asked for, by how they ended.', labels: { kind: ['check', 'backup', 'compact'], outcome: ['done', 'failed'] } },
  { kind: 'gauge', name: 'hps_store_last_backup_timestamp_seconds', help: 'When the last backup of this run of the hub was whole; 0 before the first.' },
  { kind: 'gauge', name: 'hps_store_problems', help: 'Problems that the last check of the store found.' },
  { kind: 'gauge', name: 'hps_ingest_tls_certificate_expiry_timestamp_seconds', help: 'When the certificate in use of a TLS listener expires.', labels: { listener: 'open' } },
  { kind: 'gauge', name: 'hps_udp_receive_buffer_bytes', help: 'Receive buffer that the kernel gave a UDP listener.', labels: { listener: 'open' } },
]
