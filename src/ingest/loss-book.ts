import type { Batch } from '#domain/batch.ts'
import type { IngestLoss } from '#domain/stream.ts'
import { SHED_SEVERITIES, type IngestCounters } from './counters.ts'
import type { Sender } from './sender.ts'
import { ShedTemplates, type TemplateBudget } from './shed-templates.ts'

/** Senders that are kept apart between two reports; what is lost of others is counted as of an unknown one of their listener. */
export const MAX_LOSING_SENDERS = 8192
/** Of these, those whose templates are kept apart; of the others the number is kept. */
export const MAX_SHED_SENDERS = 1024
/** Templates of all senders between two reports, each with its sample. */
export const MAX_SHED_TEMPLATES = 4096

const SHED = SHED_SEVERITIES.map((severity) => `shed-${severity}` as const)
const FIRST_SHED = 4

interface Tally { count: number; firstMs: number; lastMs: number }
const newTally = (): Tally => ({ count: 0, firstMs: 0, lastMs: 0 })

function addTo(tally: Tally, count: number, { fromMs, toMs }: { readonly fromMs: number; readonly toMs: number }): void {
  if (tally.count === 0) tally.firstMs = fromMs
  tally.count += count
  tally.lastMs = toMs
}

/** One message, without making an object for it. */
function addOne(tally: Tally, atMs: number): void {
  if (tally.count++ === 0) tally.firstMs = atMs
  tally.lastMs = atMs
}

class SenderLosses {
  readonly listener: string
  readonly noFreeBatch = newTally()
  readonly shed = newTally()
  templates: ShedTemplates | undefined

  constructor(listener: string) {
    this.listener = listener
  }

  tell(ref: number): IngestLoss[] {
    const { listener, noFreeBatch, shed, templates } = this
    return [
      ...(noFreeBatch.count > 0 ? [{ ref, listener, reason: 'no-free-batch' as const, ...noFreeBatch }] : []),
      ...(shed.count > 0 ? [{ ref, listener, reason: 'shed' as const, ...shed, templates: templates?.tell() }] : []),
    ]
  }
}

/** What could not be taken in, until the writer is told. Numbers are never given up, only whose they are when there are too many. */
export class LossBook {
  readonly #counters: IngestCounters
  readonly #senders = new Map<Sender, SenderLosses>() // at most MAX_LOSING_SENDERS
  readonly #others = new Map<string, SenderLosses>() // one a listener
  readonly #kernel = new Map<string, Tally>() // one a listener
  #shedSenders = 0
  #budget: TemplateBudget = { free: MAX_SHED_TEMPLATES }

  constructor(counters: IngestCounters) {
    this.#counters = counters
  }

  get isEmpty(): boolean {
    return this.#senders.size === 0 && this.#others.size === 0 && this.#kernel.size === 0
  }

  /** A datagram, or a line of one, for which there was no batch. */
  addUnplaced(sender: Sender, atMs: number): void {
    addOne(this.#of(sender).noFreeBatch, atMs)
    sender.counts.noFreeBatch++
    this.#counters.add('dropped-no-free-batch')
  }

  /** A row that is parsed and about to be taken back. */
  addShed(batch: Batch, row: number, sender: Sender): void {
    const losses = this.#of(sender)
    addOne(losses.shed, batch.receivedMs[row]!)
    if (losses.templates === undefined && this.#shedSenders < MAX_SHED_SENDERS) {
      this.#shedSenders++
      losses.templates = new ShedTemplates(this.#budget)
    }
    losses.templates?.add(batch, row)
    sender.counts.shed++
    this.#counters.add(SHED[(batch.pri[row]! & 7) - FIRST_SHED]!)
  }

  /** Datagrams that the kernel dropped between two looks. */
  addKernelDrops({ listener, count, ...when }: { readonly listener: string; readonly count: number; readonly fromMs: number; readonly toMs: number }): void {
    const tally = this.#kernel.get(listener) ?? newTally()
    this.#kernel.set(listener, tally)
    addTo(tally, count, when)
    this.#counters.add('dropped-kernel-buffer', count)
  }

  /** All of it, for the writer; the book is empty then. @param refOf the sender's ref in the epoch of the batch that it goes with */
  take(refOf: (sender: Sender) => number): IngestLoss[] {
    const told: IngestLoss[] = []
    for (const [sender, losses] of this.#senders) told.push(...losses.tell(refOf(sender)))
    for (const losses of this.#others.values()) told.push(...losses.tell(0))
    for (const [listener, tally] of this.#kernel) told.push({ ref: 0, listener, reason: 'kernel-buffer', ...tally })
    this.#senders.clear()
    this.#others.clear()
    this.#kernel.clear()
    this.#shedSenders = 0
    this.#budget = { free: MAX_SHED_TEMPLATES }
    return told
  }

  #of(sender: Sender): SenderLosses {
    const known = this.#senders.get(sender)
    if (known !== undefined) return known
    const isOther = this.#senders.size >= MAX_LOSING_SENDERS
    const losses = (isOther ? this.#others.get(sender.listener) : undefined) ?? new SenderLosses(sender.listener)
    if (isOther) this.#others.set(sender.listener, losses)
    else this.#senders.set(sender, losses)
    return losses
  }
}
