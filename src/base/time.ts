/** Time is an argument everywhere; only `app` reads the clock. Milliseconds since the epoch unless a name says otherwise. */
export type Clock = () => number

/** RFC 3339 in UTC with milliseconds, the form of every API answer and every `-o text` line. */
export const formatUtc = (ms: number): string => new Date(ms).toISOString()

/** `2026-11-22`: the name of a UTC day, used for the store's day files. */
export const utcDay = (ms: number): string => new Date(ms).toISOString().slice(0, 10)
