import type { Match } from '../rules/rule.ts'

/** `match: {}`: any message at all. */
export function isAny({ app, host, facilities, severities, contains, regex, fields, not, any, all }: Match): boolean {
  const isOpen = app === undefined && host === undefined && facilities === undefined && severities === undefined && regex === undefined && not === undefined
  return isOpen && contains.length === 0 && fields.length === 0 && any.length === 0 && all.length === 0
}
