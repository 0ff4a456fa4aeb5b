import type { Facility, Severity } from './severity.ts'

/** How a frame was read: its dialect, explained in `domain/dialects`. Never renumber: the index is stored. `raw`: nothing in it could be read as a header; it is stored all the same. */
export const FORMATS = ['raw', 'rfc3164', 'rfc5424', 'ipxe', 'ndjson', 'line', 'cisco-ios', 'cisco-nxos', 'cisco-asa', 'kmsg', 'netconsole', 'journal'] as const
export type Format = (typeof FORMATS)[number]

/** Deviations noted while reading a frame, explained in `domain/dialects`; bit n of a batch's `faults` column is entry n. Never renumber: the bits are stored. */
export const PARSE_FAULTS = [
  'no-priority', 'bad-priority', 'no-timestamp', 'bad-timestamp', 'no-host', 'no-app', 'bad-structured-data', 'bad-utf8',
  'truncated', 'no-year', 'no-zone', 'bad-version', 'control-characters', 'empty', 'bad-frame-count', 'unterminated-frame',
  'severity-in-text', 'clock-not-set', 'clock-not-synced', 'uptime-stamp', 'unknown-zone', 'joined', 'piece-missing', 'repeated', 'mapped-app', 'forwarded', 'doubled',
] as const
export type ParseFault = (typeof PARSE_FAULTS)[number]

export function faultList(bits: number): ParseFault[] {
  return PARSE_FAULTS.filter((_, bit) => (bits >>> bit) & 1)
}

/** How the node of a message was found; stored with the message by its place here: append only. */
export const IDENTITY_METHODS = ['none', 'token', 'registered-address', 'lease', 'host-name', 'subject', 'relay-host-name', 'source-address', 'certificate'] as const
export type IdentityMethod = (typeof IDENTITY_METHODS)[number]

/**
 * A stored message as it leaves the store: numbers stay numbers, texts are decoded (UTF-8, else latin-1).
 * Times are milliseconds since the epoch. Ids are rows of `hub.db`; 0 means none.
 */
export interface StoredMessage {
  readonly seq: number
  readonly receivedMs: number
  /** What the sender claimed; undefined when the frame carried no readable time. */
  readonly sentMs: number | undefined
  readonly facility: Facility
  readonly severity: Severity
  readonly host: string
  readonly app: string
  readonly procid: string
  readonly msgid: string
  /** The structured data as received, `` when there was none. */
  readonly structuredData: string
  readonly text: string
  /** The session label that the message itself carried (wire contract), `` when none. A label, never a credential. */
  readonly label: string
  readonly raw: Uint8Array
  readonly format: Format
  readonly faults: readonly ParseFault[]
  readonly sourceId: number
  readonly nodeId: number
  readonly sessionId: number
  readonly method: IdentityMethod
  /** 0–100: how sure the hub is that the message is about this node. */
  readonly confidence: number
}
