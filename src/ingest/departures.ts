import type { Batch } from '#domain/batch.ts'
import type { Clock } from '#base/time.ts'
import type { Receipt } from '#domain/stream.ts'
import type { BatchFlow } from './batch-flow.ts'
import { countRows } from './count-rows.ts'
import type { IngestCounters } from './counters.ts'
import type { Holdings } from './holdings.ts'
import type { LossBook } from './loss-book.ts'
import type { SenderTable } from './sender.ts'

/** A batch with as many rows means load: the next one may wait until `PACE_MS` after it, so that a sync is worth its while. */
const LOADED_ROWS = 32
const PACE_MS = 5

/** Hands batches to the flow, with what goes along: new senders, receipts, losses. */
export class Departures {
  readonly #flow: BatchFlow
  readonly #senders: SenderTable
  readonly #counters: IngestCounters
  readonly #clock: Clock
  readonly #holdings: Holdings
  readonly #losses: LossBook
  #receipts: Receipt[] = []
  /** The losses that there are go with the next batch. */
  areLossesDue = false
  /** When and how full the last batch left. */
  #leftMs = 0
  #leftRows = 0
  #batches = 0

  constructor(options: { readonly flow: BatchFlow; readonly senders: SenderTable; readonly counters: IngestCounters; readonly clock: Clock; readonly holdings: Holdings; readonly losses: LossBook }) {
    this.#flow = options.flow
    this.#senders = options.senders
    this.#counters = options.counters
    this.#clock = options.clock
    this.#holdings = options.holdings
    this.#losses = options.losses
  }

  /** How many have left. */
  get batches(): number {
    return this.#batches
  }

  get hasReceipts(): boolean {
    return this.#receipts.length > 0
  }

  /** It goes with the next batch that leaves. */
  addReceipt(receipt: Receipt): void {
    this.#receipts.push(receipt)
  }

  /** The batch may not be used afterwards. */
  leave(batch: Batch): void {
    this.#leftMs = this.#clock()
    this.#leftRows = batch.rows
    this.#batches++
    countRows(batch, this.#counters)
    const receipts = this.#receipts
    this.#receipts = []
    const losses = this.areLossesDue ? this.#losses.take((sender) => this.#senders.refOf(sender)) : []
    if (losses.length > 0) this.areLossesDue = false
    this.#counters.set('sources-known', this.#senders.size)
    this.#holdings.seal()
    this.#flow.give({ batch, sources: this.#senders.takeDefinitions(), epoch: this.#senders.epoch, receipts, losses })
  }

  /** How long the next batch should wait. */
  get pauseMs(): number {
    if (this.#leftRows < LOADED_ROWS) return 0
    const sinceMs = this.#clock() - this.#leftMs
    return sinceMs >= 0 && sinceMs < PACE_MS ? PACE_MS - sinceMs : 0
  }
}
