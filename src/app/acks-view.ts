import { ACK_CHECKS, type AckCheck, type Caller, type HeardView, type LoggedView, type NotLoggedView } from '#api/index.ts'
import { formatUtc } from '#base/time.ts'
import type { Source } from '#domain/source.ts'
import { ACK_MEMORY_MS, type FoundAck, type MalformedAck } from './acks.ts'
import type { Names } from './names.ts'

/** Ways in which one address sends; more of them say nothing new. */
const MAX_HEARD = 8

/** A key that arrived, as the API shows it. */
export function presentLogged({ arrival, arrivals }: FoundAck, { names, isSecure }: { readonly names: Pick<Names, 'node' | 'session'>; readonly isSecure: (listener: string) => boolean }): LoggedView {
  const { key, seq, receivedMs, storedMs, sentMs, transport, listener, framing, faults } = arrival
  return {
    logged: true, key, seq,
    received: formatUtc(receivedMs),
    stored_ms: storedMs === undefined ? null : Math.max(0, Math.round(storedMs - receivedMs)),
    transport, tls: isSecure(listener), listener, framing,
    dialect: arrival.format, deviations: faults,
    node: names.node(arrival.nodeId), session: names.session(arrival.sessionId),
    source: arrival.address, certificate: arrival.certificate === '' ? null : arrival.certificate,
    method: arrival.method, confidence: arrival.confidence,
    sent: sentMs === undefined ? null : formatUtc(sentMs),
    ahead_ms: sentMs === undefined ? null : Math.round(sentMs - receivedMs),
    cut: faults.includes('truncated'), doubled: faults.includes('doubled'), arrivals,
  }
}

export interface Missed {
  readonly key: string
  readonly waitMs: number
  readonly caller: Caller
  readonly isAll: boolean
  /** The senders at the caller's address. */
  readonly senders: readonly Pick<Source, 'transport' | 'listener' | 'lastSeenMs'>[]
  readonly malformed: MalformedAck | undefined
  readonly nowMs: number
}

/** A key that did not: told from the caller's own address alone, never from the key. */
export function presentMissed({ key, waitMs, caller, isAll, senders, malformed, nowMs }: Missed): NotLoggedView {
  const heard = senders
    .filter(({ lastSeenMs }) => nowMs - lastSeenMs <= ACK_MEMORY_MS)
    .toSorted((a, b) => b.lastSeenMs - a.lastSeenMs)
    .slice(0, MAX_HEARD)
    .map(({ transport, listener, lastSeenMs }): HeardView => ({ transport, listener, at: formatUtc(lastSeenMs) }))
  const checks = new Set<AckCheck>()
  if (malformed !== undefined) checks.add('bad-key')
  if (waitMs <= 0) checks.add('no-wait')
  checks.add(heard.length === 0 ? 'path' : 'tag')
  if (heard.length === 0 || caller.role === 'anonymous') checks.add('relay')
  if (heard.length === 0 || heard.some(({ transport }) => transport === 'udp')) checks.add('datagrams')
  if (!isAll) checks.add('again')
  return {
    logged: false, key, waited_ms: waitMs, complete: isAll, address: caller.address, heard,
    malformed: malformed === undefined ? null : { transport: malformed.transport, listener: malformed.listener, at: formatUtc(malformed.receivedMs) },
    check: [...checks].map((name) => ({ name, means: ACK_CHECKS[name] })),
  }
}
