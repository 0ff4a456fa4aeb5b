import { formatUtc } from '#base/time.ts'
import type { PastFacts } from '#store/index.ts'
import type { Routes } from '../routes/routes.ts'
import { patternsOf } from '../rules/patterns.ts'
import type { Rule } from '../rules/rule.ts'
import type { BacktestSet } from './backtest-set.ts'

export interface RemarkParts {
  readonly set: BacktestSet
  readonly past: Pick<PastFacts, 'oldestMs'>
  readonly fromMs: number
  readonly routes: Routes
  /** Why the file of the routes could not be read. */
  readonly routesFault: string | undefined
  /** There are messages of the time at all. */
  readonly hasMessages: boolean
}

/** What a back-test of these rules cannot know, or does otherwise than the hub did: only what may matter for them. */
export function remarksOf({ set, past, fromMs, routes, routesFault, hasMessages }: RemarkParts): readonly string[] {
  const tested = set.rules.filter(({ id }) => set.tested.has(id))
  const asksEvents = set.rules.some((rule) => patternsOf(rule).some(({ on }) => on.kind === 'event' && on.event.event !== 'alert') || rule.policy.resolve.atSessionEnd)
  const remarks = [
    hasMessages ? undefined : 'No message of this time is stored: it was before the hub, or retention has removed it.',
    'Nobody acknowledges, closes or silences here, and announced work is not known: what goes on is repeated as often as the routes say.',
    set.rules.some(asksInventory) ? 'Names, labels and profiles of nodes are those of today, not of then; a node that was added since counts as if it had been there.' : undefined,
    asksEvents && (past.oldestMs === undefined || past.oldestMs > fromMs) ? `Sessions, stages and states are known ${past.oldestMs === undefined ? 'of no time: the hub has noted none' : `since ${formatUtc(past.oldestMs)} only`}; before that the rules hear of none.` : undefined,
    tested.some(remembers) ? 'The memory of the rules is empty at the start of the time: what was counted, awaited or learned before it is not known.' : undefined,
    routesFault === undefined ? undefined : `The routes have a fault, and nobody is told here: ${routesFault}`,
    routesFault === undefined && routes.names.length === 0 ? 'There are no routes: nobody would have been told.' : undefined,
    tested.some(({ emit }) => emit !== undefined) ? 'Stages and changes of state that the rules report are counted and have no effect; those that the hub noted then are there.' : undefined,
  ]
  return remarks.filter((remark) => remark !== undefined)
}

const asksInventory = ({ where, by, when }: Rule): boolean => where !== undefined || when.kind === 'absent' || by.some((name) => !['node', 'session', 'app', 'host'].includes(name))
const remembers = ({ when, policy }: Rule): boolean => (when.kind !== 'match' && when.kind !== 'schedule') || policy.forMs > 0
