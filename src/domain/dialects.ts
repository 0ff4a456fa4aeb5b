import { PARSE_FAULTS, type Format, type ParseFault } from './message.ts'

/** What each format is, for people: docs/reference/dialects.md and `hps sources` say it in these words. */
export const DIALECTS = {
  raw: 'no header could be read; the whole line is the text',
  rfc3164: 'BSD syslog (RFC 3164) in any of its forms',
  rfc5424: 'RFC 5424',
  ipxe: 'iPXE’s own lines: [HOST[.DOMAIN] ]ipxe: text',
  ndjson: 'a JSON object by HTTP',
  line: 'a line without a header by HTTP',
  'cisco-ios': 'Cisco IOS, IOS-XE and IOS-XR: sequence numbers, clock marks, %FACILITY-SEVERITY-MNEMONIC',
  'cisco-nxos': 'Cisco NX-OS: the year comes first',
  'cisco-asa': 'Cisco ASA, PIX and FTD: %ASA-SEVERITY-NUMBER',
  kmsg: 'a record of the Linux kernel: /dev/kmsg and extended netconsole',
  netconsole: 'basic netconsole: what the kernel prints on its console',
  journal: 'an entry of a systemd journal in the export format',
} as const satisfies Readonly<Record<Format, string>>

/**
 * `damage`: the message says less than its sender meant, and counts as faulty. `lack`: the form leaves something out, as RFC 3164 does.
 * `note`: nothing is wrong; it says how the message was read.
 */
type DeviationKind = 'damage' | 'lack' | 'note'
export interface Deviation {
  readonly kind: DeviationKind
  /** What was found. */
  readonly means: string
  /** What the operator of the sender can do; `` where nothing needs to be done. */
  readonly mend: string
}

/** Every deviation: what it means and what would mend it. `hps sources`, `hps parse` and docs/reference/dialects.md show these sentences. */
export const DEVIATIONS = {
  'no-priority': { kind: 'lack', means: 'There is no <PRI>; user.notice is assumed (RFC 3164 section 4.3.3).', mend: 'Let the sender write syslog, or send what it prints through `logger`.' },
  'bad-priority': { kind: 'damage', means: 'The priority is above 191, has a leading zero or is not closed.', mend: 'Set a facility below 24 and a severity below 8 at the sender.' },
  'no-timestamp': { kind: 'lack', means: 'The message carries no time; only the time of receipt is known.', mend: 'Switch timestamps on at the sender (Cisco: service timestamps log datetime msec show-timezone year).' },
  'bad-timestamp': { kind: 'damage', means: 'There is something like a timestamp that no calendar has.', mend: 'Set the clock and the timestamp format of the sender.' },
  'no-host': { kind: 'lack', means: 'No host name; the node is found by the address of the sender.', mend: 'busybox and musl never send one. Behind a relay, let the relay add it.' },
  'no-app': { kind: 'lack', means: 'No tag says which program speaks.', mend: 'Give it one: hps logs --untagged shows how.' },
  'bad-structured-data': { kind: 'damage', means: 'The structured data (or the JSON) cannot be read to its end; it stays in the text.', mend: 'Escape ", \\ and ] in its values (RFC 5424 section 6.3.3).' },
  'bad-utf8': { kind: 'damage', means: 'The text is no UTF-8; it is shown as Latin-1.', mend: 'Set a UTF-8 locale at the sender.' },
  truncated: { kind: 'damage', means: 'The message was longer than the limit and was cut.', mend: 'Raise syslog.max_frame, or let the sender split long messages.' },
  'no-year': { kind: 'lack', means: 'The stamp has no year; the one nearest to the time of receipt is taken.', mend: 'Use RFC 5424 or ISO stamps, or switch the year on (Cisco: … year).' },
  'no-zone': { kind: 'lack', means: 'The stamp has no zone; the one configured or learned for the sender is taken.', mend: 'Use RFC 5424 or ISO stamps with an offset, or set sources[].zone.' },
  'bad-version': { kind: 'damage', means: 'RFC 5424 with another version than 1; read as version 1.', mend: 'Set the version to 1.' },
  'control-characters': { kind: 'note', means: 'The text holds control characters; they are shown escaped.', mend: '' },
  empty: { kind: 'note', means: 'There is no text.', mend: '' },
  'bad-frame-count': { kind: 'damage', means: 'An octet count was wrong, its own or the one before it; the stream is in step again from the next line or count.', mend: 'The sender counts characters instead of bytes: use newline framing.' },
  'unterminated-frame': { kind: 'damage', means: 'The connection ended within the message.', mend: 'End each message with a newline, and close the connection in an orderly way.' },
  'severity-in-text': { kind: 'note', means: 'The severity was taken from the text ([ERROR], l=warning …), not from the priority.', mend: '' },
  'clock-not-set': { kind: 'lack', means: 'The sender marks its clock as never set (Cisco *); its stamp is not believed.', mend: 'Configure NTP on the device.' },
  'clock-not-synced': { kind: 'lack', means: 'The sender marks its clock as set but out of step with NTP (Cisco .).', mend: 'Check that the device reaches its NTP servers.' },
  'uptime-stamp': { kind: 'lack', means: 'The stamp counts from the start of the device, not from a date.', mend: 'Cisco: service timestamps log datetime msec show-timezone year.' },
  'unknown-zone': { kind: 'lack', means: 'The stamp names a zone that many places share or nobody else knows; the one configured or learned for the sender is taken.', mend: 'Set sources[].zone, or let the sender write an offset or UTC.' },
  joined: { kind: 'note', means: 'Put together from several datagrams that belong to one line.', mend: '' },
  'piece-missing': { kind: 'damage', means: 'A datagram of this line did not arrive.', mend: 'UDP loses datagrams: look at the network and at the receive buffer (hps_ingest_dropped_total).' },
  repeated: { kind: 'note', means: 'Stands for several equal messages (“message repeated N times”).', mend: 'Switch repeated-message reduction off at the sender: the hub keeps and compresses each one.' },
  'mapped-app': { kind: 'note', means: 'The tag comes from syslog.tags of the configuration.', mend: '' },
  forwarded: { kind: 'note', means: 'A relay has put its own words before the message (AIX “Message forwarded from”).', mend: '' },
  doubled: { kind: 'note', means: 'It came before: a connection broke before it was acknowledged, or its sequence number was there already.', mend: '' },
} as const satisfies Readonly<Record<ParseFault, Deviation>>

/** The bits of a batch's `faults` column that make a message faulty. */
export const DAMAGE_BITS = PARSE_FAULTS.reduce((bits, fault, bit) => (DEVIATIONS[fault].kind === 'damage' ? bits | (1 << bit) : bits), 0)
