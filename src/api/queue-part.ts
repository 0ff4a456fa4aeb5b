/** A queue, as `app` gives it to the API. */
export interface QueueView {
  readonly name: string
  readonly unit: string
  /** null: bounded by something else than memory. */
  readonly bound: number | null
  readonly fill: number
  /** Within the last ten minutes. */
  readonly peak: number
  /** waits, slows, refuses, drops */
  readonly full: string
  readonly means: string
  readonly when_full: string
  readonly counter: string | null
  /** What that counter stands at, since the hub started. */
  readonly counted: number | null
}

export const VERDICTS = ['ok', 'warn', 'fail'] as const
export type Verdict = (typeof VERDICTS)[number]

/** One thing that was looked at. */
export interface DoctorCheck {
  readonly name: string
  readonly verdict: Verdict
  /** What was found, one sentence. */
  readonly finding: string
  /** What to do, a command where there is one; null: nothing. */
  readonly mend: string | null
}

export interface DoctorView {
  readonly version: string
  readonly host: string
  readonly started: string
  /** The clock of the hub. */
  readonly now: string
  readonly verdict: Verdict
  readonly checks: readonly DoctorCheck[]
}

export interface DoctorPart {
  queues(): Promise<readonly QueueView[]>
  examine(): Promise<DoctorView>
}
