import type { Batch } from '#domain/batch.ts'
import type { ShedTemplate } from '#domain/loss.ts'
import { rawLength } from '#domain/raw-length.ts'

/** Kept of the newest example of each template. */
const SAMPLE_BYTES = 512
/** Of one sender between two reports; what comes beyond is counted under template 0. */
export const MAX_TEMPLATES_PER_SENDER = 32

/** Templates that all senders together may still have kept apart. */
export interface TemplateBudget { free: number }

class Entry {
  readonly templateLo: number
  readonly templateHi: number
  severity = 0
  count = 0
  firstMs = 0
  lastMs = 0
  readonly #sample = new Uint8Array(SAMPLE_BYTES)
  #sampleBytes = 0

  constructor(templateLo: number, templateHi: number) {
    this.templateLo = templateLo
    this.templateHi = templateHi
  }

  add(batch: Batch, row: number): void {
    const start = batch.frameStart[row]!
    const receivedMs = batch.receivedMs[row]!
    if (this.count++ === 0) this.firstMs = receivedMs
    this.lastMs = receivedMs
    this.severity = batch.pri[row]! & 7
    this.#sampleBytes = Math.min(SAMPLE_BYTES, rawLength(batch, row))
    this.#sample.set(batch.bytes.subarray(start, start + this.#sampleBytes))
  }

  tell(): ShedTemplate {
    const { templateLo, templateHi, severity, count, firstMs, lastMs } = this
    return { templateLo, templateHi, severity, count, firstMs, lastMs, sample: this.#sample.slice(0, this.#sampleBytes) }
  }
}

/** What was shed of one sender, by template. */
export class ShedTemplates {
  readonly #budget: TemplateBudget
  readonly #entries: Entry[] = []
  #rest: Entry | undefined

  constructor(budget: TemplateBudget) {
    this.#budget = budget
  }

  /** Counts a row that is parsed and about to be taken back. */
  add(batch: Batch, row: number): void {
    this.#entryOf(batch.templateLo[row]!, batch.templateHi[row]!).add(batch, row)
  }

  tell(): ShedTemplate[] {
    return [...this.#entries, ...(this.#rest === undefined ? [] : [this.#rest])].map((entry) => entry.tell())
  }

  #entryOf(templateLo: number, templateHi: number): Entry {
    for (const entry of this.#entries) if (entry.templateLo === templateLo && entry.templateHi === templateHi) return entry
    if (this.#entries.length === MAX_TEMPLATES_PER_SENDER || this.#budget.free === 0) return (this.#rest ??= new Entry(0, 0))
    this.#budget.free--
    const entry = new Entry(templateLo, templateHi)
    this.#entries.push(entry)
    return entry
  }
}
