import { fc, test } from '@fast-check/vitest'
import { expect } from 'vitest'
import { gridOf, referenceOf } from '#triggers/correlate/kinds/rate.ts'
import type { Correlator } from '#triggers/correlate/correlator.ts'
import type { Rule, When } from '#triggers/rules/rule.ts'
import { advanceAll, aLine, anEvent, anInventory, aRule, bench, createTable, event, fulfils, line, show, type RoleName } from '../unit/triggers/correlate/support.ts'

/**
 * Every kind against a model that keeps all that ever happened and looks through it anew each time. Windows are a few milliseconds, so that
 * their ends, equal times and gaps all come up; at random points the hub restarts from what it wrote, or reads the rules anew.
 */
const WITHIN = 10

interface Happening {
  /** Since the one before. */
  readonly gapMs: number
  readonly nodeId: number
  readonly roles: readonly RoleName[]
  readonly value: string
  readonly sessionId: number
  readonly next: 'go on' | 'restart' | 'reload' | 'write' | 'fail to write'
  /** How long a restart takes. */
  readonly pauseMs: number
}
type Timed = Happening & { readonly atMs: number; readonly index: number }

const happenings = (roles: readonly RoleName[], { pauses = 0 } = {}) =>
  fc.array(
    fc.record({
      gapMs: fc.oneof({ weight: 3, arbitrary: fc.nat(4) }, { weight: 1, arbitrary: fc.constantFrom(WITHIN - 1, WITHIN, WITHIN + 1, 3 * WITHIN) }),
      nodeId: fc.integer({ min: 1, max: 2 }),
      roles: fc.array(fc.constantFrom(...roles), { minLength: 1, maxLength: 2 }).map((some) => [...new Set(some)]),
      value: fc.constantFrom('a', 'b', 'c', 'd'),
      sessionId: fc.integer({ min: 0, max: 4 }),
      next: fc.oneof({ weight: 6, arbitrary: fc.constant('go on' as const) }, { weight: 2, arbitrary: fc.constantFrom('restart' as const, 'reload' as const, 'write' as const, 'fail to write' as const) }),
      pauseMs: fc.nat(pauses),
    }),
    { maxLength: 60, size: 'max' },
  )

/** Most do what is counted. */
const MANY: readonly RoleName[] = Array.from({ length: 12 }, () => 'on')
const inventory = anInventory({ 1: { profile: 'p' }, 2: { profile: 'p' }, 3: { profile: 'p' } })

/** Times from what they are since each other; a restart with a pause moves what follows. */
function timed(stream: readonly Happening[]): readonly Timed[] {
  let atMs = 1000
  return stream.map((one, index) => {
    atMs += one.gapMs
    const here = { ...one, atMs, index }
    if (one.next === 'restart') atMs += one.pauseMs
    return here
  })
}
const endOf = (stream: readonly Timed[]): number => (stream.at(-1)?.atMs ?? 1000) + 10 * WITHIN

/** What the correlator finds, by key, in order. */
function run(rule: Rule, stream: readonly Timed[], occurrenceOf = (one: Timed) => aLine(one.atMs, { nodeId: one.nodeId, sessionId: one.sessionId, seq: one.index + 1 })): Map<string, string[]> {
  let correlator = fresh(rule)
  correlator.watchNodes(inventory, 1000)
  const table = createTable()
  const found: string[] = []
  for (const one of stream) {
    found.push(...advanceAll(correlator, one.atMs).map(show), ...correlator.take(rule, fulfils(rule, one.roles, { value: one.value, id: `${one.index}` }), occurrenceOf(one)).map(show))
    if (one.next === 'write' || one.next === 'restart') table.save(correlator)
    if (one.next === 'fail to write') {
      createTable().save(correlator)
      correlator.unwritten()
    }
    if (one.next === 'reload') correlator.replaceRules([{ ...rule, version: `v${one.index}` }], one.atMs)
    if (one.next === 'restart') {
      correlator = fresh(rule)
      correlator.restore([...table.rows.values()].reverse(), { fromMs: one.atMs, toMs: one.atMs + one.pauseMs })
    }
  }
  found.push(...advanceAll(correlator, endOf(stream)).map(show))
  const times = found.map((text) => Number(text.split(' ')[0]))
  expect(times).toEqual([...times].sort((a, b) => a - b))
  return byKey(found)
}
const fresh = (rule: Rule): Correlator => bench([rule], { inventory, bounds: { keysPerRule: 100, keys: 100, bytes: 1e9, timersPerAdvance: 2 } }).correlator

function byKey(found: readonly string[]): Map<string, string[]> {
  const map = new Map<string, string[]>()
  for (const text of found) map.getOrInsertComputed(/\[.*\]/.exec(text)![0], (): string[] => []).push(text)
  return new Map([...map].sort(([a], [b]) => (a < b ? -1 : 1)))
}

/** What a model finds for each of two nodes, looking back over everything that came for it. */
function model(stream: readonly Timed[], look: (mine: readonly Timed[], nodeId: number) => string[]): Map<string, string[]> {
  return byKey([1, 2].flatMap((nodeId) => look(stream.filter((one) => one.nodeId === nodeId), nodeId)))
}
const has = (one: Timed, role: RoleName): boolean => one.roles.includes(role)
const lastIndex = (list: readonly Timed[], role: RoleName): number => list.findLastIndex((one) => has(one, role))

const count = (more: Partial<Extract<When, { kind: 'count' }>>): When => ({ kind: 'count', on: line('value'), atLeast: 3, withinMs: WITHIN, distinct: undefined, reset: event(), ...more })

test.prop([happenings([...MANY, 'reset', 'resolve'])], { numRuns: 200 })('count: as many as are younger than the window, since what ended it', (stream) => {
  const rule = aRule(count({}), { resolveOn: line('value') })
  const all = timed(stream)
  expect(run(rule, all)).toEqual(
    model(all, (mine, nodeId) =>
      mine.flatMap((one, i) => {
        const cleared = has(one, 'resolve') ? [`${one.atMs} clear a.rule ["node=${nodeId}"] resolve-matched id=${one.index} value=${one.value}`] : []
        if (!has(one, 'on')) return cleared
        const from = Math.max(lastIndex(mine.slice(0, i + 1), 'reset'), lastIndex(mine.slice(0, i + 1), 'resolve'), 0)
        const counted = mine.slice(from, i + 1).filter((other) => has(other, 'on') && one.atMs - other.atMs < WITHIN).length
        return counted < 3 ? cleared : [...cleared, `${one.atMs} raise a.rule ["node=${nodeId}"] counted count=${Math.min(counted, 16)} id=${one.index} value=${one.value}`]
      }),
    ),
  )
})

test.prop([happenings([...MANY, 'reset'])], { numRuns: 200 })('count of different values: each from when it was last seen', (stream) => {
  const rule = aRule(count({ distinct: 'value', atLeast: 2 }))
  const all = timed(stream)
  expect(run(rule, all)).toEqual(
    model(all, (mine, nodeId) =>
      mine.flatMap((one, i) => {
        if (!has(one, 'on')) return []
        const from = Math.max(0, lastIndex(mine.slice(0, i + 1), 'reset'))
        const values = new Set(mine.slice(from, i + 1).filter((other) => has(other, 'on') && one.atMs - other.atMs < WITHIN).map(({ value }) => value))
        return values.size < 2 ? [] : [`${one.atMs} raise a.rule ["node=${nodeId}"] counted count=${values.size} distinct=${values.size} id=${one.index} value=${one.value}`]
      }),
    ),
  )
})

test.prop([happenings([...MANY, 'reset'])])('a reset that knows the node alone empties the windows of all its keys', (stream) => {
  const rule = aRule(count({ atLeast: 2 }), { by: ['node', 'value'] })
  const all = timed(stream)
  // What resets comes as an event, which has no groups: it is to be known by the node alone.
  const expected = byKey(
    all.flatMap((one, i) => {
      if (!has(one, 'on') || has(one, 'reset')) return []
      const before = all.slice(0, i + 1).filter(({ nodeId }) => nodeId === one.nodeId)
      const counted = before.slice(lastIndex(before, 'reset') + 1).filter((other) => other.value === one.value && one.atMs - other.atMs < WITHIN).length
      return counted < 2 ? [] : [`${one.atMs} raise a.rule ["node=${one.nodeId}","value=${one.value}"] counted count=${Math.min(counted, 16)} id=${one.index} value=${one.value}`]
    }),
  )
  const streamed = all.map((one) => (has(one, 'reset') ? { ...one, roles: ['reset'] as const } : one))
  const correlated = byKey(runPartial(rule, streamed))
  expect(correlated).toEqual(expected)
})

function runPartial(rule: Rule, stream: readonly Timed[]): string[] {
  let correlator = fresh(rule)
  const table = createTable()
  return stream.flatMap((one) => {
    advanceAll(correlator, one.atMs)
    const isReset = has(one, 'reset')
    const found = correlator.take(rule, fulfils(rule, one.roles, isReset ? {} : { value: one.value, id: `${one.index}` }), isReset ? anEvent(one.atMs, { nodeId: one.nodeId }) : aLine(one.atMs, { nodeId: one.nodeId })).map(show)
    if (one.next === 'restart') {
      table.save(correlator)
      correlator = fresh(rule)
      correlator.restore(table.rows.values(), { fromMs: one.atMs, toMs: one.atMs })
    }
    return found
  })
}

test.prop([happenings(['after', 'after', 'expect', 'cancel'], { pauses: 2 * WITHIN })])('absent: a deadline exactly after the first beginning, late where it passed in a pause', (stream) => {
  const rule = aRule({ kind: 'absent', after: line('value'), expect: line('value'), withinMs: WITHIN, each: undefined, cancel: line('value') })
  const all = timed(stream)
  const pauses = all.filter(({ next }) => next === 'restart')
  const isLate = (dueMs: number): boolean => pauses.some(({ atMs, pauseMs }) => dueMs > atMs && dueMs <= atMs + pauseMs)
  expect(run(rule, all)).toEqual(
    model(all, (mine, nodeId) => {
      const found: string[] = []
      let begun: Timed | undefined
      let hasFired = false
      const pass = (nowMs: number): void => {
        if (begun === undefined || begun.atMs + WITHIN > nowMs) return
        found.push(`${begun.atMs + WITHIN} raise a.rule ["node=${nodeId}"] absent id=${begun.index} value=${begun.value}${isLate(begun.atMs + WITHIN) ? ' late' : ''}`)
        begun = undefined
        hasFired = true
      }
      for (const one of mine) {
        pass(one.atMs)
        for (const role of ['cancel', 'expect'] as const) {
          if (!has(one, role)) continue
          if (hasFired) found.push(`${one.atMs} clear a.rule ["node=${nodeId}"] ${role === 'expect' ? 'arrived' : 'resolve-matched'} id=${one.index} value=${one.value}`)
          begun = undefined
          hasFired = false
        }
        if (has(one, 'after')) begun ??= one
      }
      pass(endOf(all))
      return found
    }),
  )
})

test.prop([happenings(['expect'], { pauses: 3 * WITHIN })])('absent of each node: its whole time after what was heard and after each start', (stream) => {
  const rule = aRule({ kind: 'absent', after: undefined, expect: line(), withinMs: WITHIN, each: {}, cancel: undefined })
  const all = timed(stream)
  const expected = byKey(
    [1, 2, 3].flatMap((nodeId) => {
      const found: string[] = []
      let heardMs = 1000
      let hasFired = false
      const pass = (nowMs: number): void => {
        if (hasFired || heardMs + WITHIN > nowMs) return
        found.push(`${heardMs + WITHIN} raise a.rule ["node=${nodeId}"] absent`)
        hasFired = true
      }
      for (const one of all) {
        pass(one.atMs)
        if (one.nodeId === nodeId) {
          if (hasFired) found.push(`${one.atMs} clear a.rule ["node=${nodeId}"] arrived`)
          hasFired = false
          heardMs = one.atMs
        }
        if (one.next === 'restart' && !hasFired) heardMs = one.atMs + one.pauseMs
      }
      pass(endOf(all))
      return found
    }),
  )
  expect(run(rule, all)).toEqual(expected)
})

const sequence = (steps: number): Rule =>
  aRule({ kind: 'sequence', withinMs: WITHIN, steps: Array.from({ length: steps }, (_, i) => ({ id: `s${i}`, on: i === 0 ? line('id') : line() })), without: line() })

test.prop([fc.integer({ min: 2, max: 4 }).chain((steps) => fc.tuple(fc.constant(steps), happenings([...Array.from({ length: steps }, (_, i): RoleName => `step${i}`), ...Array.from({ length: steps }, (_, i): RoleName => `step${i}`), 'without'])))], { numRuns: 200 })(
  'sequence: completed exactly when messages can be chosen so, with the newest beginning that can',
  ([steps, stream]) => {
    const rule = sequence(steps)
    const all = timed(stream)
    const expected = model(all, (mine, nodeId) => {
      const found: string[] = []
      let used = -1
      for (const [i, last] of mine.entries()) {
        if (!has(last, `step${steps - 1}`)) continue
        // Nothing that began before the latest `without`; one that comes with a step comes before it.
        const from = Math.max(used + 1, lastIndex(mine.slice(0, i + 1), 'without'))
        const canReach = (start: number): boolean => {
          let at = start
          for (let step = 1; step < steps - 1; step++) {
            at = mine.findIndex((one, index) => index > at && index < i && has(one, `step${step}`))
            if (at < 0) return false
          }
          return at < i
        }
        const start = mine.findLastIndex((one, index) => index >= from && index < i && has(one, 'step0') && last.atMs - one.atMs < WITHIN && canReach(index))
        if (start < 0) continue
        used = start
        found.push(`${last.atMs} raise a.rule ["node=${nodeId}"] completed of=${mine[start]!.index}`)
      }
      return found
    })
    // Of the captures only those of the first step say which beginning it was: the others have none here.
    const ran = byKey(runSequence(rule, all))
    expect(ran).toEqual(expected)
  },
)

function runSequence(rule: Rule, stream: readonly Timed[]): string[] {
  let correlator = fresh(rule)
  const table = createTable()
  return stream.flatMap((one) => {
    advanceAll(correlator, one.atMs)
    const fulfilled = one.roles.flatMap((role) => fulfils(rule, role, role === 'step0' ? { of: `${one.index}` } : {}))
    const found = correlator.take(rule, fulfilled, aLine(one.atMs, { nodeId: one.nodeId })).map(show)
    if (one.next === 'restart') {
      table.save(correlator)
      correlator = fresh(rule)
      correlator.restore(table.rows.values(), { fromMs: one.atMs, toMs: one.atMs })
    }
    return found
  })
}

test.prop([fc.constantFrom('previous_event' as const, 'previous_session' as const, 'ever_seen' as const), happenings(['on'])])('change: against all that came before', (versus, stream) => {
  const rule = aRule({ kind: 'change', on: line('value'), value: 'value', versus })
  const all = timed(stream)
  const previousOf = (before: readonly Timed[], one: Timed): string | undefined => {
    if (versus === 'previous_event') return before.at(-1)?.value === one.value ? undefined : before.at(-1)?.value
    if (versus === 'ever_seen') return before.some(({ value }) => value === one.value) ? undefined : before.at(-1)?.value
    // Only what is of the newest session so far counts.
    const looked: Timed[] = []
    for (const other of [...before, one]) if (other.sessionId > 0 && other.sessionId >= (looked.at(-1)?.sessionId ?? 0)) looked.push(other)
    if (looked.at(-1) !== one) return undefined
    const same = looked.slice(0, -1).filter(({ sessionId }) => sessionId === one.sessionId)
    if (same.at(-1)?.value === one.value) return undefined
    const older = looked.findLast(({ sessionId }) => sessionId < one.sessionId)
    return older === undefined || older.value === one.value ? undefined : older.value
  }
  expect(run(rule, all)).toEqual(
    model(all, (mine, nodeId) =>
      mine.flatMap((one, i) => {
        const previous = previousOf(mine.slice(0, i), one)
        return previous === undefined ? [] : [`${one.atMs} raise a.rule ["node=${nodeId}"] changed id=${one.index} previous=${previous} value=${one.value}`]
      }),
    ),
  )
})

test.prop([happenings(['on'])])('change versus the fleet: against the last values of the others of the profile', (stream) => {
  const rule = aRule({ kind: 'change', on: line('value'), value: 'value', versus: 'fleet_profile' }, { by: ['session', 'node'] })
  const all = timed(stream)
  const last = new Map<string, string>()
  const raised = new Set<string>()
  const expected = all.flatMap((one) => {
    const key = `["session=${one.sessionId}","node=${one.nodeId}"]`
    const others = [...last].filter(([other]) => other !== key).map(([, value]) => value)
    const usual = others.find((value) => others.filter((other) => other === value).length * 2 > others.length)
    const was = raised.has(key) && last.get(key) === one.value
    last.set(key, one.value)
    const fields = `id=${one.index}${usual === undefined ? '' : ` previous=${usual}`} value=${one.value}`
    if (others.length >= 2 && usual !== undefined && usual !== one.value) {
      raised.add(key)
      return was ? [] : [`${one.atMs} raise a.rule ${key} changed ${fields}`]
    }
    const isOver = raised.delete(key)
    return isOver ? [`${one.atMs} clear a.rule ${key} arrived id=${one.index}${others.length < 2 || usual === undefined ? '' : ` previous=${usual}`} value=${one.value}`] : []
  })
  expect(run(rule, all)).toEqual(byKey(expected))
})

test.prop([fc.constantFrom([3, 30], [1, 5], [40, 900], [13, 100]), fc.constantFrom(1, 1, 2, 3.5), fc.constantFrom(0, 0, 1, 3), happenings(['on'])], { numRuns: 200 })('rate: against the average of the buckets before', ([nowMs, versusMs], factor, times, stream) => {
  const rule = aRule({ kind: 'rate', on: line('value'), nowMs: nowMs!, versusMs: versusMs!, factor, min: 2 })
  const all = timed(stream.map((one) => ({ ...one, nodeId: times === 0 ? 1 : one.nodeId, gapMs: times === 0 ? one.gapMs % 2 : one.gapMs * times })))
  const grid = gridOf({ nowMs: nowMs!, versusMs: versusMs! })
  const bucketOf = (atMs: number): number => Math.floor(atMs / grid.fineMs)
  expect(run(rule, all)).toEqual(
    model(all, (mine, nodeId) =>
      mine.flatMap((one, i) => {
        const { first, last } = referenceOf(grid, bucketOf(one.atMs))
        if (first * grid.fineMs < 1000) return []
        const before = mine.slice(0, i + 1).map(({ atMs }) => bucketOf(atMs))
        const now = before.filter((bucket) => bucket > last).length
        const usual = (before.filter((bucket) => bucket >= first && bucket <= last).length / (last - first + 1)) * grid.now
        return now >= 2 && now > usual * factor ? [`${one.atMs} raise a.rule ["node=${nodeId}"] spiked count=${now} id=${one.index} usual=${usual.toFixed(1)} value=${one.value}`] : []
      }),
    ),
  )
})

test.prop([fc.array(fc.record({ gapMs: fc.nat(6), nodeId: fc.integer({ min: 1, max: 3 }), rule: fc.constantFrom('x.one', 'x.two', 'y', 'a.rule'), to: fc.constantFrom('firing', 'firing', 'resolved', 'acknowledged'), restarts: fc.boolean() }), { maxLength: 50, size: 'max' }), fc.boolean(), fc.constantFrom(2, 3)], { numRuns: 120 })(
  'alerts: those that began within the window raise, and it goes on while as many are firing',
  (stream, isDistinct, atLeast) => {
    const rule = aRule({ kind: 'alerts', rules: ['x.*', 'a.rule'], distinct: isDistinct ? 'node' : undefined, atLeast, withinMs: WITHIN }, { by: [] })
    let correlator = fresh(rule)
    const table = createTable()
    const began = new Map<string, { atMs: number; nodeId: number }>()
    const counted = (list: Iterable<{ nodeId: number }>): number => (isDistinct ? new Set([...list].map(({ nodeId }) => nodeId)).size : [...list].length)
    let isRaised = false
    let atMs = 1000
    for (const one of stream) {
      atMs += one.gapMs
      advanceAll(correlator, atMs)
      const found = correlator.take(rule, fulfils(rule, 'on'), anEvent(atMs, { kind: 'alert', to: one.to, nodeId: one.nodeId, fields: { rule: one.rule, severity: one.to, node: `n${one.nodeId}` } })).map(({ kind, fields }) => `${kind} ${fields['count']}`)
      const expected: string[] = []
      const id = `${one.rule} ${one.nodeId}`
      if (one.rule.startsWith('x.') && one.to === 'firing' && !began.has(id)) {
        began.set(id, { atMs, nodeId: one.nodeId })
        const now = atMs
        const count = counted([...began.values()].filter((alert) => isRaised || now - alert.atMs < WITHIN))
        if (count >= atLeast) {
          isRaised = true
          expected.push(`raise ${count}`)
        }
      } else if (one.to === 'resolved' && began.delete(id) && isRaised && counted(began.values()) < atLeast) {
        isRaised = false
        expected.push(`clear ${counted(began.values())}`)
      }
      expect(found).toEqual(expected)
      if (one.restarts) {
        table.save(correlator)
        correlator = fresh(rule)
        correlator.restore(table.rows.values(), { fromMs: atMs, toMs: atMs })
      }
    }
  },
)
