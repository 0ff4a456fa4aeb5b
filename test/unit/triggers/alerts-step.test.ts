import { fc, test as property } from '@fast-check/vitest'
import { describe, expect, test } from 'vitest'
import type { Alert } from '#domain/alert.ts'
import type { Policy } from '#triggers/index.ts'
import { advance, step, type Cause, type NewTransition } from '#triggers/alerts/step.ts'
import { aFinding, aPolicy } from './alerts-support.ts'

const MINUTE = 60_000
type Move = readonly [minute: number, what: 'raise' | 'clear' | 'time' | 'acknowledge' | 'unacknowledge' | 'close' | 'session-over' | 'rule-gone' | 'policy-changed' | 'heard']

const causeOf = (what: Move[1], atMs: number): Cause => {
  if (what === 'raise') return { kind: 'raise', finding: aFinding({ id: Math.round(atMs / MINUTE) + 1, atMs }), title: 't' }
  if (what === 'clear') return { kind: 'clear', seq: 0, note: 'resolve-matched' }
  if (what === 'acknowledge' || what === 'unacknowledge' || what === 'close') return { kind: what, who: 'anna', note: 'on it' }
  return { kind: what }
}

/** Plays moves in order; time-driven steps come before what happens at the same instant. */
function play(policy: Policy, moves: readonly Move[]) {
  let alert: Alert | undefined
  const steps: NewTransition[] = []
  const options = { policy, policyText: '{}' }
  for (const [minute, what] of moves) {
    const nowMs = minute * MINUTE
    if (alert !== undefined) {
      const advanced = advance(alert, { ...options, nowMs })
      alert = advanced.alert
      steps.push(...advanced.transitions)
    }
    const stepped = step(alert, { ...options, cause: causeOf(what, nowMs), nowMs })
    if (stepped.alert !== alert && stepped.alert?.id === 0) alert = { ...stepped.alert, id: 1 }
    else alert = stepped.alert
    steps.push(...stepped.transitions)
  }
  return { alert, told: steps.map(({ atMs, from = 'new', to, reason }) => `${atMs / MINUTE} ${from}>${to} ${reason}`), steps }
}

const never = aPolicy({ resolve: { quietMs: undefined, atSessionEnd: false, never: true } })
const endless = { quietMs: undefined, atSessionEnd: false, never: false }
const quiet = (minutes: number) => ({ ...endless, quietMs: minutes * MINUTE })
const lasting = aPolicy({ forMs: 2 * MINUTE, resolve: endless })
const held = aPolicy({ holdMs: 5 * MINUTE, resolve: endless })
const escalating = aPolicy({
  resolve: endless, escalate: [
    { afterMs: 30 * MINUTE, unlessAcknowledged: true, to: 'lead', severity: 'critical' },
    { afterMs: 60 * MINUTE, unlessAcknowledged: false, to: 'boss', severity: 'warning' },
  ],
})

test.for<readonly [string, Policy, readonly Move[], readonly string[]]>([
  ['it fires at once and is over when what ends it is seen', aPolicy(), [[0, 'raise'], [3, 'raise'], [5, 'clear'], [6, 'clear']], ['0 new>firing found', '5 firing>resolved cleared']],
  ['what ends nothing changes nothing', aPolicy(), [[0, 'clear'], [1, 'time'], [2, 'close'], [3, 'session-over']], []],
  ['after it was over the next finding begins another', aPolicy(), [[0, 'raise'], [5, 'clear'], [6, 'raise']], ['0 new>firing found', '5 firing>resolved cleared', '6 new>firing found']],

  ['`for`: it fires when it has lasted, at that very time', lasting, [[0, 'raise'], [9, 'time']], ['0 new>pending found', '2 pending>firing lasted']],
  ['`for`: repeats do not begin the time anew', lasting, [[0, 'raise'], [1, 'raise'], [2, 'time']], ['0 new>pending found', '2 pending>firing lasted']],
  ['`for`: over before it lasted', lasting, [[0, 'raise'], [1, 'clear'], [9, 'time']], ['0 new>pending found', '1 pending>resolved did-not-last']],
  ['`for`: over at the very instant is after it lasted', lasting, [[0, 'raise'], [2, 'clear']], ['0 new>pending found', '2 pending>firing lasted', '2 firing>resolved cleared']],
  ['`for`: closed by a person meanwhile', lasting, [[0, 'raise'], [1, 'close'], [9, 'time']], ['0 new>pending found', '1 pending>resolved closed']],
  ['`for`: nobody can acknowledge what does not fire', lasting, [[0, 'raise'], [1, 'acknowledge']], ['0 new>pending found']],

  ['`hold`: over only when it stayed away', held, [[0, 'raise'], [10, 'clear'], [14, 'time'], [15, 'time']], ['0 new>firing found', '15 firing>resolved cleared']],
  ['`hold`: coming back is the same alert', held, [[0, 'raise'], [10, 'clear'], [14, 'raise'], [30, 'time'], [31, 'clear'], [36, 'time']], ['0 new>firing found', '14 firing>firing returned', '36 firing>resolved cleared']],
  ['`hold`: back at the very instant is too late', held, [[0, 'raise'], [10, 'clear'], [15, 'raise']], ['0 new>firing found', '15 firing>resolved cleared', '15 new>firing found']],
  ['`hold`: a second end does not begin the time anew', held, [[0, 'raise'], [10, 'clear'], [13, 'clear'], [15, 'time']], ['0 new>firing found', '15 firing>resolved cleared']],
  ['`hold`: one that somebody looks after stays so when it comes back', held, [[0, 'raise'], [1, 'acknowledge'], [2, 'clear'], [3, 'raise']], ['0 new>firing found', '1 firing>acknowledged acknowledged', '3 acknowledged>acknowledged returned']],

  ['quiet: counted from the last finding', aPolicy({ resolve: quiet(10) }), [[0, 'raise'], [8, 'raise'], [17, 'time'], [18, 'time']], ['0 new>firing found', '18 firing>resolved quiet']],
  ['quiet: a finding at the very instant begins another', aPolicy({ resolve: quiet(10) }), [[0, 'raise'], [10, 'raise']], ['0 new>firing found', '10 firing>resolved quiet', '10 new>firing found']],
  ['quiet: ends it though somebody looks after it', aPolicy({ resolve: quiet(10) }), [[0, 'raise'], [1, 'acknowledge'], [99, 'time']], ['0 new>firing found', '1 firing>acknowledged acknowledged', '10 acknowledged>resolved quiet']],
  ['never: neither time nor an end, only a person', never, [[0, 'raise'], [1, 'clear'], [99_999, 'time'], [100_000, 'rule-gone'], [100_001, 'close']], ['0 new>firing found', '100001 firing>resolved closed']],
  ['the end of the session: where the rule says so', aPolicy({ resolve: { ...endless, atSessionEnd: true } }), [[0, 'raise'], [1, 'session-over']], ['0 new>firing found', '1 firing>resolved session-ended']],
  ['the end of the session: elsewhere it is nothing', aPolicy({ resolve: endless }), [[0, 'raise'], [1, 'session-over']], ['0 new>firing found']],

  ['escalation: told to others when nobody looks after it', escalating, [[0, 'raise'], [90, 'time']], ['0 new>firing found', '30 firing>firing more-severe', '60 firing>firing more-severe']],
  ['escalation: a step that waits for nobody is passed over while somebody looks after it', escalating, [[0, 'raise'], [10, 'acknowledge'], [59, 'time'], [90, 'time']], ['0 new>firing found', '10 firing>acknowledged acknowledged', '60 acknowledged>acknowledged more-severe']],
  ['escalation: overdue when it was given back', escalating, [[0, 'raise'], [10, 'acknowledge'], [40, 'unacknowledge'], [40, 'time']], ['0 new>firing found', '10 firing>acknowledged acknowledged', '40 acknowledged>firing unacknowledged', '40 firing>firing more-severe']],
  ['escalation: not of what is over and held open', { ...escalating, holdMs: 40 * MINUTE }, [[0, 'raise'], [20, 'clear'], [59, 'time'], [60, 'time']], ['0 new>firing found', '60 firing>resolved cleared']],
  ['escalation: counted from when it fired', { ...escalating, forMs: 5 * MINUTE }, [[0, 'raise'], [36, 'time']], ['0 new>pending found', '5 pending>firing lasted', '35 firing>firing more-severe']],

  ['a person acknowledges again: another takes it over', aPolicy({ resolve: endless }), [[0, 'raise'], [1, 'acknowledge'], [2, 'acknowledge']], ['0 new>firing found', '1 firing>acknowledged acknowledged', '2 acknowledged>acknowledged acknowledged']],
  ['a silence is over when somebody is heard', aPolicy({ resolve: endless }), [[0, 'raise'], [1, 'heard']], ['0 new>firing found', '1 firing>resolved heard']],
])('%s', ([, policy, moves, told]) => {
  expect(play(policy, moves).told).toEqual(told)
})

test('an escalation is to its receiver, raises the severity and never lowers it', () => {
  expect(play(escalating, [[0, 'raise'], [30, 'time']])).toMatchObject({ alert: { severity: 'critical', escalated: 1 }, steps: [{}, { note: 'lead' }] })
  expect(play(escalating, [[0, 'raise'], [60, 'time'], [61, 'raise']])).toMatchObject({ alert: { severity: 'critical', escalated: 2 }, steps: [{}, {}, { note: 'boss' }] })
})

test('of one that flaps on and on the returns are counted, and the first hundred written down', () => {
  const flapping = Array.from({ length: 500 }, (_, at): readonly Move[] => [[at * 2, 'raise'], [at * 2 + 1, 'clear']]).flat()
  const { alert, told } = play(held, flapping)
  expect(alert).toMatchObject({ flaps: 499, count: 500 })
  expect(told).toHaveLength(101)
})

describe('whatever happens', () => {
  const policies = fc.record({
    forMs: fc.constantFrom(0, 3 * MINUTE), holdMs: fc.constantFrom(0, 4 * MINUTE),
    resolve: fc.record({ quietMs: fc.constantFrom(undefined, 7 * MINUTE), atSessionEnd: fc.boolean(), never: fc.boolean() }),
    escalate: fc.constantFrom([], escalating.escalate, [{ afterMs: MINUTE, unlessAcknowledged: true, to: 'lead', severity: undefined }]),
  }).map((change) => aPolicy(change))
  const WORDS = ['raise', 'raise', 'raise', 'clear', 'clear', 'time', 'acknowledge', 'unacknowledge', 'close', 'session-over', 'rule-gone', 'policy-changed'] as const
  const moves = fc.array(fc.tuple(fc.nat(4), fc.constantFrom(...WORDS)), { maxLength: 40 }).map((gaps) => {
    let minute = 0
    return gaps.map(([gap, what]): Move => [(minute += gap), what])
  })

  property.prop([policies, moves])('steps join, times never go back, what is over stays over, and only what is open has a time that is due', (policy, all) => {
    const { alert, steps } = play(policy, all)
    for (const [index, { from, atMs }] of steps.entries()) {
      const before = steps[index - 1]
      expect(from).toBe(before === undefined || before.to === 'resolved' ? undefined : before.to)
      expect(atMs).toBeGreaterThanOrEqual(before?.atMs ?? 0)
    }
    expect(steps.at(-1)?.to).toBe(alert?.state)
    if (alert === undefined) return
    expect(alert.state === 'resolved').toBe(alert.resolvedMs !== undefined)
    expect(alert.state === 'pending').toBe(alert.firedMs === undefined && alert.state !== 'resolved')
    if (alert.state === 'resolved') expect(alert.dueMs).toBeUndefined()
    if (alert.state === 'pending') expect(alert.dueMs).toBeDefined()
  })

  property.prop([policies, moves, fc.array(fc.nat(160), { maxLength: 30 })])('looking at the clock more often changes nothing', (policy, all, looks) => {
    const more = [...all, ...looks.map((minute): Move => [minute, 'time'])].toSorted((a, b) => a[0] - b[0])
    const end: Move = [500, 'time']
    expect(play(policy, [...more, end]).told).toEqual(play(policy, [...all, end]).told)
  })
})
