import { DAMAGE_BITS } from '#domain/dialects.ts'
import { OTHER_FORMS } from '#domain/source.ts'
import type { WriterCounters } from './counters.ts'
import type { SourceState } from './state.ts'

/** Forms kept apart of one sender; all others are counted together. Real senders have fewer than ten. */
export const MAX_FORMS = 32
/** Forms of all senders together, for each sender that is kept apart: the memory and the rows of hub.db that a flood can take. */
export const FORMS_PER_SOURCE = 4

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

/** What each sender sends: how many messages of which format with which deviations. */
export interface Forms {
  readonly dirty: Set<FormState>
  /** The form of a row; one that is new is made, or is `OTHER_FORMS` beyond the limits. */
  of(source: SourceState, format: number, faults: number): FormState
}

export function createForms({ counters, maxSources }: { readonly counters: Pick<WriterCounters, 'add'>; readonly maxSources: number }, known: Iterable<SourceState>): Forms {
  const max = FORMS_PER_SOURCE * maxSources
  let count = 0
  for (const source of known) count += source.forms.length
  const make = (source: SourceState, format: number, faults: number): FormState => {
    const form = new FormState({ sourceId: source.id, format, faults })
    source.forms.push(form)
    count++
    return form
  }
  return {
    dirty: new Set(),
    of(source, format, faults) {
      const { forms } = source
      for (let i = 0; i < forms.length; i++) {
        const form = forms[i]!
        if (form.faults === faults && form.format === format) return form
      }
      // The first form of a sender is always its own, so that there is at least this much to show.
      if (forms.length === 0 || (forms.length < MAX_FORMS && count < max)) return make(source, format, faults)
      counters.add('refused:forms')
      return forms.find((form) => form.format === OTHER_FORMS) ?? make(source, OTHER_FORMS, 0)
    },
  }
}

/** The messages of a form say less than their sender meant. */
export const isDamaged = (faults: number): boolean => (faults & DAMAGE_BITS) !== 0

/** Messages of this form are on disk. */
export function countForm(form: FormState, { rows, lastMs, lastSeq }: { readonly rows: number; readonly lastMs: number; readonly lastSeq: number }): void {
  if (form.messages === 0) form.firstMs = lastMs
  form.messages += rows
  form.lastMs = lastMs
  form.lastSeq = Math.max(form.lastSeq, lastSeq)
}
