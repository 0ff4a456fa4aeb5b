import { below, list, meant, readTime, refuse, type Reading } from './fault.ts'
import { checkCron, checkZone } from './cron.ts'
import { readNodeFilter } from './read-where.ts'
import { readPattern } from './read-pattern.ts'
import type { When } from './rule.ts'
import type { PatternFile } from './schema-match.ts'
import type { WhenFile } from './schema-when.ts'

/** A check of another room: undefined when the text can be used, else why not. */
export type ValidCron = (text: string) => string | undefined

/** Keys of `when` of which there is exactly one. `event` means the kind `match`, of something that the hub noticed. */
export const KIND_KEYS = ['match', 'event', 'count', 'absent', 'sequence', 'change', 'rate', 'alerts', 'schedule'] as const

/** The condition of a rule; undefined with a fault when it is not exactly one kind. */
export function readWhen(text: WhenFile, at: Reading, validCron: ValidCron): When | undefined {
  const kinds = KIND_KEYS.filter((key) => text[key] !== undefined)
  if (kinds.length !== 1) {
    refuse(at, kinds.length === 0 ? '`when` says what it waits for' : `\`when\` is one kind of condition, not ${kinds.join(' and ')}`, `one of ${KIND_KEYS.join(', ')}`)
    return undefined
  }
  if (text.match !== undefined || text.event !== undefined) return { kind: 'match', on: readPattern(text as PatternFile, { at }) }
  if (text.to !== undefined || text.from !== undefined) refuse(at, '`to` and `from` go with `event`')
  const place = below(at, kinds[0]!)
  if (text.count !== undefined) return readCount(text.count, place)
  if (text.absent !== undefined) return readAbsent(text.absent, place)
  if (text.sequence !== undefined) return readSequence(text.sequence, place)
  if (text.change !== undefined) return { kind: 'change', on: readPattern(text.change as PatternFile, { at: place }), value: text.change.value, versus: text.change.versus }
  if (text.rate !== undefined) return readRate(text.rate, place)
  if (text.alerts !== undefined) return readAlerts(text.alerts, place)
  return readSchedule(text.schedule!, place, validCron)
}

const optional = (text: PatternFile | undefined, at: Reading, key: string) => (text === undefined ? undefined : readPattern(text, { at: below(at, key) }))

function readCount(text: NonNullable<WhenFile['count']>, at: Reading): When {
  return {
    kind: 'count', on: readPattern(text as PatternFile, { at, empty: 'any message' }), atLeast: text.at_least, withinMs: readTime(text.within, below(at, 'within')),
    distinct: text.distinct, reset: optional(text.reset, at, 'reset'),
  }
}

function readAbsent(text: NonNullable<WhenFile['absent']>, at: Reading): When {
  if ((text.after === undefined) === (text.each === undefined)) refuse(at, 'an absence is `after` something or for `each` node', text.after === undefined ? 'e.g. `each: {node: {state: running}}`' : 'either, not both')
  return {
    kind: 'absent', after: optional(text.after, at, 'after'), each: text.each === undefined ? undefined : readNodeFilter(text.each.node, below(at, 'each', 'node')),
    expect: readPattern(text.expect, { at: below(at, 'expect'), empty: 'any message' }), withinMs: readTime(text.within, below(at, 'within')), cancel: optional(text.cancel, at, 'cancel'),
  }
}

function readSequence(text: NonNullable<WhenFile['sequence']>, at: Reading): When {
  const ids = text.steps.map(({ id }) => id)
  ids.forEach((id, index) => {
    if (ids.indexOf(id) !== index) refuse(below(at, 'steps', index, 'id'), `there is a step \`${id}\` already`)
  })
  const steps = text.steps.map((step, index) => ({ id: step.id, on: readPattern(step as PatternFile, { at: below(at, 'steps', index) }) }))
  return { kind: 'sequence', steps, withinMs: readTime(text.within, below(at, 'within')), without: optional(text.without, at, 'without') }
}

function readRate(text: NonNullable<WhenFile['rate']>, at: Reading): When {
  const nowMs = readTime(text.now, below(at, 'now'))
  const versusMs = readTime(text.versus, below(at, 'versus'))
  if (nowMs > 0 && versusMs > 0 && versusMs < 2 * nowMs) refuse(below(at, 'versus'), 'what is usual is taken from at least twice the time of `now`', `e.g. versus: 24h`)
  return { kind: 'rate', on: readPattern(text as PatternFile, { at, empty: 'any message' }), nowMs, versusMs, factor: text.factor, min: text.min }
}

function readAlerts(text: NonNullable<WhenFile['alerts']>, at: Reading): When {
  if ((text.rule === undefined) === (text.rules === undefined)) refuse(at, '`alerts` names other rules', 'e.g. `rule: [node.silent]`')
  return { kind: 'alerts', rules: list(text.rule ?? text.rules ?? []), distinct: text.distinct, atLeast: text.at_least, withinMs: readTime(text.within, below(at, 'within')) }
}

function readSchedule({ cron, tz = 'UTC' }: NonNullable<WhenFile['schedule']>, at: Reading, validCron: ValidCron): When {
  const wrong = checkCron(cron) ?? validCron(cron)
  if (wrong !== undefined) refuse(below(at, 'cron'), `\`${cron}\` is no calendar: ${wrong}`, "e.g. '0 7 * * 1-5': at 7:00, Monday to Friday")
  if (!checkZone(tz)) refuse(below(at, 'tz'), `there is no time zone \`${tz}\``, meant(tz, ['UTC', ...Intl.supportedValuesOf('timeZone')]))
  return { kind: 'schedule', cron: cron.trim().replaceAll(/\s+/g, ' '), tz }
}
