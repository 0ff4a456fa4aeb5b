/** Transactions that follow each other, of frames that one batch holds. */
interface Run { readonly batch: number; readonly first: number; count: number }

const OK = Buffer.from(' rsp 6 200 OK\n')
const MAX_DIGITS = 9

/**
 * What a RELP client waits for: its transactions by the batch that holds their messages, in order. Bounded by the rows of
 * the batches that are under way: every transaction has a row in one of them.
 */
export class RelpAcks {
  readonly #runs: Run[] = []

  get isEmpty(): boolean {
    return this.#runs.length === 0
  }

  add(transaction: number, batch: number): void {
    const last = this.#runs.at(-1)
    if (last !== undefined && last.batch === batch && transaction === last.first + last.count) last.count++
    else this.#runs.push({ batch, first: transaction, count: 1 })
  }

  /** Takes off all that is on disk up to and including `batch`. @returns how many that were, and the answers `TXNR rsp 6 200 OK` in order, as bytes */
  settle(batch: number): { readonly answers: Buffer; readonly count: number } {
    let due = 0
    let count = 0
    while (due < this.#runs.length && this.#runs[due]!.batch <= batch) count += this.#runs[due++]!.count
    const answers = Buffer.allocUnsafe(count * (MAX_DIGITS + OK.length))
    let at = 0
    for (const run of this.#runs.splice(0, due)) {
      for (let i = 0; i < run.count; i++) {
        at += answers.write(String(run.first + i), at, 'latin1')
        at += OK.copy(answers, at)
      }
    }
    return { answers: answers.subarray(0, at), count }
  }
}
