/** The bits of a batch's `faults` column by name: bit n is entry n of `PARSE_FAULTS` (held together by a test). Literals, so that the hot path folds them. */
export const FAULT = {
  noPriority: 1 << 0,
  badPriority: 1 << 1,
  noTimestamp: 1 << 2,
  badTimestamp: 1 << 3,
  noHost: 1 << 4,
  noApp: 1 << 5,
  badStructuredData: 1 << 6,
  badUtf8: 1 << 7,
  truncated: 1 << 8,
  noYear: 1 << 9,
  noZone: 1 << 10,
  badVersion: 1 << 11,
  controlCharacters: 1 << 12,
  empty: 1 << 13,
  badFrameCount: 1 << 14,
  unterminatedFrame: 1 << 15,
  severityInText: 1 << 16,
  clockNotSet: 1 << 17,
  clockNotSynced: 1 << 18,
  uptimeStamp: 1 << 19,
  unknownZone: 1 << 20,
  joined: 1 << 21,
  pieceMissing: 1 << 22,
  repeated: 1 << 23,
  mappedApp: 1 << 24,
  forwarded: 1 << 25,
  doubled: 1 << 26,
} as const

/** The numbers of a batch's `format` column: index of `FORMATS` (held together by the same test). */
export const FORMAT = { raw: 0, rfc3164: 1, rfc5424: 2, ipxe: 3, ndjson: 4, line: 5, ciscoIos: 6, ciscoNxos: 7, ciscoAsa: 8, kmsg: 9, netconsole: 10, journal: 11 } as const
