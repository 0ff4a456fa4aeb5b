import type { SourceDefinition } from '#domain/stream.ts'
import type { Transport } from '#domain/source.ts'
import { newListenerCounts, type ListenerCounts } from './listener-counts.ts'
import type { TagRule } from './tags/tag-rule.ts'

/** Who sends on a socket, found once and kept by the listener; `ref` counts within `epoch` only. */
export interface Sender {
  readonly address: string
  readonly transport: Transport
  readonly listener: string
  readonly certificate?: string | undefined
  ref: number
  epoch: number
  /** The entries of `syslog.tags` that are for it, found at its first message under each list. */
  tags: readonly TagRule[] | undefined
  tagGeneration: number
  /** Of the listener that it sends to. */
  readonly counts: ListenerCounts
  /** Room that its datagrams have in the house (fair-share.ts), kept by `Holdings`, and its place among the senders of the batch being filled. */
  heldBytes: number
  heldBatch: number
  heldAt: number
}

/** A sender that has no ref in any epoch yet. */
export const createSender = ({ address, transport, listener, certificate }: Omit<SourceDefinition, 'ref'>, counts: ListenerCounts = newListenerCounts()): Sender => ({
  address, transport, listener, certificate, ref: 0, epoch: -1, tags: undefined, tagGeneration: -1, counts, heldBytes: 0, heldBatch: -1, heldAt: 0,
})

/** Numbers the senders of one epoch and collects those that the writer has not been told of. */
export interface SenderTable {
  readonly size: number
  readonly isFull: boolean
  readonly epoch: number
  refOf(sender: Sender): number
  /** The definitions since the last call. */
  takeDefinitions(): SourceDefinition[]
  /** Starts the next epoch: every ref is void. */
  startEpoch(): void
}

/** @param capacity senders in one epoch; the owner starts a new one when the table is full */
export function createSenderTable(capacity: number): SenderTable {
  const refs = new Map<string, number>()
  let fresh: SourceDefinition[] = []
  let epoch = 0
  return {
    get size() {
      return refs.size
    },
    get isFull() {
      return refs.size >= capacity
    },
    get epoch() {
      return epoch
    },
    refOf(sender) {
      if (sender.epoch === epoch) return sender.ref
      const key = `${sender.transport} ${sender.listener} ${sender.address} ${sender.certificate ?? ''}`
      let ref = refs.get(key)
      if (ref === undefined) {
        ref = refs.size + 1
        refs.set(key, ref)
        const { address, transport, listener, certificate } = sender
        fresh.push({ ref, address, transport, listener, ...(certificate === undefined ? {} : { certificate }) })
      }
      sender.ref = ref
      sender.epoch = epoch
      return ref
    },
    takeDefinitions() {
      const taken = fresh
      fresh = []
      return taken
    },
    startEpoch() {
      refs.clear()
      fresh = []
      epoch++
    },
  }
}
