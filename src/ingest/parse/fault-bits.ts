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
} as const

/** The numbers of a batch's `format` column: index of `FORMATS` (held together by the same test). */
export const FORMAT = { raw: 0, rfc3164: 1, rfc5424: 2, ipxe: 3, ndjson: 4, line: 5 } as const
