import type { Alert } from '#domain/alert.ts'
import type { Expectation, Fields } from './rule.ts'
import type { SeenAlert, TestWorld } from './test-world.ts'

/** What an alert is expected to be, and which alerts are it. */
const KINDS = {
  firing: ({ state }: Alert) => state === 'firing' || state === 'acknowledged',
  pending: ({ state }: Alert) => state === 'pending',
  // one that had not lasted when it was over never was
  resolved: ({ state, firedMs }: Alert) => state === 'resolved' && firedMs !== undefined,
} as const

/** The first thing that is not as expected; undefined: all is. */
export function unexpected(expect: Expectation, world: TestWorld): string | undefined {
  return alertsWrong(expect, world) ?? inhibitionWrong(expect, world) ?? emitsWrong(expect, world) ?? countWrong(expect, world) ?? newsWrong(expect, world)
}

function alertsWrong(expect: Expectation, world: TestWorld): string | undefined {
  for (const kind of ['firing', 'pending', 'resolved'] as const) {
    const wanted = expect[kind]
    if (wanted === undefined) continue
    const all = seen(world, { kind, wanted })
    if (!all.some(({ fields }) => fits(fields, wanted))) return `expected ${show(wanted)} to be ${kind}, but ${list(kind, all, wanted)}`
  }
  const unwanted = expect.not_firing
  if (unwanted === undefined) return undefined
  return seen(world, { kind: 'firing', wanted: unwanted }).some(({ fields }) => fits(fields, unwanted)) ? `${show(unwanted)} is firing` : undefined
}

function inhibitionWrong({ inhibited: wanted }: Expectation, world: TestWorld): string | undefined {
  if (wanted === undefined) return undefined
  const firing = seen(world, { kind: 'firing', wanted }).filter(({ fields }) => fits(fields, wanted))
  if (firing.length === 0) return `expected ${show(wanted)} to be inhibited, but ${list('firing', seen(world, { kind: 'firing', wanted }), wanted)}`
  return firing.some(({ alert }) => world.isInhibited(alert)) ? undefined : `expected ${show(wanted)} to be inhibited, but it would be told`
}

function emitsWrong({ emits: wanted }: Expectation, { emitted }: TestWorld): string | undefined {
  if (wanted === undefined || emitted.some((fields) => fits(fields, wanted))) return undefined
  return `expected ${show(wanted)} to be emitted, but ${told('emitted', emitted, wanted)}`
}

function countWrong(expect: Expectation, world: TestWorld): string | undefined {
  if (expect.count === undefined) return undefined
  const kind = expect.pending === undefined ? 'firing' : 'pending'
  const wanted = expect.firing ?? expect.pending ?? {}
  const counts = seen(world, { kind, wanted }).filter(({ fields }) => fits(fields, wanted)).map(({ alert }) => alert.count)
  if (counts.length === 1 && counts[0] === expect.count) return undefined
  return `expected count ${expect.count}, but ${counts.length === 0 ? `nothing is ${kind}` : `it is ${counts.join(', ')}`}`
}

function newsWrong(expect: Expectation, { fresh, emitted }: TestWorld): string | undefined {
  if (expect.nothing_new !== true) return undefined
  if (fresh.length > 0) return `expected nothing new, but ${told('firing', fresh, {})}`
  // what is expected to be emitted is not news
  return expect.emits === undefined && emitted.length > 0 ? `expected nothing new, but ${told('emitted', emitted, {})}` : undefined
}

const seen = (world: TestWorld, { kind, wanted }: { readonly kind: keyof typeof KINDS; readonly wanted: Fields }): readonly SeenAlert[] => world.alerts(wanted['rule']).filter(({ alert }) => KINDS[kind](alert))

/** Numbers are compared as they are written. */
const fits = (fields: Fields, wanted: Fields): boolean => Object.entries(wanted).every(([name, value]) => fields[name] === value)
const show = (fields: Fields): string => JSON.stringify(fields)

const list = (what: string, all: readonly SeenAlert[], wanted: Fields): string => told(what, all.map(({ fields }) => fields), wanted)

/** Of what is there instead, the fields that were asked for first. */
function told(what: string, all: readonly Fields[], wanted: Fields): string {
  if (all.length === 0) return `nothing is ${what}`
  const shown = all.slice(0, 3).map((fields) => {
    const asked = Object.keys(wanted).map((name) => [name, fields[name] ?? ''] as const)
    const others = Object.entries(fields).filter(([name, value]) => value !== '' && !(name in wanted) && name !== 'rule' && name !== 'severity')
    return show(Object.fromEntries([...asked, ...others]))
  })
  return `${what} is ${shown.join(', ')}`
}
