import type { FileVerdicts } from './file-verdicts.ts'
import type { RunDecoder } from './load-run.ts'
import type { Plan } from './plan.ts'
import type { RunChunk } from './run-files.ts'

/** What one run is asked. */
export interface RunQuestion {
  readonly plan: Plan
  readonly verdicts: FileVerdicts
  readonly decoder: RunDecoder
  /** Only rows with a seq greater than this, and than the plan's … */
  readonly afterSeq: number
  /** … and less than this, and than the plan's. */
  readonly beforeSeq: number
  /** A block could not be read; the others are. */
  onDamage(block: number, error: unknown): void
}

/** Which rows are looked for: `open` leaves out those that are answers by their shape alone, which lists have counted. */
export type AnswerKind = 'all' | 'open'

/** Places `from … to`. */
export interface PlaceRange { readonly from: number; readonly to: number }

/** The bounds that lie inside the run, and whether there are any. Throws nothing. */
export function boundsIn(chunk: RunChunk, { plan, afterSeq, beforeSeq }: Pick<RunQuestion, 'plan' | 'afterSeq' | 'beforeSeq'>): { readonly after: number; readonly before: number; readonly hasBounds: boolean } {
  const after = Math.max(afterSeq, plan.afterSeq)
  const before = Math.min(beforeSeq, plan.beforeSeq)
  return { after, before, hasBounds: after >= chunk.firstSeq || before <= chunk.lastSeq }
}
