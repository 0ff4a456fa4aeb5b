import type { BatchHeader } from './batch.ts'
import type { LossReason, ShedTemplate } from './loss.ts'
import type { Transport } from './source.ts'

/** What passes between ingest and the log writer, beside the packed columns. */

/** A sender met for the first time in this epoch; rows refer to it by `ref` in their `source` column until the writer puts the id there. */
export interface SourceDefinition {
  readonly ref: number
  readonly address: string
  readonly transport: Transport
  readonly listener: string
  /** The name in the client's certificate, which was verified; undefined where there is none. */
  readonly certificate?: string | undefined
}

/** A caller waits for these rows: answered when the batch that holds the last of them is on disk. */
export interface Receipt {
  readonly id: number
  /** Messages taken since the caller's request began. */
  readonly messages: number
  /** Of these, cut at the frame limit. */
  readonly cut: number
}

/** What ingest could not hand over since it last said so: told with a batch, at most once a second. */
export interface IngestLoss {
  /** Of the sender; 0: the kernel does not say whose. */
  readonly ref: number
  readonly listener: string
  readonly reason: Extract<LossReason, 'kernel-buffer' | 'no-free-batch' | 'shed'>
  readonly count: number
  readonly firstMs: number
  readonly lastMs: number
  /** Of `shed`: the templates that were shed most. */
  readonly templates?: readonly ShedTemplate[] | undefined
}

export interface BatchMessage {
  readonly kind: 'batch'
  readonly header: BatchHeader
  readonly sources: readonly SourceDefinition[]
  /** Refs (`source`, `hostRef`) of another epoch mean nothing any more: the writer drops what it remembered of them. */
  readonly epoch: number
  readonly receipts: readonly Receipt[]
  readonly losses: readonly IngestLoss[]
}

/** The log writer's answers, in this order for each batch. */
export type ReturnMessage =
  /** The batch is committed, or the disk has refused it: the credit to send another. */
  | { readonly kind: 'settled'; readonly isStored: boolean }
  /** Nobody reads the batch any more: its buffer may be filled again. */
  | { readonly kind: 'return'; readonly header: BatchHeader }
