import type { Peer } from './peers.ts'
import type { Field, HubReading } from './reading.ts'

/** One field that a peer and the hub read differently. */
export interface Disagreement {
  readonly peer: Peer
  readonly field: Field
  readonly hub: HubReading
  readonly value: string
  /** The field as the hub reads it. */
  readonly hubValue: string
  readonly line: string
}

export interface Verdict {
  readonly cause: string
  /** undefined: any. */
  readonly peers?: readonly Peer[]
  readonly fields?: readonly Field[]
  readonly right: 'hub' | 'peer' | 'either'
  /** The section, or the capture (a golden case), that says so. */
  readonly why: string
  applies(of: Disagreement): boolean
}

const BSD = /^<\d{1,3}>[A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d /
const has = (hub: HubReading, ...faults: readonly string[]): boolean => faults.some((fault) => hub.faults.includes(fault))
const isDevice = ({ hub }: Disagreement): boolean => hub.format.startsWith('cisco-')

/** Who is right where the readings differ, and why; the first that applies counts. Reviewed by hand. */
export const VERDICTS: readonly Verdict[] = [
  {
    cause: 'the text says a severity', fields: ['priority'], right: 'either', applies: ({ hub }) => has(hub, 'severity-in-text'),
    why: "HPS's senders log everything at one priority and say the severity in the text (hps-ips-warn.case); the hub keeps the sent one in the raw bytes",
  },
  {
    cause: 'no priority, or a wrong one', right: 'hub', applies: ({ hub }) => has(hub, 'no-priority', 'bad-priority'),
    why: 'RFC 5424 6.2.1: at most three digits, at most 191; RFC 3164 4.3.3: without a valid one, 13 is assumed and the whole is the text. Some peers take what is there, or 0 = kern.emerg',
  },
  {
    cause: 'NILVALUE kept as text', peers: ['nsyslog-parser'], right: 'hub', applies: ({ value, hubValue }) => hubValue === '' && value === '-',
    why: 'RFC 5424 6: NILVALUE says that there is no such field',
  },
  {
    cause: 'a header field with a character unknown to the peer', peers: ['nsyslog-parser'], right: 'hub', applies: ({ hub, line }) => hub.format === 'rfc5424' && /[^a-zA-Z0-9.$\-_#%/[\]()]/.test(line.split(' ').slice(2, 6).join('')),
    why: 'RFC 5424 6: fields of the header are any PRINTUSASCII, so also the colons of an IPv6 address (6.2.4) or of LOGICAL:rpd (rfc5424-juniper.case)',
  },
  {
    cause: 'structured data not read by the letter', peers: ['glossy', 'nsyslog-parser'], fields: ['sd', 'text', 'msgid'], right: 'hub', applies: ({ hub, line }) => hub.format === 'rfc5424' && line.includes('['),
    why: 'RFC 5424 6.3: SD-ELEMENTs without parameters, several elements, escapes \\" \\\\ \\], empty values; brackets behind it are MSG',
  },
  {
    cause: 'NILVALUE of the structured data left in the text', peers: ['nsyslog-parser'], fields: ['text'], right: 'hub', applies: ({ hub }) => hub.format === 'rfc5424',
    why: 'RFC 5424 6.3: STRUCTURED-DATA is a NILVALUE or elements, and stands before MSG',
  },
  {
    cause: 'the stamp cannot be read', right: 'hub', applies: ({ hub }) => has(hub, 'bad-timestamp', 'no-timestamp', 'clock-not-set', 'uptime-stamp'),
    why: 'RFC 5424 6.2.3 and RFC 3164 4.3.2: without a readable TIMESTAMP there is no time, and no word takes its place',
  },
  {
    cause: 'an RFC 5424 header that is not by the letter', right: 'hub', applies: ({ hub }) => hub.format === 'rfc5424',
    why: 'blanks and tabs in rows, a version of its own, fields cut off, a leap second (rfc5424-tabs.case, rfc5424-two-blanks.case): the fields are there all the same',
  },
  {
    cause: 'a header of Cisco', right: 'hub', applies: isDevice,
    why: 'number, host, clock mark, stamp with zone, %FACILITY-SEVERITY-MNEMONIC are no RFC 3164 header (cisco-ios-all.case, cisco-asa.case, cisco-nxos-host.case)',
  },
  {
    cause: 'a line of iPXE', right: 'hub', applies: ({ hub }) => hub.format === 'ipxe',
    why: 'iPXE writes no stamp (net/udp/syslog.c; ipxe-host.case): its first words are no time',
  },
  {
    cause: 'the tag is left in the text', peers: ['glossy'], fields: ['text'], right: 'hub', applies: ({ line, value, hubValue }) => BSD.test(line) && value.endsWith(hubValue),
    why: 'RFC 3164 4.1.3: MSG is TAG and CONTENT; the peer does not part them',
  },
  {
    cause: 'a host name that the peer does not know the letters of', peers: ['nsyslog-parser', 'syslog-parse'], right: 'hub', applies: ({ line }) => BSD.test(line) && /^<\d+>.{15} [^ ]*:[^ ]*[^: ] /.test(line),
    why: 'RFC 3164 4.1.2: HOSTNAME may be an IPv6 address',
  },
  {
    cause: 'no host in the header', right: 'hub', applies: ({ hub }) => has(hub, 'no-host'),
    why: 'busybox, musl and dnsmasq write no HOSTNAME (busybox-logger.case): the word behind the stamp is the tag',
  },
  {
    cause: 'a stamp with more or less than RFC 3164 says', right: 'hub', applies: ({ line }) => !BSD.test(line),
    why: 'RFC 3164 4.1.2 asks for `Mmm dd hh:mm:ss`; years, zones, fractions and RFC 3339 are met nevertheless (rfc3164-rsyslog-iso.case)',
  },
  {
    cause: 'the year nearest to the receipt', fields: ['time'], right: 'hub', applies: ({ hub }) => has(hub, 'no-year'),
    why: 'RFC 3164 has no year: a message of December received in January is of last year (rfc3164-last-year.case); the peers take the current one',
  },
  {
    cause: 'additions behind the stamp', right: 'hub', applies: ({ hub }) => !has(hub, 'no-year') || !has(hub, 'no-zone') || has(hub, 'unknown-zone', 'forwarded', 'repeated'),
    why: 'a year, a zone, `Message forwarded from` stand before the host (rfc3164-year-behind.case, aix-forwarded.case)',
  },
  {
    cause: 'no tag', right: 'hub', applies: ({ hub }) => has(hub, 'no-app'),
    why: 'RFC 3164 5.3: no TAG can be told apart where nothing ends it; the first words are the text',
  },
  {
    cause: 'words of a header that the peer ends elsewhere', peers: ['nsyslog-parser', 'syslog-parse'], fields: ['host', 'app', 'pid', 'text'], right: 'hub', applies: ({ line }) => BSD.test(line),
    why: 'RFC 3164 4.1.3: TAG ends at the first character that is none of its own, `[`, `:` or a blank; what stands in the brackets is the process, a number or not',
  },
  {
    cause: 'padding and other hosts', peers: ['glossy'], fields: ['host', 'text'], right: 'hub', applies: ({ line }) => BSD.test(line),
    why: 'more blanks than one, or a colon behind the host, are met in the field',
  },
]
