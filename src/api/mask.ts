import { masked } from '#base/masked.ts'
import type { CallerRole } from './caller-part.ts'

/** Operators see addresses, nobody else. */
export const maskFor = (role: CallerRole): ((text: string) => string) => (role === 'operator' ? (text) => text : masked)

interface Tried { readonly last_error: string | null }

/** Notices of an alert as this caller may see them: what servers say names the people they were asked about. */
export function shownTo(role: CallerRole): <N extends Tried>(notices: readonly N[]) => N[] {
  const mask = maskFor(role)
  return (notices) => notices.map((notice) => (notice.last_error === null ? notice : { ...notice, last_error: mask(notice.last_error) }))
}
