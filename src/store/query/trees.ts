import type { Query } from '../query.ts'

/** The canonical shape: no `and` in an `and`, no `or` in an `or`, none with a single term, one range of each kind of time per `and`. */
export function conjunction(parts: readonly Query[]): Query {
  const terms = parts.flatMap((part) => (part.kind === 'and' ? part.terms : [part]))
  return single('and', mergeTimes('boot-time', mergeTimes('time', terms)))
}

export function disjunction(choices: readonly Query[]): Query {
  return single('or', choices.flatMap((choice) => (choice.kind === 'or' ? choice.terms : [choice])))
}

const single = (kind: 'and' | 'or', terms: readonly Query[]): Query => (terms.length === 1 ? terms[0] : { kind, terms })

/** `since:… until:…` is one range, at the place of the first of them; several are their intersection. */
function mergeTimes(kind: 'time' | 'boot-time', terms: readonly Query[]): Query[] {
  const times = terms.filter((term) => term.kind === kind) as readonly Extract<Query, { kind: 'time' | 'boot-time' }>[]
  if (times.length < 2) return [...terms]
  const from = times.map((time) => time.fromMs).filter((ms) => ms !== undefined)
  const until = times.map((time) => time.untilMs).filter((ms) => ms !== undefined)
  const merged: Query = { kind, fromMs: from.length === 0 ? undefined : Math.max(...from), untilMs: until.length === 0 ? undefined : Math.min(...until) }
  const place = terms.findIndex((term) => term.kind === kind)
  return terms.filter((term, i) => term.kind !== kind || i === place).map((term) => (term.kind === kind ? merged : term))
}
