import { LOSS_REASONS, type LossReason } from '#domain/loss.ts'
import { SESSION_ORIGINS, type SessionOrigin } from '#domain/session.ts'
import { DOUBLED_BY, type DoubledBy } from './doubled/doubled-by.ts'
import { SILENCE_SUBJECTS, type SilenceSubject } from '#domain/silence.ts'
import type { WorkerCounter, WorkerCounters } from '#telemetry/index.ts'

/** Reasons why a text of the wire contract could not be obeyed. */
const WIRE_FAULTS = ['announcement-verb', 'announcement-field', 'announcement-host', 'announcement-time', 'ack-key', 'trigger-verb', 'trigger-field', 'trigger-severity', 'trigger-length'] as const
export type WireFault = (typeof WIRE_FAULTS)[number]

type Name =
  | `opened:${SessionOrigin}` | `malformed:${WireFault}` | `label:${'unknown' | 'contradiction' | 'ambiguous'}` | `stage:${'unknown' | 'unproven'}` | `replay:${'rows' | 'suspects'}`
  | `refused:${'nodes' | 'sources' | 'exchanges' | 'sessions' | 'hashes' | 'forms' | 'zones'}` | `conflict:${'name' | 'lease' | 'mac'}`
  | `doubled:${DoubledBy}`
  | `losses:${LossReason}`
  | `${'silent' | 'silences'}:${SilenceSubject}`
  | 'suspects' | 'claims-refused' | 'ended' | 'tokens' | 'tokens-cut' | 'acks-untold' | 'rows' | 'batches' | 'commits' | 'commit-failures' | 'failed-rows' | 'events-carried' | 'events-dropped' | 'nodes-seen' | 'nodes-merged'

const counter = (metric: string, help: string, labels?: Readonly<Record<string, string>>): WorkerCounter => ({ metric, kind: 'counter', help, ...(labels === undefined ? {} : { labels }) })
const gauge = (metric: string, help: string, labels?: Readonly<Record<string, string>>): WorkerCounter => ({ metric, kind: 'gauge', help, ...(labels === undefined ? {} : { labels }) })
const family = <K extends string, V extends string>(prefix: K, values: readonly V[], make: (value: V) => WorkerCounter): Record<`${K}:${V}`, WorkerCounter> =>
  Object.fromEntries(values.map((value) => [`${prefix}:${value}`, make(value)])) as Record<`${K}:${V}`, WorkerCounter>

/** Counters of the log writer, exported by main from shared memory. */
export const WRITER_COUNTERS = {
  ...family('opened', SESSION_ORIGINS, (origin) => counter('hps_sessions_opened_total', 'Boot sessions opened, by what opened them.', { origin })),
  ...family('malformed', WIRE_FAULTS, (reason) => counter('hps_sessions_malformed_total', 'Announcements, acks and trigger commands that could not be read.', { reason })),
  ...family('label', ['unknown', 'contradiction', 'ambiguous'] as const, (reason) => counter('hps_sessions_labels_refused_total', 'Session labels on messages that were not followed.', { reason })),
  ...family('stage', ['unknown', 'unproven'] as const, (reason) => counter('hps_sessions_stages_refused_total', 'Stages in labels and in the words of HPS that were not followed: no word of the catalogue, or of a node that only a name tells.', { reason })),
  ...family('replay', ['rows', 'suspects'] as const, (what) => counter('hps_sessions_replayed_total', 'Kernel messages told again (rows), and times that they looked like a boot (suspects).', { what })),
  ...family('refused', ['nodes', 'sources', 'exchanges', 'sessions', 'hashes', 'forms', 'zones'] as const, (what) => counter('hps_sessions_refused_total', 'Nodes not made known, senders not kept apart, DHCP exchanges not followed, sessions not opened and hashes not given, messages in forms that are not counted apart, and host names of relays whose zone is not learned, because of a limit.', { what })),
  ...family('conflict', ['name', 'lease', 'mac'] as const, (what) => counter('hps_sessions_conflicts_total', 'Claims that contradict what is known: host name against address, lease against registration, name against MAC.', { what })),
  ...family('doubled', DOUBLED_BY, (by) => counter('hps_writer_doubled_total', 'Messages marked as stored before, by what tells: their sequence number, or a RELP connection that sends again what was not acknowledged.', { by })),
  ...family('silent', SILENCE_SUBJECTS, (kind) => gauge('hps_silent', 'Nodes and senders that are silent for longer than is usual for them; hub: 1 while the hub hears nobody.', { kind })),
  ...family('silences', SILENCE_SUBJECTS, (kind) => counter('hps_silences_total', 'Silences that were noticed.', { kind })),
  ...family('losses', LOSS_REASONS, (reason) => counter('hps_losses_total', 'What the loss ledger has booked since the hub started, by reason (docs/reference/loss.md). Numbers that came late after all are taken off in the ledger, not here.', { reason })),
  suspects: counter('hps_sessions_suspects_total', 'Times that a kernel looked like a new boot or a replay and had to be watched.'),
  'claims-refused': counter('hps_sessions_claims_refused_total', 'Lines of DHCP, TFTP and HPS servers whose sender has no role for it: kept as text, not believed.'),
  ended: counter('hps_sessions_ended_total', 'Boot sessions ended.'),
  tokens: counter('hps_sessions_tokens_seen_total', 'Texts in the form of a token that were received in a message.'),
  'tokens-cut': counter('hps_sessions_token_floods_total', 'Batches with more texts in the form of tokens than are looked up.'),
  'acks-untold': counter('hps_sessions_acks_untold_total', 'Keys of hps-ack beyond what one sender is told of at once: they are stored, and found by a search.'),
  'nodes-seen': counter('hps_sessions_nodes_seen_total', 'Nodes that nobody registered and that messages made known.'),
  'nodes-merged': counter('hps_sessions_nodes_merged_total', 'Nodes known by MAC alone that proved to be one with a node known by its name.'),
  rows: counter('hps_writer_rows_total', 'Messages committed.'),
  batches: counter('hps_writer_batches_total', 'Batches accepted.'),
  commits: counter('hps_writer_commits_total', 'Batches that were synced to disk.'),
  'commit-failures': counter('hps_writer_commit_failures_total', 'Batches that the disk refused.'),
  'events-carried': gauge('hps_writer_events_carried', 'Events (sessions opened and ended, tokens seen) of batches that the disk refused, which are told with the next commit.'),
  'events-dropped': counter('hps_writer_events_dropped_total', 'Events of batches that the disk refused that were never told, because too many waited for a commit.'),
  'failed-rows': counter('hps_writer_failed_rows_total', 'Messages in batches that the disk refused.'),
} satisfies Record<Name, WorkerCounter>

export type WriterCounters = WorkerCounters<Name>
