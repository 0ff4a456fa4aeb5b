import { fc, test } from '@fast-check/vitest'
import { expect, test as plain } from 'vitest'
import { formatTextFault } from '#domain/fault.ts'
import { createRenderer } from '#render/index.ts'
import { readRules } from '#triggers/index.ts'

type Value = string | number | boolean | readonly Value[] | Written
interface Written { readonly [key: string]: Value }

const RULES: readonly Written[] = [
  { when: { match: { app: 'kernel', contains: ['link', 'down'], severity: ['err', 'crit'], not: { contains: 'test' } } }, notify: { to: 'ops', every: '4h' }, resolve: { match: { app: 'kernel', contains: 'up' } } },
  { when: { count: { event: 'session', to: 'start', at_least: 3, within: '30m', reset: { event: 'state', to: 'running' } } }, by: ['node'], where: { node: { rack: ['r1', 'r2'] }, stage: 'packages' } },
  { when: { absent: { each: { node: { state: ['running', 'trial'] } }, expect: {}, within: '10m' } }, inhibit: { rules: ['a.b', 'c.*'], equal: ['node'] } },
  { when: { sequence: { within: '1h', steps: [{ id: 'one', match: { app: 'a' } }, { id: 'two', event: 'session', to: 'start' }], without: { match: { app: 'c' } } } }, hold: '5m', for: '2m' },
  { when: { rate: { match: { app: ['a', 'b'], any: [{ contains: 'x' }, { contains: 'y' }] }, now: '10m', versus: '1d', factor: 2, min: 5 } }, emit: { stage: 'storage' }, escalate: [{ after: '30m', to: 'lead' }] },
  { when: { schedule: { cron: '0 7 * * *' } }, notify: { to: 'ops' } },
]
/** Keys whose lists are in an order that means something. */
const ORDERED = new Set(['by', 'any', 'all', 'steps', 'escalate'])

function hashes(rule: Written): { readonly version: string; readonly stateVersion: string } {
  const text = JSON.stringify({ format: 1, pack: 'p', rules: [{ id: 'a.rule', title: 'x', severity: 'error', ...rule, tests: [{ name: 'n', inventory: { n1: { rack: 'r1' } }, steps: [{ expect: { nothing_new: true } }] }] }] })
  const loaded = readRules([{ name: 'r.yaml', text }], { renderer: createRenderer() })
  if (!loaded.ok) throw new Error(loaded.faults.map(formatTextFault).join('\n'))
  const { version, stateVersion } = loaded.value.rules[0]!
  return { version, stateVersion }
}

const isMap = (value: Value): value is Written => typeof value === 'object' && !Array.isArray(value)
const isList = (value: Value): value is readonly Value[] => Array.isArray(value)
/** Another way to write the same: `draw` gives numbers from 0 to 1. */
function rewritten(value: Value, draw: () => number, key = ''): Value {
  if (isMap(value)) return nestedOrNot(Object.fromEntries(shuffled(Object.entries(value), draw).map(([name, item]) => [name, rewritten(item, draw, name)])), draw)
  if (isList(value)) {
    const items = value.map((item) => rewritten(item, draw))
    if (ORDERED.has(key)) return items
    return items.length === 1 && ['app', 'to', 'contains', 'stage'].includes(key) && draw() < 0.5 ? items[0]! : shuffled(draw() < 0.3 ? [...items, items[0]!] : items, draw)
  }
  if (['app', 'to', 'contains', 'stage', 'severity'].includes(key) && typeof value === 'string' && value !== 'storage' && value !== 'ops' && value !== 'lead' && value !== 'error' && draw() < 0.5) return [value]
  if (typeof value === 'string' && /^\d+m$/.test(value) && draw() < 0.5) return `${Number.parseInt(value, 10) * 60}s`
  return value
}
function nestedOrNot(map: Written, draw: () => number): Written {
  const { event, to, ...rest } = map
  return typeof event === 'string' && to !== undefined && draw() < 0.5 ? { ...rest, event: { event, to } } : map
}
const shuffled = <T>(items: readonly T[], draw: () => number): readonly T[] => items.map((item) => ({ item, at: draw() })).sort((a, b) => a.at - b.at).map(({ item }) => item)

/** Defaults, spelled out. */
function spelledOut(rule: Written): Written {
  const { when, notify, emit, escalate } = rule as { readonly when: Written; readonly notify?: Written; readonly emit?: Written; readonly escalate?: readonly Written[] }
  const clears = 'absent' in when
  const by = 'schedule' in when ? [] : clears ? ['node'] : ['node', 'session']
  return {
    status: 'live', trust: 'any', by, for: '0s', hold: '0s', ...(clears || rule['resolve'] !== undefined ? {} : { resolve: { quiet: '24h' } }), ...rule,
    ...('schedule' in when ? { when: { schedule: { ...(when['schedule'] as Written), tz: 'UTC' } } } : {}),
    ...(notify === undefined ? {} : { notify: { context: { before: 5, after: 0 }, ...notify } }),
    ...(emit === undefined ? {} : { emit: { evidence: 'B', ...emit } }),
    ...(escalate === undefined ? {} : { escalate: escalate.map((step) => ({ unless: 'acked', ...step })) }),
  }
}

/** Numbers from 0 to 1, the same for the same seed (Park and Miller). */
function drawsOf(seed: number): () => number {
  let state = seed
  return () => (state = (state * 48_271) % 2_147_483_647) / 2_147_483_647
}

test.prop([fc.constantFrom(...RULES), fc.integer({ min: 1, max: 2_147_483_646 }), fc.boolean()], { numRuns: 200 })('the same meaning is the same version, however it is written', (rule, seed, isSpelledOut) => {
  const draw = drawsOf(seed)
  expect(hashes(rewritten(isSpelledOut ? spelledOut(rule) : rule, draw) as Written)).toEqual(hashes(rule))
})

const [base] = RULES as readonly [Written]
plain.for<readonly [string, Written, 'state' | 'effects' | 'nothing']>([
  ['the condition', { when: { match: { app: 'kernel', contains: ['link', 'down'] } } }, 'state'],
  ['an expression', { when: { match: { app: 'kernel', regex: 'a' } } }, 'state'],
  ['the key', { by: ['session', 'node'] }, 'state'],
  ['about which nodes', { where: { stage: 'packages' } }, 'state'],
  ['trust', { trust: 'lease' }, 'state'],
  ['the severity', { severity: 'info' }, 'effects'],
  ['the status', { status: 'shadow' }, 'effects'],
  ['the title', { title: 'y' }, 'effects'],
  ['whom it tells', { notify: { to: 'boss' } }, 'effects'],
  ['what ends it', { resolve: { quiet: '1h' } }, 'effects'],
  ['how long it must last', { for: '1m' }, 'effects'],
  ['tags, owner, runbook and remarks', { tags: ['x'], owner: 'me', runbook: 'https://x.example.org/', false_alarms: 'none', requires: ['zfs'] }, 'nothing'],
])('%s: another version, and another state, where it is one', ([, change, changes]) => {
  const [before, after] = [hashes(base), hashes({ ...base, ...change })]
  expect([before.version !== after.version, before.stateVersion !== after.stateVersion]).toEqual([changes !== 'nothing', changes === 'state'])
})
