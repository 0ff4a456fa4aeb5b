import { DAMAGE_BITS } from '#domain/dialects.ts'
import { OTHER_FORMS } from '#domain/source.ts'
import type { WriterCounters } from './counters.ts'
import { FormState } from './form-state.ts'
import type { SourceState } from './state.ts'

/** Forms kept apart of one sender; all others are counted together. Real senders have fewer than ten. */
export const MAX_FORMS = 32
/** Forms of all senders together, for each sender that is kept apart: the memory and the rows of hub.db that a flood can take. */
export const FORMS_PER_SOURCE = 4

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
