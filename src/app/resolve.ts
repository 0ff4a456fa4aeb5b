import { canonicalIp } from '#base/ip.ts'
import { parseMac } from '#base/mac.ts'
import type { Query, ResolvedQuery } from '#store/index.ts'
import type { Records } from './records.ts'

/** Names in a search become ids: nodes by name, alias, MAC or address; sessions by hash or `#id`, joined ones with them; sources by address. */
export function resolveQuery(query: Query, records: Records): ResolvedQuery {
  switch (query.kind) {
    case 'and':
    case 'or':
      return { kind: query.kind, terms: query.terms.map((term) => resolveQuery(term, records)) }
    case 'not':
      return { kind: 'not', term: resolveQuery(query.term, records) }
    case 'name':
      return { kind: 'ids', field: query.field, ids: idsOf(query, records) }
    case 'all':
    case 'text':
    case 'regex':
    case 'field':
    case 'severity':
    case 'facility':
    case 'seq':
    case 'time':
      return query
  }
}

function idsOf({ field, value }: Extract<Query, { kind: 'name' }>, { nodes, sessions, sources }: Records): readonly number[] {
  switch (field) {
    case 'source':
      return sources.idsAt(canonicalIp(value) ?? value)
    case 'session':
      return sessions.expand(sessionIds(value, sessions))
    case 'node': {
      const named = nodes.idsNamed(value)
      const mac = parseMac(value)
      const address = canonicalIp(value)
      const other = named.length > 0 ? undefined : ((mac === undefined ? undefined : nodes.byMac(mac)) ?? (address === undefined ? undefined : nodes.byAddress(address)?.node))
      return other === undefined ? named : [other.id]
    }
  }
}

/** The sessions that a hash or `#id` may mean; more than one when six hex digits were not enough. */
export function sessionIds(value: string, sessions: Records['sessions']): number[] {
  const id = /^#(\d{1,15})$/.exec(value)?.[1]
  if (id === undefined) return sessions.byHash(value.toLowerCase()).map((session) => session.id)
  return sessions.byId(Number(id)) === undefined ? [] : [sessions.rootOf(Number(id))]
}
