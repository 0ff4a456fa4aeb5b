import { canonicalIp } from '#base/ip.ts'
import { parseMac } from '#base/mac.ts'
import { AppFault } from '#domain/fault.ts'
import type { Query, ResolvedQuery } from '#store/index.ts'
import type { Records } from './records.ts'

/** Names in a search become at most this many ids; `node:*` of a larger fleet is refused and not cut. */
const MAX_NAMED_IDS = 100_000
/** Boot sessions that a time since the boot is worked out for; more are refused. */
export const MAX_BOOT_SESSIONS = 10_000

/** What the terms beside a time since the boot say about its sessions. */
interface Scope { readonly nodeIds?: readonly number[]; readonly sessionIds?: readonly number[] }
type NameQuery = Extract<Query, { kind: 'name' }>

/**
 * Names in a search become ids: nodes by name, alias, MAC or address, with a `*` behind the beginning of a name; sessions by
 * hash or `#id`, joined ones with them; sources by address. Times since the boot become a range of time for each session.
 * Throws AppFault `bad-query` where a bound is met.
 */
export function resolveQuery(query: Query, records: Records): ResolvedQuery {
  return resolveIn(query, records, {})
}

function resolveIn(query: Query, records: Records, scope: Scope): ResolvedQuery {
  switch (query.kind) {
    case 'and': {
      const inner = query.terms.some(holdsBootTime) ? narrowed(query.terms, records, scope) : scope
      return { kind: 'and', terms: query.terms.map((term) => resolveIn(term, records, inner)) }
    }
    case 'or':
      return { kind: 'or', terms: query.terms.map((term) => resolveIn(term, records, scope)) }
    case 'not':
      return { kind: 'not', term: resolveIn(query.term, records, scope) }
    case 'name':
      return { kind: 'ids', field: query.field, ids: idsOf(query, records) }
    case 'boot-time':
      return resolveBootTime(query, records, scope)
    case 'all':
    case 'text':
    case 'regex':
    case 'field':
    case 'param':
    case 'severity':
    case 'facility':
    case 'format':
    case 'fault':
    case 'method':
    case 'template':
    case 'seq':
    case 'procid':
    case 'confidence':
    case 'time':
      return query
  }
}

function holdsBootTime(query: Query): boolean {
  if (query.kind === 'and' || query.kind === 'or') return query.terms.some(holdsBootTime)
  return query.kind === 'not' ? holdsBootTime(query.term) : query.kind === 'boot-time'
}

/** Terms that must all hold: only messages of these nodes and sessions can answer, whatever else is asked of them. */
function narrowed(terms: readonly Query[], records: Records, scope: Scope): Scope {
  const common = (a: readonly number[] | undefined, b: readonly number[]): readonly number[] => (a === undefined ? b : [...new Set(a).intersection(new Set(b))])
  let { nodeIds, sessionIds } = scope
  for (const names of terms.map(namesOf)) {
    const field = names[0]?.field
    if (field === undefined || field === 'source' || names.some((name) => name.field !== field)) continue
    const ids = names.flatMap((name) => idsOf(name, records))
    if (field === 'node') nodeIds = common(nodeIds, ids)
    else sessionIds = common(sessionIds, ids)
  }
  return { ...(nodeIds === undefined ? {} : { nodeIds }), ...(sessionIds === undefined ? {} : { sessionIds }) }
}

/** One name, or the names of a list; none where other terms are among them. */
function namesOf(query: Query): readonly NameQuery[] {
  if (query.kind === 'name') return [query]
  return query.kind === 'or' && query.terms.every((term) => term.kind === 'name') ? query.terms : []
}

function resolveBootTime({ fromMs, untilMs }: Extract<Query, { kind: 'boot-time' }>, { sessions }: Records, { nodeIds, sessionIds: ids }: Scope): ResolvedQuery {
  const { openings, isCut } = sessions.openings({ nodeIds, ids, limit: MAX_BOOT_SESSIONS })
  if (isCut) throw new AppFault('bad-query', `A time since the boot is worked out for ${MAX_BOOT_SESSIONS} boot sessions at most; name nodes or sessions beside it: node:tch-001 since:boot+90s`)
  return { kind: 'session-times', spans: openings.map(({ id, openedMs }) => ({ id, fromMs: fromMs === undefined ? -Infinity : openedMs + fromMs, untilMs: untilMs === undefined ? Infinity : openedMs + untilMs })) }
}

function idsOf({ field, value }: NameQuery, { nodes, sessions, sources }: Records): readonly number[] {
  switch (field) {
    case 'source':
      return bounded(sources.idsAt(canonicalIp(value) ?? value), value)
    case 'session':
      return sessions.expand(sessionIds(value, sessions))
    case 'node': {
      const named = nodes.idsNamed(value)
      const mac = parseMac(value)
      const address = canonicalIp(value)
      const other = named.length > 0 ? undefined : ((mac === undefined ? undefined : nodes.byMac(mac)) ?? (address === undefined ? undefined : nodes.byAddress(address)?.node))
      return other === undefined ? bounded(named, value) : [other.id]
    }
  }
}

function bounded(ids: readonly number[], value: string): readonly number[] {
  if (ids.length > MAX_NAMED_IDS) throw new AppFault('bad-query', `“${value}” means ${ids.length} names; a search takes ${MAX_NAMED_IDS} at most`)
  return ids
}

/** The sessions that a hash or `#id` may mean; more than one when six hex digits were not enough. */
export function sessionIds(value: string, sessions: Records['sessions']): number[] {
  const id = /^#(\d{1,15})$/.exec(value)?.[1]
  if (id === undefined) return sessions.byHash(value.toLowerCase()).map((session) => session.id)
  return sessions.byId(Number(id)) === undefined ? [] : [sessions.rootOf(Number(id))]
}
