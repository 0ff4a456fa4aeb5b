import type { StreamEvent } from '#sessions/index.ts'

/** "Did my log arrive?": keys seen in the last ten minutes, and the callers that wait for one. */
const MAX_KEYS = 65_536
const ACK_MEMORY_MS = 10 * 60_000

export type AckEvent = Extract<StreamEvent, { kind: 'ack' }>

export interface Acks {
  saw(event: AckEvent): void
  /** The latest arrival of `key` that `fits`, at once or within `waitMs`. */
  find(key: string, options: { readonly waitMs: number; readonly fits: (event: AckEvent) => boolean; readonly signal?: AbortSignal | undefined }): Promise<AckEvent | undefined>
}

export function createAcks(clock: () => number): Acks {
  // insertion order is arrival order: the oldest key is the first
  const seen = new Map<string, AckEvent[]>()
  const waiting = new Map<string, Set<(event: AckEvent) => void>>()
  const forgetOld = () => {
    for (const [key, events] of seen) {
      if (seen.size <= MAX_KEYS && clock() - events.at(-1)!.receivedMs <= ACK_MEMORY_MS) return
      seen.delete(key)
    }
  }
  return {
    saw(event) {
      const before = seen.get(event.key) ?? []
      seen.delete(event.key)
      // one key from many nodes is possible; a handful of arrivals is enough to find one's own
      seen.set(event.key, [...before.slice(-7), event])
      forgetOld()
      for (const wake of waiting.get(event.key) ?? []) wake(event)
    },
    find(key, { waitMs, fits, signal }) {
      const found = seen.get(key)?.findLast((event) => clock() - event.receivedMs <= ACK_MEMORY_MS && fits(event))
      if (found !== undefined || waitMs <= 0) return Promise.resolve(found)
      const { promise, resolve } = Promise.withResolvers<AckEvent | undefined>()
      const wakers = waiting.get(key) ?? new Set()
      waiting.set(key, wakers)
      const end = (event: AckEvent | undefined) => {
        clearTimeout(timer)
        signal?.removeEventListener('abort', stop)
        wakers.delete(wake)
        if (wakers.size === 0) waiting.delete(key)
        resolve(event)
      }
      const wake = (event: AckEvent) => void (fits(event) && end(event))
      const stop = () => end(undefined)
      const timer = setTimeout(stop, waitMs)
      wakers.add(wake)
      signal?.addEventListener('abort', stop, { once: true })
      return promise
    },
  }
}
