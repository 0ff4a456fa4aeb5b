/** Failed authentications an address may make in a window before it is only told to wait. */
const MAX_FAILURES = 30
const WINDOW_MS = 60_000
/** Addresses remembered; the one that failed longest ago goes first. */
const MAX_ADDRESSES = 10_000

export interface FailureLimit {
  /** Counts one. @returns milliseconds to wait when the address has had its share, else undefined */
  failed(address: string): number | undefined
}

/** Failures per address in fixed windows, in a table that never grows past its bound. */
export function createFailureLimit(clock: () => number): FailureLimit {
  const windows = new Map<string, { readonly sinceMs: number; count: number }>()
  return {
    failed(address) {
      const nowMs = clock()
      const known = windows.get(address)
      const window = known === undefined || nowMs - known.sinceMs >= WINDOW_MS ? { sinceMs: nowMs, count: 0 } : known
      windows.delete(address)
      windows.set(address, window)
      if (windows.size > MAX_ADDRESSES) windows.delete(windows.keys().next().value!)
      return ++window.count > MAX_FAILURES ? window.sinceMs + WINDOW_MS - nowMs : undefined
    },
  }
}
