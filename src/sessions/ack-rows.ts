import { seqOf, type Batch } from '#domain/batch.ts'
import { FRAMINGS } from '#domain/framing.ts'
import { faultList, FORMATS, IDENTITY_METHODS } from '#domain/message.ts'
import { ACK_KEY } from '#domain/wire.ts'
import type { Parts } from './lifecycle.ts'
import type { Speaker } from './sources.ts'
import type { SessionState } from './state.ts'

/** Keys told to main for one sender in one second; those beyond are found by a search. A flood of keys must cost its sender, not the hub. */
const MAX_TOLD_PER_SECOND = 64
/** Senders whose keys are counted at once; with more of them the second begins anew for all. */
const MAX_SENDERS = 4096

/** A row of `hps-ack`; `text` stands behind its label. */
export interface AckRow {
  readonly batch: Batch
  readonly row: number
  readonly text: string
  readonly speaker: Speaker
  readonly session: SessionState | undefined
  /** Index of IDENTITY_METHODS. */
  readonly method: number
  readonly confidence: number
}

/** Tells main of the keys that arrived and of texts that are none. What is found out after this row was tagged (doubled, the moment of the sync) is read when the batch is on disk. */
export interface AckRows {
  place(row: AckRow): void
}

export function createAckRows({ parts, clock }: { readonly parts: Pick<Parts, 'emit' | 'counters'>; readonly clock: () => number }): AckRows {
  let second = 0
  const told = new Map<number, number>()
  /** How many of this sender were told in this second, this one with them. */
  const count = (sourceId: number, atMs: number): number => {
    const now = Math.floor(atMs / 1000)
    if (now !== second || told.size >= MAX_SENDERS) told.clear()
    second = now
    const all = (told.get(sourceId) ?? 0) + 1
    told.set(sourceId, all)
    return all
  }
  return {
    place({ batch, row, text, speaker: { source, certificate }, session, method, confidence }) {
      const key = text.trim()
      const isKey = ACK_KEY.test(key)
      if (!isKey) parts.counters.add('malformed:ack-key')
      const receivedMs = batch.receivedMs[row]!
      const place = count(source.id, receivedMs)
      if (place > MAX_TOLD_PER_SECOND) {
        parts.counters.add('acks-untold')
        if (place === MAX_TOLD_PER_SECOND + 1) parts.emit(() => ({ kind: 'acks-untold', seq: seqOf(batch, row), receivedMs }))
        return
      }
      const { address, transport, listener } = source
      if (!isKey) return parts.emit(() => ({ kind: 'ack-malformed', seq: seqOf(batch, row), address, transport, listener, receivedMs }))
      const sentMs = batch.sentMs[row]!
      const event = {
        key, address, transport, listener, certificate, nodeId: session?.node.id ?? 0, sessionId: session?.id ?? 0, receivedMs, sentMs: Number.isNaN(sentMs) ? undefined : sentMs,
        framing: FRAMINGS[batch.framing[row]!] ?? 'unknown', format: FORMATS[batch.format[row]!]!, method: IDENTITY_METHODS[method]!, confidence,
      }
      parts.emit(() => ({ kind: 'ack', seq: seqOf(batch, row), ...event, faults: faultList(batch.faults[row]!), storedMs: clock() }))
    },
  }
}
