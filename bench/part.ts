import type { Outcome } from './outcome.ts'
import type { Options } from './options.ts'
import type { StoredHub } from './stored-hub.ts'

/** One of the figures that the project set itself: against a peer of the same run where it is a ratio. */
export interface Figure {
  readonly id: string
  readonly what: string
  readonly reach: string
  readonly got: string
  /** undefined: shown and not judged, because the run was too small or the thing is not there; `got` says which. */
  readonly reached: boolean | undefined
  /** CPU seconds by thread, given where the figure is not reached. */
  readonly profile?: Readonly<Record<string, number>>
}

/** What must hold at any size and on any machine; a failed one fails the run. */
export interface Check {
  readonly what: string
  readonly ok: boolean
}

/** What one scenario has to say. */
export interface Part {
  readonly outcomes?: readonly Outcome[]
  readonly figures: readonly Figure[]
  readonly checks: readonly Check[]
  /** Everything measured that is in no table, for the results file. */
  readonly details?: unknown
}

export interface Bench {
  readonly options: Options
  /** The store of the search scenario, made on first use and shared; removed at the end of the run. */
  stored(): Promise<StoredHub>
  say(line: string): void
}

export interface Scenario {
  readonly name: string
  run(bench: Bench): Promise<Part>
}
