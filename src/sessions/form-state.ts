/** One way in which a sender writes its messages. Counted with every batch: one shape for all, and times that are never small integers. */
export class FormState {
  readonly sourceId: number
  readonly format: number
  readonly faults: number
  messages = 0
  firstMs = Number.NaN
  lastMs = Number.NaN
  lastSeq = 0
  batchRows = 0
  batchLastRow = 0

  constructor({ sourceId, format, faults }: { readonly sourceId: number; readonly format: number; readonly faults: number }) {
    this.sourceId = sourceId
    this.format = format
    this.faults = faults
  }
}

/** Messages of this form are on disk. */
export function countForm(form: FormState, { rows, lastMs, lastSeq }: { readonly rows: number; readonly lastMs: number; readonly lastSeq: number }): void {
  if (form.messages === 0) form.firstMs = lastMs
  form.messages += rows
  form.lastMs = lastMs
  form.lastSeq = Math.max(form.lastSeq, lastSeq)
}
