import type { Sender } from './sender.ts'

/** What senders of datagrams have in one batch; at most one entry a row. */
interface BatchHoldings { readonly senders: Sender[]; readonly bytes: number[] }

/** How much room each sender of datagrams has in the batches that are filled, waiting or at the writer: `sender.heldBytes`. */
export class Holdings {
  #filling: BatchHoldings = { senders: [], bytes: [] }
  #number = 0
  /** Of the batches that were handed over and not settled yet, oldest first: the pool bounds them. */
  readonly #given: BatchHoldings[] = []

  /** A message of the sender stays in the batch being filled. */
  add(sender: Sender, bytes: number): void {
    const { senders, bytes: held } = this.#filling
    if (sender.heldBatch !== this.#number) {
      sender.heldBatch = this.#number
      sender.heldAt = senders.length
      senders.push(sender)
      held.push(0)
    }
    held[sender.heldAt]! += bytes
    sender.heldBytes += bytes
  }

  /** The batch being filled is handed over. */
  seal(): void {
    this.#given.push(this.#filling)
    this.#filling = { senders: [], bytes: [] }
    this.#number++
  }

  /** The oldest batch that was handed over is on disk, or was refused: its senders have their room back. */
  settle(): void {
    const settled = this.#given.shift()
    settled?.senders.forEach((sender, at) => (sender.heldBytes -= settled.bytes[at]!))
  }
}
