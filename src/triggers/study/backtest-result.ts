import type { AlertSeverity } from '#domain/alert.ts'
import type { Telling } from '../notice.ts'

/** What a back-test found; plain data. Times are epoch milliseconds. */
export interface BacktestResult {
  /** What was asked for, cut to what is stored. */
  readonly fromMs: number
  readonly untilMs: number
  /** How far it came: `untilMs` unless it was stopped. */
  readonly reachedMs: number
  readonly complete: boolean
  /** Why not: a person stopped it, or it came to so many alerts that more say nothing. */
  readonly reason: BacktestEnd | undefined
  /** Messages that the rules were held against, those that could be passed over included, and hub events. */
  readonly messages: number
  readonly events: number
  /** Of the tried rules: how often their condition held, and what ended something. */
  readonly matches: number
  readonly clears: number
  /** Findings that would have reported a stage or a change of state. */
  readonly reports: number
  readonly alerts: AlertTally
  readonly notices: NoticeTally
  readonly rules: readonly RuleTally[]
  /** The nodes with the most alerts; of the others the number of alerts. */
  readonly nodes: readonly NodeTally[]
  readonly otherNodes: { readonly nodes: number; readonly alerts: number }
  readonly stepMs: number
  /** Steps of time in which something fired or was told, in order. */
  readonly steps: readonly StepTally[]
  readonly first: readonly BacktestAlert[]
  /** Rules that ran beside the tried ones, since these would not do the same without them. */
  readonly companions: readonly string[]
  /** What it cannot know, in words. */
  readonly remarks: readonly string[]
}

export const BACKTEST_ENDS = ['cancelled', 'alerts'] as const
export type BacktestEnd = (typeof BACKTEST_ENDS)[number]

export interface AlertTally {
  readonly opened: number
  readonly fired: number
  /** Over before they had lasted as long as the rule asks for. */
  readonly unlasted: number
  /** How often one came back while it was held open. */
  readonly flaps: number
  readonly escalated: number
  /** Over within minutes after they fired, which `MINUTES` says. */
  readonly short: number
  readonly openAtEnd: number
  /** Findings for which no alert was opened: as many as may be were open. */
  readonly refused: number
}
/** An alert that was over this soon was hardly worth a mail. */
export const SHORT_MS = 5 * 60_000

export interface NoticeTally {
  readonly total: number
  /** Those that say something that nobody knew: an alert fires, or is escalated. */
  readonly news: number
  readonly receivers: readonly ReceiverTally[]
  /** Alerts that were left out of a notice or held for a digest, by reason, the most first; each look at a group counts. */
  readonly left: readonly { readonly reason: string; readonly count: number }[]
}
export interface ReceiverTally {
  readonly receiver: string
  /** The routes have it. */
  readonly isKnown: boolean
  readonly mails: number
  readonly webhooks: number
  readonly news: number
  /** Repeats: it goes on. */
  readonly still: number
  readonly resolved: number
  readonly digests: number
}
export interface RuleTally { readonly rule: string; readonly matches: number; readonly alerts: number; readonly fired: number }
/** `nodeId` 0: about none; then `node` is '' . */
export interface NodeTally { readonly nodeId: number; readonly node: string; readonly alerts: number }
export interface StepTally { readonly atMs: number; readonly alerts: number; readonly notices: number }

export interface BacktestAlert {
  readonly rule: string
  readonly severity: AlertSeverity
  readonly title: string
  readonly node: string
  readonly firstMs: number
  readonly firedMs: number | undefined
  readonly lastMs: number
  /** undefined: open at the end. */
  readonly overMs: number | undefined
  readonly count: number
  readonly flaps: number
  /** The message that showed it first; 0: none. */
  readonly firstSeq: number
  readonly notices: number
}

/** What a notice is to whoever gets it: the first that applies. */
export type NoticeSort = 'digests' | 'news' | 'still' | 'resolved'
export const sortOf = (isDigest: boolean, tellings: readonly Telling[]): NoticeSort => {
  if (isDigest) return 'digests'
  if (tellings.some((telling) => telling === 'firing' || telling === 'escalated' || telling === 'fired-and-resolved' || telling === 'unacknowledged')) return 'news'
  return tellings.includes('still') ? 'still' : 'resolved'
}
