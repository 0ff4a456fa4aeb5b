/** Expected outcomes are values: a result is a value or the reasons why there is none. */
export type Result<T, F> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly faults: readonly F[] }

export const ok = <T>(value: T): { readonly ok: true; readonly value: T } => ({ ok: true, value })
export const fail = <F>(...faults: readonly F[]): { readonly ok: false; readonly faults: readonly F[] } => ({ ok: false, faults })
