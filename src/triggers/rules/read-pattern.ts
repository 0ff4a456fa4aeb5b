import { HUB_EVENT_KINDS, type HubEventKind } from '#domain/hub-event.ts'
import { LIFECYCLE_STATES } from '#domain/lifecycle.ts'
import { STAGE_NAMES } from '#domain/stages.ts'
import { below, checkWord, itemPlace, list, refuse, type Reading } from './fault.ts'
import { readMatch } from './read-match.ts'
import type { EventMatch, Pattern } from './rule.ts'
import type { EventFile, PatternFile } from './schema-match.ts'

/** Words that `to` may use; of a trigger command it is a receiver, whose names are not known here. */
export const EVENT_WORDS: Readonly<Record<HubEventKind, readonly string[] | undefined>> = {
  session: ['start', 'end'],
  stage: STAGE_NAMES,
  state: LIFECYCLE_STATES,
  alert: ['firing', 'acknowledged', 'resolved'],
  trigger: undefined,
}
/** What patterns may ask for. An alert is none of them: a rule would answer its own; `alerts` is for that. */
export const PATTERN_EVENTS = HUB_EVENT_KINDS.filter((kind) => kind !== 'alert')
const ANY_LINE: Pattern = { kind: 'line', match: readMatch({}, { path: [], faults: [] }) }

/** @param options.empty whether `{}` (any message at all) may stand here */
export function readPattern(text: PatternFile, { at, empty = 'refused' }: { readonly at: Reading; readonly empty?: 'any message' | 'refused' }): Pattern {
  const { match, event, to, from } = text
  if (event === undefined && (to !== undefined || from !== undefined)) refuse(below(at, to === undefined ? 'from' : 'to'), '`to` and `from` go with `event`')
  if (match !== undefined && event !== undefined) refuse(at, 'either `match` or `event`, not both')
  if (event !== undefined) return { kind: 'event', event: typeof event === 'string' ? readEvent({ event, ...(to === undefined ? {} : { to }), ...(from === undefined ? {} : { from }) }, at) : nested(event, text, at) }
  if (Object.keys(match ?? {}).length > 0) return { kind: 'line', match: readMatch(match!, below(at, 'match')) }
  if (empty === 'refused') refuse(match === undefined ? at : below(at, 'match'), 'a condition says at least one thing', 'e.g. `match: {app: kernel}` or `event: session`')
  return ANY_LINE
}

function nested(event: EventFile, { to, from }: PatternFile, at: Reading): EventMatch {
  if (to !== undefined || from !== undefined) refuse(at, '`to` and `from` stand either inside of `event` or beside it, not both')
  return readEvent(event, below(at, 'event'))
}

function readEvent({ event, to, from }: EventFile, at: Reading): EventMatch {
  const kind = event as HubEventKind
  if (kind === 'alert') refuse(below(at, 'event'), 'a rule cannot wait for single alerts: it would answer its own', '`alerts:` counts those of other rules')
  else checkWord(kind, PATTERN_EVENTS, { at: below(at, 'event'), what: 'event of the hub' })
  if (from !== undefined && kind !== 'state') refuse(below(at, 'from'), 'only `state` has a `from`')
  checkWords(kind, to, below(at, 'to'))
  if (kind === 'state') checkWords(kind, from, below(at, 'from'))
  return { event: kind, to: to === undefined ? undefined : list(to), from: from === undefined ? undefined : list(from) }
}

function checkWords(kind: HubEventKind, value: string | readonly string[] | undefined, at: Reading): void {
  const words = EVENT_WORDS[kind]
  if (words === undefined || value === undefined) return
  list(value).forEach((word, index) => checkWord(word, words, { at: itemPlace(at, value, index), what: `\`${kind}\`` }))
}
