import type { AckArrival, StreamEvent } from '#sessions/index.ts'

/** "Did my log arrive?": keys seen in the last ten minutes, and the callers that wait for one. */
export const MAX_ACK_KEYS = 65_536
export const ACK_MEMORY_MS = 10 * 60_000
/** Of one key: one from many nodes, or by several ways, is possible; a handful is enough to find one's own. */
const MAX_ARRIVALS = 8
/** Senders whose last text that is no key is remembered. */
const MAX_MALFORMED = 4096

export type AckEvent = Extract<StreamEvent, { kind: 'ack' | 'ack-malformed' | 'acks-untold' }>
export type MalformedAck = Pick<Extract<StreamEvent, { kind: 'ack-malformed' }>, 'seq' | 'address' | 'transport' | 'listener' | 'receivedMs'>
type Fits = (arrival: AckArrival) => boolean
export interface FoundAck {
  /** The latest that fits. */
  readonly arrival: AckArrival
  /** How many that fit are remembered, at most `MAX_ARRIVALS`. */
  readonly arrivals: number
}

export interface Acks {
  /** Of a committed message. */
  saw(event: AckEvent): void
  /** The latest arrival of `key` that `fits`, at once or within `waitMs`. */
  find(key: string, options: { readonly waitMs: number; readonly fits: Fits; readonly signal?: AbortSignal | undefined }): Promise<FoundAck | undefined>
  malformedFrom(address: string): MalformedAck | undefined
  /** Every key of the last ten minutes is remembered: what is not here did not come. */
  readonly isWhole: boolean
  /** What the store remembers of the time before this run, oldest first; `isAll`: and there was nothing else. */
  restore(before: { readonly arrivals: readonly AckArrival[]; readonly malformed: readonly MalformedAck[]; readonly isAll: boolean }): void
}

export function createAcks(clock: () => number): Acks {
  // insertion order is arrival order: the oldest is the first
  let seen = new Map<string, AckArrival[]>()
  let malformed = new Map<string, MalformedAck>()
  const waiting = new Map<string, Set<() => void>>()
  let isRestored = false
  /** Something of before this moment is missing. */
  let lacksUntilMs = Number.NEGATIVE_INFINITY
  const isFresh = ({ receivedMs }: { readonly receivedMs: number }) => clock() - receivedMs <= ACK_MEMORY_MS
  const lackUntil = (receivedMs: number) => void (lacksUntilMs = Math.max(lacksUntilMs, receivedMs + ACK_MEMORY_MS))
  const add = (arrival: AckArrival) => {
    const before = seen.get(arrival.key) ?? []
    seen.delete(arrival.key)
    seen.set(arrival.key, [...before.slice(1 - MAX_ARRIVALS), arrival])
    // many nodes with one key: some cannot be found here any more
    if (before.length >= MAX_ARRIVALS && isFresh(before[0]!)) lackUntil(before[0]!.receivedMs)
    for (const [key, arrivals] of seen) {
      const last = arrivals.at(-1)!
      if (isFresh(last)) {
        if (seen.size <= MAX_ACK_KEYS) break
        lackUntil(last.receivedMs)
      }
      seen.delete(key)
    }
  }
  const addMalformed = (event: MalformedAck) => {
    malformed.delete(event.address)
    malformed.set(event.address, event)
    if (malformed.size > MAX_MALFORMED) malformed.delete(malformed.keys().next().value!)
  }
  const look = (key: string, fits: Fits): FoundAck | undefined => {
    const own = (seen.get(key) ?? []).filter((arrival) => isFresh(arrival) && fits(arrival))
    const arrival = own.at(-1)
    return arrival === undefined ? undefined : { arrival, arrivals: own.length }
  }
  const wake = (key: string) => {
    for (const look of waiting.get(key) ?? []) look()
  }
  return {
    saw(event) {
      switch (event.kind) {
        case 'ack':
          add(event)
          return wake(event.key)
        case 'ack-malformed':
          return addMalformed(event)
        case 'acks-untold':
          return lackUntil(event.receivedMs)
      }
    },
    find(key, { waitMs, fits, signal }) {
      const found = look(key, fits)
      if (found !== undefined || waitMs <= 0 || signal?.aborted === true) return Promise.resolve(found)
      const { promise, resolve } = Promise.withResolvers<FoundAck | undefined>()
      const wakers = waiting.get(key) ?? new Set()
      waiting.set(key, wakers)
      const end = (answer: FoundAck | undefined) => {
        clearTimeout(timer)
        signal?.removeEventListener('abort', stop)
        wakers.delete(lookAgain)
        if (wakers.size === 0) waiting.delete(key)
        resolve(answer)
      }
      const lookAgain = () => {
        const answer = look(key, fits)
        if (answer !== undefined) end(answer)
      }
      const stop = () => end(undefined)
      const timer = setTimeout(stop, waitMs)
      wakers.add(lookAgain)
      signal?.addEventListener('abort', stop, { once: true })
      return promise
    },
    malformedFrom(address) {
      const found = malformed.get(address)
      return found !== undefined && isFresh(found) ? found : undefined
    },
    get isWhole() {
      return isRestored && clock() > lacksUntilMs
    },
    restore(before) {
      const [newer, newerMalformed] = [[...seen.values()].flat(), malformed]
      const known = new Set(newer.map(({ seq }) => seq))
      seen = new Map()
      malformed = new Map()
      isRestored = true
      if (!before.isAll) lackUntil(clock())
      for (const arrival of before.arrivals) if (!known.has(arrival.seq)) add(arrival)
      for (const arrival of newer.toSorted((a, b) => a.seq - b.seq)) add(arrival)
      for (const event of [...before.malformed, ...newerMalformed.values()]) addMalformed(event)
      for (const key of waiting.keys()) wake(key)
    },
  }
}
