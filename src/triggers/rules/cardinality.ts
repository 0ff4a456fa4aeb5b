import { groupNames } from '../match/condition.ts'
import type { RuleFault } from './fault.ts'
import { patternsOf } from './patterns.ts'
import type { Match, Rule } from './rule.ts'

/** More digits than this, or any number of them, make a key of something that is another one each time. */
const MANY_DIGITS = 5
/** `(?<pid>\d+)`, `(?<at>[0-9a-f]{8,})`: numbers with nothing before them in the group. */
const NUMBER = /^(?:\\d|\[(?:0-9|\\d)(?:a-f|A-F)*\])(?<count>[+*]|\{\d+(?:,\d*)?\})?$/
/** `(?<what>.+)`: whatever there is. */
const ANYTHING = /^\.[+*]\??$/

/** Named groups in `by` that may have any number of values: each makes an alert of its own. Paths begin at the rule. */
export function highCardinality(rule: Rule): readonly RuleFault[] {
  const bodies = new Map(patternsOf(rule).flatMap(({ on }) => (on.kind === 'line' ? groupBodies(on.match) : [])))
  return rule.by.flatMap((name, index) => {
    const body = bodies.get(name)
    const what = body === undefined ? undefined : kindOf(body)
    return what === undefined ? [] : [{ path: ['by', index], message: `\`${name}\` may be ${what}: each value makes an alert of its own`, hint: 'leave it out of `by`, or say more closely what it may be, e.g. \\d{1,3}' }]
  })
}

function kindOf(body: string): string | undefined {
  if (ANYTHING.test(body)) return 'anything'
  const number = NUMBER.exec(body)
  const count = number?.groups?.['count']
  if (number === null || count === undefined) return undefined
  const most = count.startsWith('{') ? (/^\{\d+,\}$/.test(count) ? Number.POSITIVE_INFINITY : Number(/(\d+)\}$/.exec(count)![1])) : Number.POSITIVE_INFINITY
  return most >= MANY_DIGITS ? 'any number' : undefined
}

const groupBodies = (match: Match): readonly (readonly [string, string])[] => [
  ...(match.regex === undefined ? [] : bodiesIn(match.regex.source)),
  ...[...match.any, ...match.all].flatMap(groupBodies),
]

/** Name and inside of the named groups of an expression that hold no other group. */
const bodiesIn = (source: string): readonly (readonly [string, string])[] =>
  [...source.matchAll(/\(\?P?<(\w+)>((?:\\.|\[\^?\]?(?:\\.|[^\]\\])*\]|[^()[\]\\])*)\)/g)].map(([, name, body]) => [name!, body!])

/** Named groups in `by` that some branch of an `any` does not give: what matches there shares one key. Paths begin at the rule. */
export function sometimesMissing(rule: Rule): readonly RuleFault[] {
  const begins = patternsOf(rule).find((pattern) => pattern.role === 'on' || pattern.role === 'after' || (pattern.role === 'step' && pattern.step === 0))
  if (begins === undefined || begins.on.kind !== 'line') return []
  const [all, sure] = [groupNames(begins.on.match), sureGroups(begins.on.match)]
  return rule.by.flatMap((name, index) => (all.includes(name) && !sure.has(name) ? [{ path: ['by', index], message: `not every branch of \`any\` has a named group \`${name}\`: what matches in the others shares one key`, hint: 'give each of them the group' }] : []))
}

/** Groups that every text has that fulfils the condition. */
function sureGroups(match: Match): ReadonlySet<string> {
  const branches = match.any.map(sureGroups)
  const ofAny = branches.length === 0 ? [] : [...branches[0]!].filter((name) => branches.every((branch) => branch.has(name)))
  return new Set([...(match.regex?.groups ?? []), ...ofAny, ...match.all.flatMap((part) => [...sureGroups(part)])])
}
