/**
 * The schema of `hub.db`, one string per version, never edited after a release. Times are milliseconds since the epoch.
 * Writers: the log writer thread owns sources, nodes, names, macs, addresses, sessions; main owns everything else.
 */
export const MIGRATIONS: readonly string[] = [
  `
  CREATE TABLE sources (
    id INTEGER PRIMARY KEY, address TEXT NOT NULL, transport TEXT NOT NULL, listener TEXT NOT NULL, roles TEXT NOT NULL DEFAULT '',
    first_seen_ms INTEGER NOT NULL, last_seen_ms INTEGER NOT NULL, messages INTEGER NOT NULL DEFAULT 0,
    faulty INTEGER NOT NULL DEFAULT 0, conflicts INTEGER NOT NULL DEFAULT 0, UNIQUE (address, transport, listener)
  ) STRICT;

  CREATE TABLE nodes (
    id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, registered INTEGER NOT NULL DEFAULT 0, created_ms INTEGER NOT NULL,
    last_seen_ms INTEGER, current_session INTEGER
  ) STRICT;
  CREATE TABLE node_names (name TEXT PRIMARY KEY, node_id INTEGER NOT NULL REFERENCES nodes(id) ON DELETE CASCADE) STRICT, WITHOUT ROWID;
  CREATE INDEX node_names_by_node ON node_names (node_id);
  CREATE TABLE node_macs (mac TEXT PRIMARY KEY, node_id INTEGER NOT NULL REFERENCES nodes(id) ON DELETE CASCADE) STRICT, WITHOUT ROWID;
  CREATE INDEX node_macs_by_node ON node_macs (node_id);
  -- kind: 'registered' (operator), 'lease' (DHCP log), 'seen' (a node that nobody registered, named by what it sent)
  CREATE TABLE node_addresses (
    address TEXT PRIMARY KEY, node_id INTEGER NOT NULL REFERENCES nodes(id) ON DELETE CASCADE, kind TEXT NOT NULL, mac TEXT, since_ms INTEGER NOT NULL
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX node_addresses_by_node ON node_addresses (node_id);

  CREATE TABLE sessions (
    id INTEGER PRIMARY KEY AUTOINCREMENT, node_id INTEGER NOT NULL REFERENCES nodes(id), kind TEXT NOT NULL, origin TEXT NOT NULL, state TEXT NOT NULL,
    end_reason TEXT, opened_ms INTEGER NOT NULL, ended_ms INTEGER, boot_time_ms INTEGER, boot_id TEXT, stage TEXT,
    first_seq INTEGER NOT NULL DEFAULT 0, last_seq INTEGER NOT NULL DEFAULT 0, last_message_ms INTEGER NOT NULL DEFAULT 0,
    messages INTEGER NOT NULL DEFAULT 0, replayed INTEGER NOT NULL DEFAULT 0, kernel_marks BLOB
  ) STRICT;
  CREATE INDEX sessions_by_node ON sessions (node_id, id);
  CREATE TABLE session_hashes (
    hash TEXT NOT NULL, session_id INTEGER NOT NULL REFERENCES sessions(id), since_ms INTEGER NOT NULL, PRIMARY KEY (hash, session_id)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX session_hashes_by_session ON session_hashes (session_id);
  -- messages are never rewritten: rows tagged with \`session_id\` count as \`joined_to\`
  CREATE TABLE session_aliases (session_id INTEGER PRIMARY KEY, joined_to INTEGER NOT NULL, reason TEXT NOT NULL, at_ms INTEGER NOT NULL) STRICT;
  CREATE INDEX session_aliases_by_target ON session_aliases (joined_to);

  CREATE TABLE provision (
    node_id INTEGER PRIMARY KEY REFERENCES nodes(id) ON DELETE CASCADE, state TEXT NOT NULL, version INTEGER NOT NULL DEFAULT 1, since_ms INTEGER NOT NULL,
    profile TEXT, expected_state TEXT, labels TEXT NOT NULL DEFAULT '{}', uuid TEXT, serial TEXT
  ) STRICT;
  CREATE TABLE provision_history (
    id INTEGER PRIMARY KEY, node_id INTEGER NOT NULL REFERENCES nodes(id) ON DELETE CASCADE, at_ms INTEGER NOT NULL, from_state TEXT, to_state TEXT NOT NULL,
    event TEXT NOT NULL, evidence TEXT NOT NULL, actor TEXT NOT NULL, reason TEXT NOT NULL, message_seq INTEGER, session_id INTEGER
  ) STRICT;
  CREATE INDEX provision_history_by_node ON provision_history (node_id, id);

  -- one row per cursor over the stream: everything up to and including \`seq\` has had its effects, in the same transaction
  CREATE TABLE cursors (name TEXT PRIMARY KEY, seq INTEGER NOT NULL, at_ms INTEGER NOT NULL) STRICT, WITHOUT ROWID;

  CREATE TABLE alerts (
    id INTEGER PRIMARY KEY, rule TEXT NOT NULL, rule_version TEXT NOT NULL, key TEXT NOT NULL, state TEXT NOT NULL, severity TEXT NOT NULL, title TEXT NOT NULL,
    node_id INTEGER, session_id INTEGER, first_ms INTEGER NOT NULL, last_ms INTEGER NOT NULL, first_seq INTEGER NOT NULL, last_seq INTEGER NOT NULL,
    count INTEGER NOT NULL, fields TEXT NOT NULL DEFAULT '{}'
  ) STRICT;
  CREATE UNIQUE INDEX alerts_open ON alerts (rule, key) WHERE state = 'firing';

  CREATE TABLE outbox (
    id INTEGER PRIMARY KEY, dedup_key TEXT NOT NULL UNIQUE, channel TEXT NOT NULL, receiver TEXT NOT NULL, payload TEXT NOT NULL, state TEXT NOT NULL,
    attempts INTEGER NOT NULL DEFAULT 0, next_ms INTEGER NOT NULL, last_error TEXT, reply TEXT, created_ms INTEGER NOT NULL, done_ms INTEGER, alert_id INTEGER
  ) STRICT;
  CREATE INDEX outbox_due ON outbox (state, next_ms);

  -- tokens are stored hashed (SHA-256 of 256 random bits); role: operator, viewer, metrics, node
  CREATE TABLE tokens (
    id INTEGER PRIMARY KEY, hash BLOB NOT NULL UNIQUE, role TEXT NOT NULL, label TEXT NOT NULL, created_ms INTEGER NOT NULL, expires_ms INTEGER,
    last_used_ms INTEGER, revoked_ms INTEGER, revoked_why TEXT, node_id INTEGER, address TEXT, parent_id INTEGER
  ) STRICT;
  `,
  `
  -- sessions whose messages retention leaves; main writes
  CREATE TABLE pins (session_id INTEGER PRIMARY KEY REFERENCES sessions(id), note TEXT NOT NULL, by_whom TEXT NOT NULL, at_ms INTEGER NOT NULL) STRICT;
  `,
  `
  -- what each sender sends: messages by form (index of FORMATS; 255: all forms beyond the limit of a sender) and deviations (bits of PARSE_FAULTS)
  CREATE TABLE source_forms (
    source_id INTEGER NOT NULL, format INTEGER NOT NULL, faults INTEGER NOT NULL, messages INTEGER NOT NULL, first_ms INTEGER NOT NULL, last_ms INTEGER NOT NULL,
    last_seq INTEGER NOT NULL, PRIMARY KEY (source_id, format, faults)
  ) STRICT, WITHOUT ROWID;
  -- how far the stamps without a zone of a sender are from UTC, as learned; of a relay for each host name, else the host is ''
  CREATE TABLE source_zones (
    source_id INTEGER NOT NULL, host TEXT NOT NULL, offset_ms INTEGER NOT NULL, since_ms INTEGER NOT NULL, confirmed_ms INTEGER NOT NULL, PRIMARY KEY (source_id, host)
  ) STRICT, WITHOUT ROWID;
  -- messages per second, decaying from last_seen_ms on; how far the clock is ahead of the hub's, and when that was last seen
  ALTER TABLE sources ADD COLUMN rate REAL NOT NULL DEFAULT 0;
  ALTER TABLE sources ADD COLUMN clock_offset_ms INTEGER;
  ALTER TABLE sources ADD COLUMN clock_confirmed_ms INTEGER;
  ALTER TABLE nodes ADD COLUMN clock_offset_ms INTEGER;
  ALTER TABLE nodes ADD COLUMN clock_confirmed_ms INTEGER;
  `,
  `
  -- the first time that each stage was seen in a session; the log writer writes
  CREATE TABLE session_stages (
    session_id INTEGER NOT NULL REFERENCES sessions(id), stage TEXT NOT NULL, at_ms INTEGER NOT NULL, seq INTEGER NOT NULL, shown_by TEXT NOT NULL,
    PRIMARY KEY (session_id, stage)
  ) STRICT, WITHOUT ROWID;
  -- nodes that proved to be one: messages are never rewritten, those about \`node_id\` count as about \`into_id\`
  CREATE TABLE node_merges (node_id INTEGER PRIMARY KEY, into_id INTEGER NOT NULL, at_ms INTEGER NOT NULL) STRICT;
  CREATE INDEX node_merges_by_target ON node_merges (into_id);
  `,
  `
  -- the name in the TLS certificate that a sender showed last, which was verified; '' for none
  ALTER TABLE sources ADD COLUMN certificate TEXT NOT NULL DEFAULT '';
  `,
  `
  -- the loss ledger: what is not stored, or not whole, by hour; source 0: unknown, session 0: none known. The log writer writes.
  CREATE TABLE losses (
    hour_ms INTEGER NOT NULL, source_id INTEGER NOT NULL, listener TEXT NOT NULL, session_id INTEGER NOT NULL, reason TEXT NOT NULL, count INTEGER NOT NULL,
    first_ms INTEGER NOT NULL, last_ms INTEGER NOT NULL, PRIMARY KEY (session_id, source_id, listener, reason, hour_ms)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX losses_by_hour ON losses (hour_ms);
  -- what was shed of a sender, with the newest sample
  CREATE TABLE shed_templates (
    source_id INTEGER NOT NULL, template_lo INTEGER NOT NULL, template_hi INTEGER NOT NULL, severity INTEGER NOT NULL, count INTEGER NOT NULL,
    first_ms INTEGER NOT NULL, last_ms INTEGER NOT NULL, sample BLOB NOT NULL, PRIMARY KEY (source_id, template_lo, template_hi)
  ) STRICT, WITHOUT ROWID;
  -- where the sequences of senders stand: kind is a word of domain/sequence, host '' unless several speak through one sender; state is the tracker's
  CREATE TABLE sequences (
    source_id INTEGER NOT NULL, host TEXT NOT NULL, kind TEXT NOT NULL, state TEXT NOT NULL, last_ms INTEGER NOT NULL, PRIMARY KEY (source_id, host, kind)
  ) STRICT, WITHOUT ROWID;
  -- of the messages of a session: those with a number of a sequence, and those by a transport that acknowledges
  ALTER TABLE sessions ADD COLUMN numbered INTEGER NOT NULL DEFAULT 0;
  ALTER TABLE sessions ADD COLUMN acknowledged INTEGER NOT NULL DEFAULT 0;
  `,
  `
  -- how long nodes and senders are usually quiet, and who is silent now (subject: node, source, or hub with id 0: it hears nobody); the log writer writes
  CREATE TABLE rhythms (
    subject TEXT NOT NULL, id INTEGER NOT NULL, spoke_ms INTEGER NOT NULL, last_seq INTEGER NOT NULL, gaps INTEGER NOT NULL, learned_ms INTEGER NOT NULL, lengths TEXT NOT NULL,
    PRIMARY KEY (subject, id)
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE silences (
    subject TEXT NOT NULL, id INTEGER NOT NULL, reason TEXT NOT NULL, node_id INTEGER NOT NULL, since_ms INTEGER NOT NULL, noticed_ms INTEGER NOT NULL, usual_ms INTEGER NOT NULL,
    limit_ms INTEGER NOT NULL, last_seq INTEGER NOT NULL, expected INTEGER NOT NULL, unheard INTEGER NOT NULL, PRIMARY KEY (subject, id)
  ) STRICT, WITHOUT ROWID;
  -- announced work, during which silence is no wonder: of a node, of a sender, or (both NULL) of everybody; main writes
  CREATE TABLE planned_work (
    id INTEGER PRIMARY KEY AUTOINCREMENT, node_id INTEGER, address TEXT, from_ms INTEGER NOT NULL, until_ms INTEGER NOT NULL, why TEXT NOT NULL, by_whom TEXT NOT NULL,
    made_ms INTEGER NOT NULL, ended_ms INTEGER, ended_by TEXT
  ) STRICT;
  `,
  `
  -- of the messages of a session without a number: those by TCP, TLS or a unix socket; and the listeners that its datagrams came by (JSON)
  ALTER TABLE sessions ADD COLUMN streamed INTEGER NOT NULL DEFAULT 0;
  ALTER TABLE sessions ADD COLUMN datagram_listeners TEXT NOT NULL DEFAULT '[]';
  `,
  `
  -- what the hub noticed, in the order in which it was written down: rules read on from the last id they took. The log writer writes sessions and stages, main the rest.
  CREATE TABLE hub_events (
    id INTEGER PRIMARY KEY AUTOINCREMENT, kind TEXT NOT NULL, to_word TEXT NOT NULL, from_word TEXT NOT NULL, node_id INTEGER NOT NULL, session_id INTEGER NOT NULL,
    seq INTEGER NOT NULL, at_ms INTEGER NOT NULL, evidence TEXT NOT NULL, fields TEXT NOT NULL
  ) STRICT;
  CREATE INDEX hub_events_by_time ON hub_events (at_ms);

  -- an alert from the first finding until it is over; policy: what its rule said last (JSON), so that an alert whose rule is gone can be understood
  ALTER TABLE alerts ADD COLUMN state_version TEXT NOT NULL DEFAULT '';
  ALTER TABLE alerts ADD COLUMN policy TEXT NOT NULL DEFAULT '';
  ALTER TABLE alerts ADD COLUMN source_id INTEGER NOT NULL DEFAULT 0;
  ALTER TABLE alerts ADD COLUMN fired_ms INTEGER;
  ALTER TABLE alerts ADD COLUMN over_ms INTEGER;
  ALTER TABLE alerts ADD COLUMN resolved_ms INTEGER;
  ALTER TABLE alerts ADD COLUMN acknowledged_by TEXT;
  ALTER TABLE alerts ADD COLUMN acknowledged_note TEXT;
  ALTER TABLE alerts ADD COLUMN flaps INTEGER NOT NULL DEFAULT 0;
  ALTER TABLE alerts ADD COLUMN is_late INTEGER NOT NULL DEFAULT 0;
  -- when time alone may change it: for, hold, quiet, escalation
  ALTER TABLE alerts ADD COLUMN due_ms INTEGER;
  DROP INDEX alerts_open;
  CREATE UNIQUE INDEX alerts_open ON alerts (rule, key) WHERE state <> 'resolved';
  CREATE INDEX alerts_due ON alerts (due_ms) WHERE due_ms IS NOT NULL;
  CREATE INDEX alerts_by_node ON alerts (node_id, id);
  CREATE INDEX alerts_by_state ON alerts (state, severity);
  CREATE INDEX alerts_by_session ON alerts (session_id) WHERE state <> 'resolved';
  CREATE INDEX alerts_resolved ON alerts (resolved_ms) WHERE state = 'resolved';
  -- every step of an alert, and why
  CREATE TABLE alert_transitions (
    id INTEGER PRIMARY KEY AUTOINCREMENT, alert_id INTEGER NOT NULL REFERENCES alerts(id) ON DELETE CASCADE, at_ms INTEGER NOT NULL, from_state TEXT NOT NULL, to_state TEXT NOT NULL,
    reason TEXT NOT NULL, by_whom TEXT NOT NULL DEFAULT '', note TEXT NOT NULL DEFAULT '', seq INTEGER NOT NULL DEFAULT 0
  ) STRICT;
  CREATE INDEX alert_transitions_by_alert ON alert_transitions (alert_id, id);
  -- alerts of before: they fired at once, and were over after a day of quiet, those of silences when somebody spoke
  INSERT INTO alert_transitions (alert_id, at_ms, from_state, to_state, reason, seq) SELECT id, first_ms, '', 'firing', 'found', first_seq FROM alerts;
  INSERT INTO alert_transitions (alert_id, at_ms, from_state, to_state, reason) SELECT id, last_ms, 'firing', 'resolved', iif(rule = 'silence', 'heard', 'quiet') FROM alerts WHERE state = 'resolved';
  UPDATE alerts SET fired_ms = first_ms, resolved_ms = iif(state = 'resolved', last_ms, NULL), due_ms = iif(state = 'firing' AND rule <> 'silence', last_ms + 86400000, NULL);
  -- alerts that fit the matchers (JSON) tell nobody meanwhile; they are kept all the same
  CREATE TABLE alert_silences (
    id INTEGER PRIMARY KEY AUTOINCREMENT, matchers TEXT NOT NULL, from_ms INTEGER NOT NULL, until_ms INTEGER NOT NULL, reason TEXT NOT NULL, by_whom TEXT NOT NULL,
    made_ms INTEGER NOT NULL, ended_ms INTEGER, ended_by TEXT
  ) STRICT;

  -- what is to be told: alerts wait in groups, each group until its time has come
  CREATE TABLE notify_groups (
    receiver TEXT NOT NULL, group_key TEXT NOT NULL, fields TEXT NOT NULL, due_ms INTEGER, told_ms INTEGER, PRIMARY KEY (receiver, group_key)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX notify_groups_due ON notify_groups (due_ms) WHERE due_ms IS NOT NULL;
  CREATE TABLE notify_pending (
    receiver TEXT NOT NULL, group_key TEXT NOT NULL, alert_id INTEGER NOT NULL, what TEXT NOT NULL, since_ms INTEGER NOT NULL, PRIMARY KEY (receiver, group_key, alert_id)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX notify_pending_by_alert ON notify_pending (alert_id);
  -- what a receiver was told of an alert last; thread, title: the Message-ID of the first mail about it, which later ones answer, and its title then
  CREATE TABLE notify_told (
    alert_id INTEGER NOT NULL, receiver TEXT NOT NULL, state TEXT NOT NULL, at_ms INTEGER NOT NULL, count INTEGER NOT NULL, thread TEXT NOT NULL, title TEXT NOT NULL, PRIMARY KEY (alert_id, receiver)
  ) STRICT, WITHOUT ROWID;
  -- urgency: what goes first, 0 for critical; expires_ms: from then on it is old news; give_up_ms: not tried again after that; target: which of several of the
  -- receiver's; is_lead: 1 for the first of the rows of one notice, which counts for the receiver's cap; kind: of the notice
  ALTER TABLE outbox ADD COLUMN rule TEXT NOT NULL DEFAULT '';
  ALTER TABLE outbox ADD COLUMN expires_ms INTEGER;
  ALTER TABLE outbox ADD COLUMN give_up_ms INTEGER;
  ALTER TABLE outbox ADD COLUMN target TEXT NOT NULL DEFAULT '';
  ALTER TABLE outbox ADD COLUMN is_lead INTEGER NOT NULL DEFAULT 1;
  ALTER TABLE outbox ADD COLUMN urgency INTEGER NOT NULL DEFAULT 2;
  ALTER TABLE outbox ADD COLUMN kind TEXT NOT NULL DEFAULT '';
  CREATE INDEX outbox_by_receiver ON outbox (receiver, state, id);
  CREATE INDEX outbox_by_time ON outbox (receiver, created_ms);
  -- which alerts a row tells: their order is kept, and what is over supersedes what was not sent yet
  CREATE TABLE outbox_alerts (
    alert_id INTEGER NOT NULL, outbox_id INTEGER NOT NULL REFERENCES outbox(id) ON DELETE CASCADE, PRIMARY KEY (alert_id, outbox_id)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX outbox_alerts_by_row ON outbox_alerts (outbox_id);
  INSERT INTO outbox_alerts (alert_id, outbox_id) SELECT alert_id, id FROM outbox WHERE alert_id IS NOT NULL;
  `,
]
