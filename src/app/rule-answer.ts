import type { TextFault } from '#domain/fault.ts'
import type { SuggestQuestion, Suggestion } from '#triggers/index.ts'

/** Where `routes.yaml` may be. */
export interface RoutesPlaces { readonly configured: string | undefined; readonly data: string; readonly directories: readonly string[] }

/** What is asked of rule files on disk, and of a text that is to become one. */
export type DeskQuestion = { readonly directories: readonly string[]; readonly routes?: RoutesPlaces | undefined; readonly nowMs: number } & (
  | { readonly kind: 'rules' }
  | { readonly kind: 'lint' | 'test'; readonly file: string; readonly text: string }
)
export interface DeskAnswer {
  readonly faults: readonly (TextFault & { readonly text: string })[]
  readonly warnings: readonly string[]
  readonly rules: number
  readonly tests: number
  /** Of `rules`: all of them, as they stand in their files. */
  readonly written: readonly DeskRule[]
}
/** A rule is to be made of lines; no files are read. */
export interface SuggestTask {
  readonly kind: 'suggest'
  readonly question: SuggestQuestion
}
/** A rule as it stands in its file. */
export interface DeskRule {
  readonly id: string
  readonly version: string
  readonly file: string
  readonly line: number
  readonly text: string
  readonly overridden: readonly { readonly what: string; readonly file: string; readonly line: number; readonly column: number }[]
  readonly by: readonly string[]
  readonly requires: readonly string[]
  readonly tags: readonly string[]
  readonly falseAlarms: string | undefined
  readonly runbook: string | undefined
  readonly owner: string | undefined
  readonly tests: readonly { readonly name: string; readonly steps: readonly string[] }[]
}
/** What the desk takes, and what it answers. */
export interface RuleDesk {
  (question: DeskQuestion): Promise<DeskAnswer>
  (question: SuggestTask): Promise<Suggestion>
}
