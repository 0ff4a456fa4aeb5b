import type { BacktestResult, NoiseReport } from '#triggers/index.ts'

/** What the thread of a study is asked: rules on the past, or how noisy they were. */
export type StudyQuestion = BacktestQuestion | { readonly kind: 'noise'; readonly sinceMs: number }
export interface BacktestQuestion {
  readonly kind: 'backtest'
  /** A rule of the files on disk, or a file that stands for the one of its name, whose rules are tried. */
  readonly what: { readonly kind: 'rule'; readonly id: string } | { readonly kind: 'file'; readonly file: string; readonly text: string }
  readonly fromMs: number
  readonly untilMs: number
  /** Alerts that are shown one by one. */
  readonly limit: number
}

/** `refused`: the files have faults, `file:line:column: what (hint)`. */
export type StudyReply =
  | { readonly kind: 'progress'; readonly done: number; readonly total: number }
  | { readonly kind: 'no-rule' }
  | { readonly kind: 'refused'; readonly faults: readonly string[] }
  | { readonly kind: 'backtest'; readonly result: BacktestResult }
  | { readonly kind: 'noise'; readonly report: NoiseReport }
export type StudyAnswer = Exclude<StudyReply, { kind: 'progress' }>
