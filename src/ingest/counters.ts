import type { WorkerCounter, WorkerCounters } from '#telemetry/index.ts'
import { HANDSHAKE_FAULTS, type HandshakeFault } from './listeners/tls/handshake-faults.ts'
import { RELP_FAULTS, type RelpFault } from './relp/frame-head.ts'
import { FORMATS, PARSE_FAULTS, type Format, type ParseFault } from '#domain/message.ts'
import { TRANSPORTS, type Transport } from '#domain/source.ts'

/** Why something that was received did not become a message. */
const DROP_REASONS = ['no-free-batch', 'kernel-buffer'] as const
type DropReason = (typeof DROP_REASONS)[number]

/** Of what may be left out while batches run short, from severity 4 on. */
export const SHED_SEVERITIES = ['warning', 'notice', 'info', 'debug'] as const

/** Why a connection was ended or refused by the hub. */
const CONNECTION_ENDS = ['peer', 'idle', 'error', 'stop', 'handshake'] as const
export type ConnectionEnd = (typeof CONNECTION_ENDS)[number]

/** What became of lines that came in pieces. */
const PIECES = ['joined', 'split', 'missing', 'alone'] as const

/** Why a TCP connection is closed at once. */
const REFUSALS = ['limit', 'address'] as const

export type IngestCounter =
  | `messages-${Transport}`
  | `bytes-${Transport}`
  | `dropped-${DropReason}`
  | `shed-${(typeof SHED_SEVERITIES)[number]}`
  | `format-${Format}`
  | `fault-${ParseFault}`
  | `connections-closed-${ConnectionEnd}`
  | `relp-fault-${RelpFault | 'memory'}`
  | 'relp-acknowledged' | 'relp-refused'
  | `tls-fault-${HandshakeFault}` | 'tls-handshakes' | 'tls-handshakes-open' | 'tls-clients-unverified' | 'tls-certificates-read' | 'tls-certificate-faults'
  | 'cut-messages' | 'cut-bytes' | 'tags-unfit' | 'datagrams' | 'empty-datagrams' | `pieces-${(typeof PIECES)[number]}` | 'lines-held' | 'lines-held-bytes' | 'connections-open' | 'connections-accepted' | `connections-refused-${(typeof REFUSALS)[number]}` | 'accept-overflows' | 'connections-paused'
  | 'batches-sent' | 'batches-free' | 'batches-outstanding' | 'batches-waiting' | 'rows-in-house' | 'bodies-waiting' | 'bodies-waiting-bytes' | 'relp-waiting' | 'epochs' | 'hosts-known' | 'sources-known' | 'held-bytes'

const perLabel = <L extends string>(prefix: string, labels: readonly L[], counter: Omit<WorkerCounter, 'labels'> & { readonly label: string }): [string, WorkerCounter][] => {
  const { label, ...rest } = counter
  return labels.map((value) => [`${prefix}-${value}`, { ...rest, labels: { [label]: value } }])
}
const counter = (metric: string, help: string): WorkerCounter => ({ metric, kind: 'counter', help })
const gauge = (metric: string, help: string): WorkerCounter => ({ metric, kind: 'gauge', help })

/** Everything the ingest thread counts, for `createWorkerCounters`. The order is the layout of the shared memory. */
export const INGEST_COUNTERS = Object.fromEntries([
  ...perLabel('messages', TRANSPORTS, { ...counter('hps_ingest_messages_total', 'Messages taken in, by transport.'), label: 'transport' }),
  ...perLabel('bytes', TRANSPORTS, { ...counter('hps_ingest_bytes_total', 'Bytes of the messages taken in, by transport.'), label: 'transport' }),
  ...perLabel('dropped', DROP_REASONS, { ...counter('hps_ingest_dropped_total', 'Datagrams lost: no batch was free, or the kernel\'s receive buffer was full.'), label: 'reason' }),
  ...perLabel('shed', SHED_SEVERITIES, { ...counter('hps_ingest_shed_total', 'Messages of datagrams left out because batches ran short and their sender held more than its share.'), label: 'severity' }),
  ...perLabel('format', FORMATS, { ...counter('hps_ingest_parsed_total', 'Messages by the form they were read as.'), label: 'format' }),
  ...perLabel('fault', PARSE_FAULTS, { ...counter('hps_ingest_faults_total', 'Deviations noted in messages; a message may have several.'), label: 'fault' }),
  ...perLabel('connections-closed', CONNECTION_ENDS, { ...counter('hps_ingest_connections_closed_total', 'Connections that ended, by who or what ended them; handshake: TLS was not agreed upon.'), label: 'reason' }),
  ['cut-messages', counter('hps_ingest_cut_messages_total', 'Messages cut at the frame limit.')],
  ['cut-bytes', counter('hps_ingest_cut_bytes_total', 'Bytes cut off messages that were too long.')],
  ['tags-unfit', counter('hps_ingest_tags_unfit_total', 'Messages that an entry of syslog.tags is for and that stayed without a tag: no such word, a word that is no name, or too long together with the name.')],
  ['datagrams', counter('hps_ingest_datagrams_total', 'Datagrams received that hold at least a byte. Each is a message taken in by UDP, or joined to a line that had begun, or was left out because batches ran short, or dropped because no batch was free; lines split off one are messages besides.')],
  ...perLabel('pieces', PIECES, { ...counter('hps_ingest_pieces_total', 'Lines that came in pieces. joined: datagrams that went into a line begun before. split: lines behind the first in one datagram of a console. missing: lines written without their rest. alone: pieces that fit nowhere, written by themselves.'), label: 'what' }),
  ['lines-held', gauge('hps_ingest_lines_held', 'Lines of which pieces are waited for.')],
  ['lines-held-bytes', gauge('hps_ingest_lines_held_bytes', 'Memory held for these lines.')],
  ['empty-datagrams', counter('hps_ingest_empty_datagrams_total', 'Datagrams without a byte; they are no messages.')],
  ['connections-open', gauge('hps_ingest_connections_open', 'Connections open now: TCP, RELP, unix, and those whose TLS handshake is not finished.')],
  ['connections-accepted', counter('hps_ingest_connections_accepted_total', 'Connections accepted.')],
  ...perLabel('connections-refused', REFUSALS, { ...counter('hps_ingest_connections_refused_total', 'TCP connections closed at once because there are too many: in all, or of this address.'), label: 'reason' }),
  ['accept-overflows', counter('hps_ingest_accept_overflows_total', 'Connections that the kernel lost because they were not accepted in time, while the hub ran; of all programs of this machine, since it does not say whose. A sender may hold such a one for established.')],
  ['connections-paused', gauge('hps_ingest_connections_paused', 'TCP connections not being read because no batch is free.')],
  ...perLabel('relp-fault', [...RELP_FAULTS, 'memory'], { ...counter('hps_ingest_relp_faults_total', 'RELP connections ended by the hub because their bytes are no RELP: its fields, or the newline behind them, or no memory was left for frames that had not arrived whole.'), label: 'reason' }),
  ['relp-acknowledged', counter('hps_ingest_relp_acknowledged_total', 'Messages acknowledged to RELP clients, after they were on disk.')],
  ['relp-refused', counter('hps_ingest_relp_refused_total', 'RELP connections ended because the disk refused their messages: the clients send them again.')],
  ['tls-handshakes', counter('hps_ingest_tls_handshakes_total', 'TLS connections that became secure.')],
  ...perLabel('tls-fault', HANDSHAKE_FAULTS, { ...counter('hps_ingest_tls_handshake_failures_total', 'Connections to TLS listeners that did not become secure. plain-text and http: what came is no TLS. version-or-cipher: nothing that both speak. refused-by-client: it does not accept the certificate of the hub. client-certificate-…: clients is required. reset: the client went away. timeout: it took too long.'), label: 'reason' }),
  ['tls-handshakes-open', gauge('hps_ingest_tls_handshakes_open', 'TLS handshakes that are not finished.')],
  ['tls-clients-unverified', counter('hps_ingest_tls_clients_unverified_total', 'Connections taken although the certificate of the client could not be verified, because clients is optional; it names nobody.')],
  ['tls-certificates-read', counter('hps_ingest_tls_certificates_read_total', 'Certificates taken into use, at start and when their files changed.')],
  ['tls-certificate-faults', counter('hps_ingest_tls_certificate_faults_total', 'Changed certificate files that cannot be used; the certificate from before stays in use.')],
  ['batches-sent', counter('hps_ingest_batches_sent_total', 'Batches handed to the log writer.')],
  ['batches-free', gauge('hps_ingest_batches_free', 'Batches waiting to be filled. At 2 connections and HTTP bodies wait; the fewer there are, the less a single sender of datagrams may hold; at 0 the last one is being filled.')],
  ['batches-outstanding', gauge('hps_ingest_batches_outstanding', 'Batches at the log writer.')],
  ['batches-waiting', gauge('hps_ingest_batches_waiting', 'Batches waiting for the log writer to take another.')],
  ['rows-in-house', gauge('hps_ingest_rows_in_house', 'Messages in batches that are waiting or at the log writer.')],
  ['bodies-waiting', gauge('hps_ingest_bodies_waiting', 'HTTP bodies and parcels of the hub\'s own messages that are not wholly taken in yet.')],
  ['bodies-waiting-bytes', gauge('hps_ingest_bodies_waiting_bytes', 'Bytes of the bodies that are not wholly taken in yet.')],
  ['relp-waiting', gauge('hps_ingest_relp_waiting', 'RELP connections with messages that are not acknowledged yet, because they are not on disk.')],
  ['epochs', counter('hps_ingest_epochs_total', 'Times that the tables of hosts and sources were full and started anew.')],
  ['hosts-known', gauge('hps_ingest_hosts_known', 'Host names in the table of this epoch.')],
  ['sources-known', gauge('hps_ingest_sources_known', 'Sources in the table of this epoch.')],
  ['held-bytes', gauge('hps_ingest_held_bytes', 'Memory held for incomplete frames of TCP connections.')],
]) as Readonly<Record<IngestCounter, WorkerCounter>>

export type IngestCounters = WorkerCounters<IngestCounter>
