import type { StoredMessage } from '#domain/message.ts'
import type { Source } from '#domain/source.ts'
import { ACK_KEY, APP, LABEL_PREFIX } from '#domain/wire.ts'
import type { AckArrival } from '#sessions/index.ts'
import type { ReaderClient, ResolvedQuery } from '#store/index.ts'
import { ACK_MEMORY_MS, MAX_ACK_KEYS, type Acks, type FoundAck, type MalformedAck } from './acks.ts'

/** Keys of `hps-ack` as the store has them: for what the memory does not reach, and to fill it after a start. */
const PAGE_ROWS = 1000
/** Of one key; those of other nodes are among them. */
const MAX_FOUND = 100
const RECALL_DEADLINE_MS = 60_000

export interface StoredAcksOptions {
  readonly reader: Pick<ReaderClient, 'search'>
  readonly source: (id: number) => Pick<Source, 'address' | 'transport' | 'listener' | 'certificate'> | undefined
  readonly clock: () => number
}
export interface StoredAckQuestion {
  readonly key: string
  /** undefined: all that is stored. */
  readonly sinceMs: number | undefined
  /** Only messages of these can fit. */
  readonly of?: { readonly nodeIds: readonly number[]; readonly sourceIds: readonly number[] } | undefined
  readonly fits: (arrival: AckArrival) => boolean
  readonly deadlineMs: number
  readonly signal?: AbortSignal | undefined
}
export interface StoredAcks {
  /** `isAll`: everything was looked at, so what was not found is not there. Rejects as the reader does. */
  find(question: StoredAckQuestion): Promise<{ readonly found: FoundAck | undefined; readonly isAll: boolean }>
  /** Fills the memory with the last ten minutes. Never rejects on what a reader says: then the memory does not reach that far. @returns the reason, if so */
  recall(acks: Pick<Acks, 'restore'>): Promise<string | undefined>
}

export function createStoredAcks({ reader, source, clock }: StoredAcksOptions): StoredAcks {
  const arrivalOf = (message: StoredMessage): AckArrival | MalformedAck | undefined => {
    // a name of syslog.tags never speaks the words of the wire contract
    if (message.app !== APP.ack || message.faults.includes('mapped-app')) return undefined
    const { seq, receivedMs, sentMs, nodeId, sessionId, format, faults, method, confidence } = message
    const { address, transport, listener, certificate } = source(message.sourceId) ?? { address: `#${message.sourceId}`, transport: 'udp', listener: '', certificate: '' }
    const key = message.text.replace(LABEL_PREFIX, '').trim()
    if (!ACK_KEY.test(key)) return { seq, address, transport, listener, receivedMs }
    return { seq, key, address, transport, listener, certificate, nodeId, sessionId, receivedMs, sentMs, storedMs: undefined, framing: 'unknown', format, faults, method, confidence }
  }
  async function* pages(query: ResolvedQuery, deadlineAtMs: number): AsyncGenerator<readonly StoredMessage[], string | undefined> {
    for (let cursor: string | undefined; ;) {
      const page = await reader.search(query, { limit: PAGE_ROWS, order: 'newest', cursor, deadlineAtMs })
      yield page.messages
      if (!page.complete) return page.reason ?? 'incomplete'
      if (page.cursor === undefined) return undefined
      ;({ cursor } = page)
    }
  }
  return {
    async find({ key, sinceMs, of, fits, deadlineMs, signal }) {
      const terms: ResolvedQuery[] = [IS_ACK, { kind: 'text', text: key }]
      if (sinceMs !== undefined) terms.push({ kind: 'time', fromMs: sinceMs, untilMs: undefined })
      if (of !== undefined) terms.push({ kind: 'or', terms: [{ kind: 'ids', field: 'node', ids: of.nodeIds }, { kind: 'ids', field: 'source', ids: of.sourceIds }] })
      const page = await reader.search({ kind: 'and', terms }, { limit: MAX_FOUND, order: 'newest', cursor: undefined, deadlineAtMs: clock() + deadlineMs }, signal)
      const own = page.messages.map(arrivalOf).filter((arrival) => arrival !== undefined && 'key' in arrival && arrival.key === key && fits(arrival)) as AckArrival[]
      const arrival = own[0]
      return { found: arrival === undefined ? undefined : { arrival, arrivals: own.length }, isAll: page.complete && page.cursor === undefined }
    },
    async recall(acks) {
      const arrivals: AckArrival[] = []
      const malformed: MalformedAck[] = []
      let reason: string | undefined
      try {
        const nowMs = clock()
        const found = pages({ kind: 'and', terms: [IS_ACK, { kind: 'time', fromMs: nowMs - ACK_MEMORY_MS, untilMs: undefined }] }, nowMs + RECALL_DEADLINE_MS)
        for (let page = await found.next(); ; page = await found.next()) {
          if (page.done === true) {
            reason = page.value
            break
          }
          for (const event of page.value.map(arrivalOf)) if (event !== undefined) void ('key' in event ? arrivals.push(event) : malformed.push(event))
          if (arrivals.length + malformed.length < MAX_ACK_KEYS) continue
          reason = 'too many'
          break
        }
      } catch (fault) {
        reason = fault instanceof Error ? fault.message : String(fault)
      }
      acks.restore({ arrivals: arrivals.toReversed(), malformed: malformed.toReversed(), isAll: reason === undefined })
      return reason
    },
  }
}

const IS_ACK: ResolvedQuery = { kind: 'field', field: 'app', value: APP.ack }
