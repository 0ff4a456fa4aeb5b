import { fc, test as property } from '@fast-check/vitest'
import { describe, expect, test } from 'vitest'
import { matchesAll, parseMatcher, printMatcher } from '#domain/alert-matchers.ts'
import type { Alert, AlertState } from '#domain/alert.ts'
import { createInhibition } from '#triggers/alerts/inhibition.ts'
import { createSilencing, type SILENCE_REFUSALS, type Policy, type SilenceRequest } from '#triggers/index.ts'
import { silentLogger } from '#telemetry/index.ts'
import { aFinding, aPolicy, startEffects } from './alerts-support.ts'

const NOW_MS = 5_000_000
const silence = (change: Partial<SilenceRequest> = {}): SilenceRequest => ({ matchers: [{ field: 'disk', is: 'equal', value: 'sda' }], fromMs: 0, untilMs: NOW_MS + 1, reason: 'new disks', by: 'anna', ...change })

describe('matchers', () => {
  test.for<readonly [string, boolean]>([
    ['rule=disk.failed', true], ['rule!=disk.failed', false], ['rule~disk.*', true], ['rule~net.*', false], ['severity=error', true], ['node=tch-001', true], ['node~tch-*', true],
    ['session=a1b2c3', true], ['disk=sda', true], ['disk=sd', false], ['rack=r1', true], ['rack!=r2', true], ['shelf=', false], ['shelf!=x', true], ['shelf~*', false], ['app=kernel', true], ['host=h', true],
  ])('%s: %s', ([text, expected]) => {
    const { apply, all, mutes } = startEffects()
    apply(aFinding())
    expect(mutes.preview([parseMatcher(text)!]).length === all().length).toBe(expected)
  })
  test.for(['', 'rule', '=x', '9a=x', 'rule~disk', `a=${'x'.repeat(513)}`, 'a b=c'])('%j is none', (text) => {
    expect(parseMatcher(text)).toBeUndefined()
  })
  property.prop([fc.constantFrom('rule', 'disk', 'a.b-c'), fc.constantFrom('=', '!=', '~'), fc.string({ maxLength: 50 })])('are printed as they are written', (field, sign, value) => {
    const text = `${field}${sign}${value}${sign === '~' ? '*' : ''}`
    const read = parseMatcher(text)!
    expect(printMatcher(read)).toBe(text)
    const own = matchesAll([read], () => (sign === '~' ? `${value}more` : value))
    expect(own).toBe(sign !== '!=')
  })
})

describe('a silence', () => {
  test('mutes what it covers while it is in force, and says who asked for it and why', () => {
    const { apply, all, silences, mutes } = startEffects()
    apply(aFinding(), aFinding({ id: 11, key: 'b', fields: { disk: 'sdb' } }))
    const [sdb, sda] = all() as [Alert, Alert]
    const id = silences.add({ ...silence({ fromMs: 100, untilMs: 200 }), madeMs: 0 })
    const at = (nowMs: number, alert: Alert) => mutes.at(nowMs)(alert).map(({ mute }) => mute)
    expect([99, 100, 199, 200].map((nowMs) => at(nowMs, sda))).toEqual([[], ['silenced'], ['silenced'], []])
    expect(at(150, sdb)).toEqual([])
    expect(mutes.at(150)(sda)).toEqual([{ mute: 'silenced', why: 'silence 1 by anna until 1970-01-01T00:00:00.200Z: new disks', silenceId: id, untilMs: 200 }])
    expect(silences.end(id, { atMs: 120, by: 'ben' })).toBe(true)
    expect(at(150, sda)).toEqual([])
    expect(silences.end(id, { atMs: 121, by: 'ben' })).toBe(false)
    expect(silences.list()).toMatchObject([{ id, endedMs: 120, endedBy: 'ben' }])
  })

  test.for<readonly [keyof typeof SILENCE_REFUSALS, Partial<SilenceRequest>]>([
    ['no-matcher', { matchers: [] }],
    ['too-many-matchers', { matchers: Array.from({ length: 17 }, () => ({ field: 'a', is: 'equal', value: 'b' }) as const) }],
    ['only-unequal', { matchers: [{ field: 'rule', is: 'unequal', value: 'x' }] }],
    ['ends-before-it-begins', { fromMs: NOW_MS + 5, untilMs: NOW_MS + 5 }],
    ['ends-before-it-begins', { fromMs: 0, untilMs: NOW_MS }],
    ['too-long', { untilMs: 367 * 86_400_000 }],
    ['no-reason', { reason: ' ' }],
    ['no-reason', { reason: 'x'.repeat(501) }],
  ])('is refused: %s', ([refusal, change]) => {
    const { silences } = startEffects()
    expect(createSilencing({ silences, clock: () => NOW_MS, log: silentLogger }).add(silence(change))).toBe(refusal)
    expect(silences.list()).toEqual([])
  })

  test('is refused where there are a thousand; those that are over do not count, and of them a thousand are kept', () => {
    const { silences } = startEffects()
    let nowMs = NOW_MS
    const silencing = createSilencing({ silences, clock: () => nowMs, log: silentLogger })
    for (let made = 0; made < 1000; made++) silencing.add(silence())
    expect(silencing.add(silence())).toBe('too-many')
    nowMs = NOW_MS + 1
    expect(silencing.add(silence({ untilMs: NOW_MS + 2 }))).toMatchObject({ id: 1001, by: 'anna', reason: 'new disks' })
    expect(silences.list()).toHaveLength(1000)
  })
})

test('announced work mutes alerts about its node, about its sender, or all', () => {
  const { apply, all, planned, mutes } = startEffects()
  apply(aFinding(), aFinding({ id: 11, key: 'b', nodeId: 2, sourceId: 2 }), aFinding({ id: 12, key: 'c', nodeId: 3, sourceId: 9 }))
  const muted = () => all().filter((alert) => mutes.at(150)(alert).some(({ mute }) => mute === 'planned')).map(({ key }) => key).toReversed()
  const work = { fromMs: 100, untilMs: 200, why: 'new switch', by: 'anna', madeMs: 0 }
  planned.add({ ...work, nodeId: 1, address: undefined })
  expect(muted()).toEqual(['k'])
  planned.add({ ...work, nodeId: undefined, address: '10.0.0.2' })
  expect(muted()).toEqual(['k', 'b'])
  planned.add({ ...work, nodeId: undefined, address: undefined })
  expect(muted()).toEqual(['k', 'b', 'c'])
  expect(mutes.at(150)(all()[0]!)).toEqual([{ mute: 'planned', why: 'work announced by anna until 1970-01-01T00:00:00.200Z: new switch', untilMs: 200 }])
  expect(mutes.at(200)(all()[0]!)).toEqual([])
})

describe('inhibition', () => {
  interface Some { readonly id: number; readonly rule: string; readonly fields?: Readonly<Record<string, string>>; readonly state?: AlertState; readonly firedMs?: number }
  const RULES: Readonly<Record<string, Partial<Policy>>> = {
    'rack.outage': { inhibit: { rules: ['node.*'], equal: ['rack'] } },
    'site.outage': { inhibit: { rules: ['rack.*', 'site.*'], equal: ['site'] } },
    'trial.outage': { status: 'shadow', inhibit: { rules: ['node.*'], equal: ['rack'] } },
    'node.silent': {}, 'ring.a': { inhibit: { rules: ['ring.b'], equal: ['x'] } }, 'ring.b': { inhibit: { rules: ['ring.c'], equal: ['x'] } }, 'ring.c': { inhibit: { rules: ['ring.a'], equal: ['x'] } },
    'all.of-it': { inhibit: { rules: ['*'], equal: [] } },
  }
  const alertOf = ({ id, rule, fields = { rack: 'r1', site: 's1', x: '1' }, state = 'firing', firedMs = id }: Some) => ({ id, rule, fields, state, firedMs, firstMs: firedMs }) as Alert
  /** Of each alert the one that inhibits it, `1<2`. */
  const inhibited = (all: readonly Some[]) => {
    const open = all.map(alertOf)
    const inhibitorOf = createInhibition({ open, policyOf: ({ rule }) => aPolicy({ rule, ...RULES[rule] }), fieldOf: (alert, field) => alert.fields[field] })
    return open.flatMap((alert) => {
      const source = inhibitorOf(alert)
      return source === undefined ? [] : [`${alert.id}<${source.id}`]
    })
  }
  test.for<readonly [string, readonly Some[], readonly string[]]>([
    ['an alert of the same rack says it all', [{ id: 1, rule: 'rack.outage' }, { id: 2, rule: 'node.silent' }], ['2<1']],
    ['of another rack it does not', [{ id: 1, rule: 'rack.outage', fields: { rack: 'r2' } }, { id: 2, rule: 'node.silent' }], []],
    ['a field that both lack is not equal', [{ id: 1, rule: 'rack.outage', fields: {} }, { id: 2, rule: 'node.silent', fields: {} }], []],
    ['nor one that is empty on both sides', [{ id: 1, rule: 'rack.outage', fields: { rack: '' } }, { id: 2, rule: 'node.silent', fields: { rack: '' } }], []],
    ['one that somebody looks after inhibits', [{ id: 1, rule: 'rack.outage', state: 'acknowledged' }, { id: 2, rule: 'node.silent' }], ['2<1']],
    ['one that has not lasted yet, or is over, does not', [{ id: 1, rule: 'rack.outage', state: 'pending' }, { id: 3, rule: 'rack.outage', state: 'resolved' }, { id: 2, rule: 'node.silent' }], []],
    ['a rule on trial does not', [{ id: 1, rule: 'trial.outage' }, { id: 2, rule: 'node.silent' }], []],
    ['an alert never inhibits itself', [{ id: 1, rule: 'site.outage' }], []],
    ['of its own rule the older one is told', [{ id: 1, rule: 'site.outage' }, { id: 2, rule: 'site.outage' }], ['2<1']],
    ['what inhibits may be inhibited itself', [{ id: 1, rule: 'node.silent' }, { id: 2, rule: 'rack.outage' }, { id: 3, rule: 'site.outage' }], ['1<2', '2<3']],
    ['of a ring the oldest is told', [{ id: 1, rule: 'ring.a' }, { id: 2, rule: 'ring.b' }, { id: 3, rule: 'ring.c' }], ['2<1', '3<2']],
    ['whichever it is', [{ id: 1, rule: 'ring.a', firedMs: 9 }, { id: 2, rule: 'ring.b', firedMs: 5 }, { id: 3, rule: 'ring.c', firedMs: 7 }], ['1<3', '3<2']],
    ['no `equal`: all of these rules', [{ id: 1, rule: 'all.of-it', fields: {} }, { id: 2, rule: 'node.silent' }, { id: 3, rule: 'ring.a' }], ['2<1', '3<1']],
  ])('%s', ([, all, expected]) => {
    expect(inhibited(all)).toEqual(expected)
  })
  const someAlerts = fc.array(fc.record({ rule: fc.constantFrom(...Object.keys(RULES)), firedMs: fc.nat(5), rack: fc.constantFrom('r1', 'r2') }), { maxLength: 12 })
  property.prop([someAlerts])('of all that fire at least one is told', (drawn) => {
    const all = drawn.map(({ rule, firedMs, rack }, at): Some => ({ id: at + 1, rule, firedMs, fields: { rack, site: 's1', x: '1' } }))
    if (all.length > 0) expect(inhibited(all).length).toBeLessThan(all.length)
  })
  test('works over the records: labels of the node are fields, and it ends with the alert that inhibits', () => {
    const outage = aPolicy({ rule: 'rack.outage', by: ['rack'], title: 'rack {{rack}}', inhibit: { rules: ['disk.*'], equal: ['rack'] } })
    const { apply, alerts, mutes } = startEffects({ policies: [aPolicy(), outage] })
    apply(aFinding(), aFinding({ id: 11, rule: 'rack.outage', nodeId: 0, fields: { rack: 'r1' } }))
    const disk = alerts.open('disk.failed', 'k')!
    expect(mutes.at(NOW_MS)(disk)).toEqual([{ mute: 'inhibited', why: 'alert 2 of rack.outage says it all: rack r1', alertId: 2 }])
    expect(mutes.at(NOW_MS)(alerts.byId(2)!)).toEqual([])
    apply(aFinding({ id: 12, kind: 'clear', rule: 'rack.outage' }))
    expect(mutes.at(NOW_MS)(disk)).toEqual([])
  })
})
