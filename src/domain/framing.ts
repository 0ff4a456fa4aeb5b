/** How the bytes of a message were told from the next one's. The index stands in a batch's `framing` column, which is not stored. */
export const FRAMINGS = ['unknown', 'datagram', 'newline', 'octet-count', 'relp', 'http-lines', 'ndjson', 'journal', 'console', 'own'] as const
export type Framing = (typeof FRAMINGS)[number]
/** The numbers of the column (held together with `FRAMINGS` by a test). */
export const FRAMING = { unknown: 0, datagram: 1, newline: 2, octetCount: 3, relp: 4, httpLines: 5, ndjson: 6, journal: 7, console: 8, own: 9 } as const
