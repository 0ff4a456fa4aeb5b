/** What is known of many rows at once: none is an answer, some may be, all are. */
export const VERDICT = { no: 1, maybe: 2, yes: 3 } as const
export type Verdict = (typeof VERDICT)[keyof typeof VERDICT]

export const worse = (a: Verdict, b: Verdict): Verdict => (a < b ? a : b)
export const better = (a: Verdict, b: Verdict): Verdict => (a > b ? a : b)
export const opposite = (verdict: Verdict): Verdict => (VERDICT.yes + VERDICT.no - verdict) as Verdict
