import { API_BOUNDS } from '#api/index.ts'
import { BATCH_ROWS } from '#domain/batch.ts'
import { INGEST_BOUNDS } from '#ingest/index.ts'
import { MAX_BOOT_DECISIONS } from '#provision/index.ts'
import { MAX_CARRIED_EVENTS } from '#sessions/index.ts'
import { MAX_SEARCHES_WAITING } from '#store/index.ts'
import type { Queue } from '#telemetry/index.ts'
import { BATCHES_AHEAD, MAX_OPEN_ALERTS, MAX_OUTBOX_WAITING, MAX_OPEN_OF_RULE, MAX_RESOLVED_ALERTS, MAX_RULE_POSTS, MAX_SILENCES } from '#triggers/index.ts'
import { MAX_TRIES } from './rule-desk.ts'
import { MAX_RULE_QUESTIONS } from './rule-study.ts'
import { MAX_STUDIES } from './study-desk.ts'
import type { HubConfig } from './config.ts'
import { MAX_HUB_WRITES } from './hub-writes.ts'
import { MAX_RECEIPTS } from './receipts.ts'
import { LIVE_AHEAD } from './threads/feed.ts'
import { MAX_PENDING } from './threads/writer-client.ts'

/** A queue whose fill is a gauge of its own. */
export interface DeclaredQueue extends Omit<Queue, 'fill'> {
  readonly gauge: string
  /** The gauge tells what is free, not what is taken. */
  readonly isFree?: true
}

/** The settings that bound queues. */
export interface QueueSettings { readonly syslog: Pick<HubConfig['syslog'], 'max_connections'>; readonly http: Pick<HubConfig['http'], 'max_streams'> }

/**
 * Every queue, buffer and backlog of the hub along the way of a message, with the bound that its owner has. docs/reference/queues.md is
 * made from it; a test holds the gauges of all threads to it. Sinks are registered by themselves, one queue each.
 */
export const declaredQueues = ({ syslog, http }: QueueSettings): readonly DeclaredQueue[] => [
  ...receiving(syslog.max_connections),
  ...writing(),
  ...following(),
  ...answering(http.max_streams),
]

const dropped = (reason: string): string => `hps_ingest_dropped_total{reason="${reason}"}`
const refused = (reason: string): string => `hps_http_refused_total{reason="${reason}"}`

const receiving = (maxConnections: number): readonly DeclaredQueue[] => [
  {
    name: 'batches', unit: 'batches', bound: INGEST_BOUNDS.batches, gauge: 'hps_ingest_batches_free', isFree: true, full: 'drops', counter: dropped('no-free-batch'),
    means: 'Batches of received messages that are being filled, wait for the log writer, are there, or are lent to the rules.', whenFull: 'From 8 on, TCP, RELP, TLS and unix sockets are not read and HTTP bodies wait, and datagrams of the loudest senders are left out (`hps_ingest_shed_total`); beyond 10 all datagrams are lost.',
  },
  { name: 'batches-waiting', unit: 'batches', bound: INGEST_BOUNDS.batches, gauge: 'hps_ingest_batches_waiting', full: 'slows', means: 'Of these, the ones that wait for the log writer to take another.', whenFull: 'As for `batches`.' },
  { name: 'rows', unit: 'messages', bound: INGEST_BOUNDS.batches * BATCH_ROWS, gauge: 'hps_ingest_rows_in_house', full: 'slows', means: 'Messages in batches that wait or are at the log writer.', whenFull: 'As for `batches`.' },
  { name: 'at-writer', unit: 'batches', bound: INGEST_BOUNDS.outstanding, gauge: 'hps_ingest_batches_outstanding', full: 'waits', means: 'Batches at the log writer: one being committed, one next in line.', whenFull: 'The next wait in `batches`.' },
  {
    name: 'connections', unit: 'connections', bound: maxConnections, gauge: 'hps_ingest_connections_open', full: 'refuses', counter: 'hps_ingest_connections_refused_total{reason="limit"}',
    means: 'Syslog connections, unfinished TLS handshakes among them; half of them at most from one address (`reason="address"`).', whenFull: 'The next one is closed at once.',
  },
  {
    name: 'handshakes', unit: 'connections', bound: maxConnections, gauge: 'hps_ingest_tls_handshakes_open', full: 'refuses', counter: 'hps_ingest_connections_refused_total{reason="limit"}',
    means: 'TLS handshakes that are not finished, a part of `connections`; each has ten seconds.', whenFull: 'As for `connections`.',
  },
  {
    name: 'half-frames', unit: 'bytes', bound: INGEST_BOUNDS.heldBytes, gauge: 'hps_ingest_held_bytes', full: 'drops',
    means: 'Beginnings of frames whose end has not come over their connection; half of it at most from one address.', whenFull: 'A frame is cut where it stands (`hps_ingest_cut_messages_total`); a RELP connection is ended (`hps_ingest_relp_faults_total{reason="memory"}`), and its client sends again.',
  },
  { name: 'half-lines', unit: 'lines', bound: INGEST_BOUNDS.lines, gauge: 'hps_ingest_lines_held', full: 'drops', means: 'Lines of iPXE and netconsole of which pieces are waited for, a second at most.', whenFull: 'The oldest are stored without the rest (`hps_ingest_pieces_total`).' },
  { name: 'half-line-bytes', unit: 'bytes', bound: INGEST_BOUNDS.linesBytes, gauge: 'hps_ingest_lines_held_bytes', full: 'drops', means: 'The bytes of `half-lines`.', whenFull: 'As for `half-lines` (`hps_ingest_pieces_total`).' },
  { name: 'bodies', unit: 'bodies', bound: INGEST_BOUNDS.bodies, gauge: 'hps_ingest_bodies_waiting', full: 'refuses', counter: refused('bodies'), means: 'HTTP bodies with messages, and parcels of the hub\'s own log, that are not wholly taken in.', whenFull: 'HTTP 429; lines of the hub go to standard error only (`hps_hub_log_withheld_total`).' },
  { name: 'body-bytes', unit: 'bytes', bound: INGEST_BOUNDS.bodiesBytes, gauge: 'hps_ingest_bodies_waiting_bytes', full: 'refuses', counter: refused('bodies'), means: 'The bytes of `bodies`.', whenFull: 'As for `bodies`; one body is always taken.' },
  { name: 'relp', unit: 'connections', bound: maxConnections, gauge: 'hps_ingest_relp_waiting', full: 'slows', means: 'RELP connections with messages that are not acknowledged, since they are not on disk. The messages are in `batches`.', whenFull: 'Clients stop at their window (rsyslog: 128) until they are acknowledged.' },
]

const writing = (): readonly DeclaredQueue[] => [
  { name: 'commands', unit: 'commands', bound: MAX_PENDING, gauge: 'hps_writer_commands_waiting', full: 'refuses', means: 'Commands of boot decisions, rules and people to the log writer.', whenFull: 'HTTP 429; a machine that boots is told to ask again.' },
  { name: 'carried-events', unit: 'events', bound: MAX_CARRIED_EVENTS, gauge: 'hps_writer_events_carried', full: 'drops', counter: 'hps_writer_events_dropped_total', means: 'What batches that the disk refused meant (a session opened, a token seen), to be told with the next commit.', whenFull: 'The oldest are not told.' },
  { name: 'receipts', unit: 'callers', bound: MAX_RECEIPTS, gauge: 'hps_http_receipts_waiting', full: 'refuses', means: 'Senders by HTTP that wait until their messages are on disk, 30 seconds at most.', whenFull: 'HTTP 429.' },
  { name: 'segments', unit: 'segments', bound: undefined, gauge: 'hps_store_waiting_segments', full: 'waits', means: 'Closed segments that wait to be sealed. They are on disk and are searched.', whenFull: 'Bounded by the disk: `store.max_size` and `store.min_free` remove the oldest files.' },
]

const following = (): readonly DeclaredQueue[] => [
  { name: 'main', unit: 'messages', bound: undefined, gauge: 'hps_main_behind_messages', full: 'waits', means: 'Messages on disk of which the main thread has not heard: receipts, acknowledgements and live tails wait for it.', whenFull: 'Bounded by how long the main thread can be busy; see `hps_nodejs_eventloop_lag_p99_seconds`.' },
  { name: 'live-copies', unit: 'batches', bound: LIVE_AHEAD, gauge: 'hps_live_copies', full: 'waits', counter: 'hps_live_copies_withheld_total', means: 'Copies of committed batches on their way to live tails.', whenFull: 'No copy is made: the tails read the store.' },
  { name: 'rules-lent', unit: 'batches', bound: BATCHES_AHEAD, gauge: 'hps_rules_batches_lent', full: 'waits', counter: 'hps_rules_batches_total{outcome="left"}', means: 'Batches that the rules hold.', whenFull: 'The rules read the store.' },
  { name: 'rules-waiting', unit: 'batches', bound: BATCHES_AHEAD, gauge: 'hps_rules_batches_waiting', full: 'waits', counter: 'hps_rules_batches_total{outcome="left"}', means: 'Of these, the ones that are not looked through yet.', whenFull: 'As for `rules-lent`.' },
  { name: 'rules-posts', unit: 'parcels', bound: MAX_RULE_POSTS, gauge: 'hps_rules_posts_waiting', full: 'waits', means: 'Parcels of findings that main has not given their effects.', whenFull: 'The rules stand still; `rules` grows.' },
  { name: 'rules', unit: 'messages', bound: undefined, gauge: 'hps_rules_behind_messages', full: 'waits', means: 'Committed messages that the rules have not looked at.', whenFull: 'Bounded by the store alone.' },
  { name: 'hub-writes', unit: 'writes', bound: MAX_HUB_WRITES, gauge: 'hps_hub_writes_waiting', full: 'drops', counter: 'hps_hub_writes_dropped_total', means: 'Effects of stored messages that wait because hub.db cannot be written.', whenFull: 'The next one is dropped. The messages are stored.' },
  { name: 'alerts-open', unit: 'alerts', bound: MAX_OPEN_ALERTS, gauge: 'hps_alerts_open', full: 'drops', counter: 'hps_alerts_refused_total{reason="hub-limit"}', means: `Alerts that are not over, in hub.db; of one rule ${MAX_OPEN_OF_RULE.toLocaleString('en')} at most (\`reason="rule-limit"\`).`, whenFull: 'A finding about another key opens no alert; what is open goes on.' },
  { name: 'alerts-resolved', unit: 'alerts', bound: MAX_RESOLVED_ALERTS, gauge: 'hps_alerts_resolved', full: 'drops', counter: 'hps_alerts_pruned_total', means: 'Alerts that are over and kept, for 90 days.', whenFull: 'The oldest are removed, with their history.' },
  { name: 'alert-silences', unit: 'silences', bound: MAX_SILENCES, gauge: 'hps_alert_silences', full: 'refuses', means: 'Silences that are in force or to come.', whenFull: 'The next one is refused until one has ended.' },
  { name: 'notify', unit: 'alerts', bound: undefined, gauge: 'hps_notify_waiting', full: 'waits', means: 'Alerts that wait in their groups to be told, in hub.db, for each receiver.', whenFull: 'Bounded by the alerts that are kept.' },
  { name: 'outbox', unit: 'notices', bound: MAX_OUTBOX_WAITING, gauge: 'hps_outbox_waiting_messages', full: 'waits', means: 'Notices that are to be sent, or held for a digest, in hub.db.', whenFull: 'Alerts wait for a digest, where they take no room (`hps_notifications_held_total{reason="outbox-full"}`); commands of nodes are refused. A notice is given up after three days.' },
]

const answering = (maxStreams: number): readonly DeclaredQueue[] => [
  { name: 'http-connections', unit: 'connections', bound: API_BOUNDS.connections, gauge: 'hps_http_connections_open', full: 'refuses', counter: refused('connections'), means: 'HTTP connections; half of them at most from one address (`reason="connections-of-address"`).', whenFull: 'The next one is closed at once.' },
  { name: 'uploads', unit: 'bodies', bound: API_BOUNDS.uploads, gauge: 'hps_http_uploads_open', full: 'refuses', counter: refused('uploads'), means: 'HTTP bodies with messages that are being received, 4 at most from one address.', whenFull: 'HTTP 429 with Retry-After.' },
  { name: 'journals', unit: 'journals', bound: API_BOUNDS.journals, gauge: 'hps_http_journals_open', full: 'refuses', counter: refused('uploads'), means: 'Journals that are received as they come in.', whenFull: 'HTTP 429. One that is open is not read while its entry waits for the disk.' },
  { name: 'ack-waiters', unit: 'callers', bound: API_BOUNDS.ackWaiters, gauge: 'hps_http_ack_waiters', full: 'refuses', counter: refused('ack-waiters'), means: 'Callers that wait for an acknowledgement, 30 seconds at most.', whenFull: 'HTTP 429.' },
  { name: 'streams', unit: 'streams', bound: maxStreams, gauge: 'hps_http_streams_open', full: 'refuses', counter: refused('streams'), means: 'Live streams.', whenFull: 'HTTP 429.' },
  { name: 'alert-streams', unit: 'streams', bound: maxStreams, gauge: 'hps_http_alert_streams_open', full: 'refuses', counter: refused('alert-streams'), means: 'Streams of alerts; each open page of the hub has one. A reader that is slow gets what it missed later, beyond 2000 steps only their number.', whenFull: 'HTTP 429.' },
  { name: 'rule-tries', unit: 'questions', bound: MAX_TRIES, gauge: 'hps_rule_tries', full: 'refuses', counter: refused('rule-tries'), means: 'Rule files that are being read or tried, and rules that are being made of lines, for somebody; two at once.', whenFull: 'HTTP 429.' },
  { name: 'rule-questions', unit: 'questions', bound: MAX_RULE_QUESTIONS, gauge: 'hps_rule_questions_waiting', full: 'refuses', counter: refused('rule-questions'), means: 'Questions about a message or a rule (`explain`, `why-not`) that the rules answer between messages, 5 seconds at most.', whenFull: 'HTTP 429.' },
  { name: 'rule-studies', unit: 'questions', bound: MAX_STUDIES, gauge: 'hps_rule_studies', full: 'refuses', counter: refused('rule-studies'), means: 'A back-test of rules and a report about their noise, one of each at most.', whenFull: 'HTTP 429.' },
  { name: 'stream-bytes', unit: 'bytes', bound: maxStreams * API_BOUNDS.streamBytes, gauge: 'hps_http_stream_buffered_bytes', full: 'drops', counter: 'hps_http_stream_skipped_total', means: 'Events that wait for the readers of live streams, 256 KiB at most for each.', whenFull: 'The reader is told which messages it missed; they are stored.' },
  { name: 'exports', unit: 'exports', bound: API_BOUNDS.exports, gauge: 'hps_http_exports_open', full: 'refuses', counter: refused('exports'), means: 'Exports that are being read.', whenFull: 'HTTP 429. One that is read slowly makes its search wait.' },
  { name: 'searches', unit: 'searches', bound: MAX_SEARCHES_WAITING, gauge: 'hps_store_searches_waiting', full: 'refuses', counter: 'hps_store_search_queue_refused_total', means: 'Searches that wait for a reader.', whenFull: 'HTTP 429.' },
  { name: 'boot-decisions', unit: 'decisions', bound: MAX_BOOT_DECISIONS, gauge: 'hps_boot_decisions_under_way', full: 'refuses', counter: 'hps_boot_decisions_total{reason="busy"}', means: 'Boot decisions being made.', whenFull: 'The machine is told to ask again.' },
  { name: 'boot-writes', unit: 'writes', bound: MAX_BOOT_DECISIONS, gauge: 'hps_boot_writes_waiting', full: 'waits', means: 'Writes of boot decisions that wait for the next transaction; each belongs to a decision or a request.', whenFull: 'As for `boot-decisions`.' },
]
