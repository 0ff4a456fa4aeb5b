/** What the messages of the kept store say: each text follows from its seq and the time of its receipt, so that any altered one is known. */
export const DAY_MS = 86_400_000

export const textOf = (seq: number, receivedMs: number): string => `m${seq} t${receivedMs} ${seq % 2 === 0 ? 'even' : 'odd'} user=${(seq * 7919) % 1000} ${'payload '.repeat(seq % 9)}end`

/** @returns the time that the text claims; undefined when it is not the text of this seq at that time */
export function timeIn(seq: number, text: string): number | undefined {
  const time = Number(/^m\d+ t(\d+) /.exec(text)?.[1])
  return textOf(seq, time) === text ? time : undefined
}

/** Retention may have removed it: its day ended longer ago than `retentionMs` before the newest message. */
export const isExpired = (receivedMs: number, { newestMs, retentionMs }: { readonly newestMs: number; readonly retentionMs: number }): boolean =>
  (Math.floor(receivedMs / DAY_MS) + 1) * DAY_MS <= newestMs - retentionMs
