import type { BatchHeader } from '#domain/batch.ts'
import type { Finding } from './finding.ts'
import type { Forgotten } from './run/belongs.ts'
import type { StudyAnswer, StudyQuestion } from './study/explain-answer.ts'
import type { Policy, RuleSeverity, RuleStatus } from './policy.ts'

export { RULE_SEVERITIES, RULE_STATUSES, type RuleSeverity, type RuleStatus } from './policy.ts'

/** A rule as the API and the command line show it. */
export interface RuleSummary {
  readonly id: string
  readonly version: string
  readonly file: string
  readonly severity: RuleSeverity
  readonly title: string
  readonly status: RuleStatus
  readonly kind?: string | undefined
  readonly pack?: string | undefined
}

/** What a rule has cost: pairs of message and condition that passed the gate, matches, and processor time, sampled; and keys that it knows something about now. */
export interface RuleCost { readonly rule: string; readonly candidates: number; readonly matches: number; readonly cpuMs: number; readonly keys: number }
/** A rule that is left out until then, or until rules are read again. */
export interface LeftOut { readonly rule: string; readonly untilMs: number }
/** A rule that looks at nothing and remembers nothing: it took more than its share while the rules were behind, or (`undefined`) it took the rules down. */
export interface StoppedRule extends LeftOut { readonly share: number | undefined }

/** What main says to the rules thread. */
export type RulesCommand =
  /** Effects of everything up to `cursor` are on disk. */
  | { readonly kind: 'applied'; readonly cursor: number }
  /** Files on disk changed or SIGHUP: load, test, swap or refuse whole. */
  | { readonly kind: 'reload' }
  /** Answered at once by `studied` with the same id: nothing changes by it. */
  | { readonly kind: 'study'; readonly id: number; readonly question: StudyQuestion }
  | { readonly kind: 'stop' }

/** What the log writer says to the rules thread on the port between them; each `batch` is answered by a RulesCredit. */
export type RulesFeed =
  /** A committed batch in shared memory, to be read until it is answered. A batch that was not sent for want of credit is read from the store. */
  | { readonly kind: 'batch'; readonly header: BatchHeader }
  /** All up to `lastSeq` is on disk; says that there is something to read when batches were not sent. */
  | { readonly kind: 'committed'; readonly lastSeq: number }

/** One batch was taken: with BATCHES_AHEAD sent and not answered, the writer sends only `committed`. */
export interface RulesCredit { readonly kind: 'taken'; readonly lastSeq: number }
export const BATCHES_AHEAD = 4

export type RulesEvent =
  /** What was found, on disk in `rules.db` already, and how far messages and time have come. Main gives effect to those above the last number that it applied, keeps number and cursor in the same transaction, and answers `applied`. Also sent without findings, so that time goes on. */
  | { readonly kind: 'findings'; readonly cursor: number; /** The last hub event that was taken. */ readonly eventId: number; readonly watermarkMs: number; /** The last number given to a finding. */ readonly lastId: number; readonly findings: readonly Finding[] }
  /** A set is in use. What rules that stay remember is kept; `reset`: they mean something else now and begin anew. */
  | {
      readonly kind: 'loaded'; readonly rules: number; readonly tests: number; readonly list: readonly RuleSummary[]; readonly policies: readonly Policy[]; readonly warnings: readonly string[]
      readonly kept: number; readonly reset: readonly string[]; readonly gone: readonly string[]
    }
  /** What the rules remembered could not be used, and why: they began anew where main stands. `aside`: the name that the file has now. */
  | { readonly kind: 'forgot'; readonly why: Forgotten; readonly aside: string }
  /** What each rule of the set has cost since the set was loaded, every few seconds; and those that the breaker stopped. */
  | { readonly kind: 'costs'; readonly costs: readonly RuleCost[]; readonly stopped: readonly StoppedRule[] }
  /** The old set stays. Each fault is `file:line:column: what (hint)`. */
  | { readonly kind: 'refused'; readonly faults: readonly string[] }
  | { readonly kind: 'log'; readonly level: 'info' | 'warn' | 'error'; readonly fields: Readonly<Record<string, unknown>>; readonly message: string }
  | { readonly kind: 'studied'; readonly id: number; readonly answer: StudyAnswer }
  | { readonly kind: 'stopped' }
