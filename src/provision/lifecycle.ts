import type { EvidenceClass, LifecycleEvent, LifecycleState } from '#domain/lifecycle.ts'
import { TRANSITIONS, type Guard, type Transition } from './transitions.ts'

/** What the table may look at beside state and event; all of it read by the caller, so that the decision stays pure. */
export interface LifecycleContext {
  readonly evidence: EvidenceClass
  /** `boot` of the node's profile, undefined when it has none. */
  readonly profileBoot: 'net' | 'disk' | 'install' | undefined
  /** The state this one was entered from. */
  readonly previous: LifecycleState | undefined
  /** The last state that was neither `held` nor `rescue`. */
  readonly settled: LifecycleState | undefined
  /** What an unknown machine gets. */
  readonly unknownPolicy: 'hold' | 'refuse'
}

export const TRANSITION_REFUSALS = ['not-in-this-state', 'evidence-too-weak', 'needs-profile', 'policy'] as const
type TransitionRefusal = (typeof TRANSITION_REFUSALS)[number]

/** `to` equal to the state asked about means: noted, nothing changes. */
export type LifecycleAnswer = { readonly to: LifecycleState; readonly why: string } | { readonly refused: TransitionRefusal; readonly why: string }

/**
 * The lifecycle, pure and total: every state (undefined: a machine without one) and event has an answer with its reason.
 * The first row of the table that fits state and guard decides; a row that fits but asks for better evidence refuses.
 */
export function next(state: LifecycleState | undefined, event: LifecycleEvent, context: LifecycleContext): LifecycleAnswer {
  const rows = TRANSITIONS.filter((row) => row.on.includes(event) && row.from(state))
  if (rows.length === 0) return { refused: 'not-in-this-state', why: `${event} means nothing for a node that is ${state ?? 'unknown'}` }
  const row = rows.find((candidate) => guardFails(candidate.when, context) === undefined)
  if (row === undefined) return guardFails(rows.at(-1)!.when, context)!
  if (row.evidence < context.evidence) {
    return { refused: 'evidence-too-weak', why: `${event} needs evidence of class ${row.evidence}, this is class ${context.evidence}` }
  }
  return { to: target(row, state, context), why: row.why }
}

function target(row: Transition, state: LifecycleState | undefined, { previous, settled }: LifecycleContext): LifecycleState {
  if (row.to === 'same') return state ?? 'discovered'
  if (row.to === 'previous') return resumed(previous)
  if (row.to === 'settled') return resumed(settled)
  return row.to
}

/** Where a node goes on after a pause: a half-done installation starts anew, a machine that was away comes back as newly seen. */
function resumed(before: LifecycleState | undefined): LifecycleState {
  if (before === undefined || before === 'retired' || before === 'rescue') return 'discovered'
  return before === 'installing' ? 'install_wait' : before
}

function guardFails(guard: Guard | undefined, context: LifecycleContext): { readonly refused: TransitionRefusal; readonly why: string } | undefined {
  if (guard === undefined) return undefined
  if (guard === 'unknown-held') {
    return context.unknownPolicy === 'hold' ? undefined : { refused: 'policy', why: 'unknown machines are refused (boot.unknown)' }
  }
  if (context.profileBoot === undefined) return { refused: 'needs-profile', why: 'the node has no profile' }
  if (guard === 'any-profile' || guard.includes(context.profileBoot)) return undefined
  return { refused: 'needs-profile', why: `the node's profile boots from ${context.profileBoot}, this needs one that boots from ${guard.join(' or ')}` }
}
