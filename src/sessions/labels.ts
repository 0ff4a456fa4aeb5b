import { LABEL } from '#domain/wire.ts'
import { METHOD } from './identity.ts'
import type { Parts } from './lifecycle.ts'
import type { Binding, Speaker } from './sources.ts'
import type { SessionState } from './state.ts'

/** A label is followed to a session of the node that the address says, or, where the address says nothing, that the host name does not contradict. */
export function labelledSession({ book, counters }: Parts, { label, speaker, binding }: { readonly label: string; readonly speaker: Speaker; readonly binding: Binding }): SessionState | undefined {
  if (label !== speaker.label) {
    speaker.label = label
    speaker.labelled = LABEL.test(label) ? book.byHash(label) : []
  }
  // A hash that was not known may have been given since: these look-ups are remembered by the book.
  if (speaker.labelled.length === 0 && LABEL.test(label)) speaker.labelled = book.byHash(label)
  const found = speaker.labelled
  if (found.length === 0) {
    counters.add('label:unknown')
    return undefined
  }
  const own = found.filter((session) => session.node === binding.node)
  if (own.length > 0) return rootOf(own[0]!)
  const isNamed = binding.node !== undefined && binding.method !== METHOD['source-address']
  if (isNamed) counters.add('label:contradiction')
  else if (found.length > 1) counters.add('label:ambiguous')
  else return rootOf(found[0]!)
  return undefined
}

const rootOf = (session: SessionState): SessionState => session.joinedTo ?? session
