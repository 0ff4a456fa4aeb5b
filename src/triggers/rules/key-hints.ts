import type { ValueFault } from '#config/index.ts'

/** Keys that people know from elsewhere, and what is meant by them here. */
const HINTS: ReadonlyMap<string, string> = new Map([
  ['actions', 'a rule starts nothing by itself: `emit: {event: op.hold}` holds a node, `notify` tells a receiver, which may be a webhook'],
  ['set_state', 'the lifecycle decides: `emit: {event: op.hold}` holds a node'],
  ['run', 'a rule starts nothing by itself: a webhook receiver of routes.yaml may'],
  ['hours', 'quiet hours belong to a route or receiver in routes.yaml'],
  ['report', 'a report is a digest of a receiver in routes.yaml'],
  ['digest', 'digests belong to a receiver in routes.yaml'],
  ['limit', 'caps belong to a receiver in routes.yaml'],
  ['group_by', 'grouping belongs to a route in routes.yaml; `by` is what alerts are told apart by'],
  ['stage', '`where: {stage: […]}` beside `when`'],
  ['node', '`where: {node: {…}}` beside `when`; a host name is `host`'],
  ['tag', 'a message has no tag: use `app`'],
  ['program', '`app` is meant'],
  ['threshold', '`at_least` is meant'],
  ['window', '`within` is meant'],
  ['timeframe', '`within` is meant'],
])

export const hintFor = ({ at, path }: ValueFault): string | undefined => (at === 'key' ? HINTS.get(String(path.at(-1))) : undefined)
