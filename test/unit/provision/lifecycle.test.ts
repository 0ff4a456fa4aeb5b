import { describe, expect, test } from 'vitest'
import { EVIDENCE_CLASSES, LIFECYCLE_EVENTS, LIFECYCLE_STATES, type EvidenceClass, type LifecycleEvent, type LifecycleState } from '#domain/lifecycle.ts'
import { next, NOT_ENTERED, TRANSITIONS, type LifecycleContext } from '#provision/index.ts'

const ALL_STATES = [undefined, ...LIFECYCLE_STATES] as const
const PROFILES = [undefined, 'net', 'disk', 'install'] as const
const context = (over: Partial<LifecycleContext> = {}): LifecycleContext => ({ evidence: 'A', profileBoot: undefined, previous: undefined, settled: undefined, unknownPolicy: 'hold', ...over })

/** Every question that can be asked, with the past that the state may have had. */
function* product(): Generator<{ readonly state: LifecycleState | undefined; readonly event: LifecycleEvent; readonly context: LifecycleContext }> {
  for (const given of contexts()) {
    for (const state of ALL_STATES) for (const event of LIFECYCLE_EVENTS) yield { state, event, context: given }
  }
}
function* contexts(): Generator<LifecycleContext> {
  for (const evidence of EVIDENCE_CLASSES) for (const profileBoot of PROFILES) for (const unknownPolicy of ['hold', 'refuse'] as const) {
    for (const past of ALL_STATES) yield { evidence, profileBoot, unknownPolicy, previous: past, settled: past }
  }
}

describe('a machine is led through its life', () => {
  test.for<[LifecycleState | undefined, LifecycleEvent, EvidenceClass, LifecycleContext['profileBoot'], LifecycleState]>([
    [undefined, 'boot.decide', 'B', undefined, 'held'],
    ['held', 'op.configure', 'A', 'net', 'configured'],
    ['discovered', 'op.configure', 'A', 'install', 'configured'],
    ['ready', 'op.netboot', 'A', 'net', 'configured'],
    ['configured', 'boot.decide', 'B', 'net', 'configured'],
    ['configured', 'os.ready', 'B', 'net', 'running'],
    ['configured', 'os.ready', 'A', 'net', 'running'],
    ['configured', 'op.install', 'A', 'install', 'install_wait'],
    ['configured', 'installer.started', 'B', 'install', 'installing'],
    ['install_wait', 'installer.started', 'B', 'install', 'installing'],
    ['installing', 'install.reported_done', 'B', 'install', 'verifying'],
    ['install_wait', 'install.reported_done', 'B', 'install', 'verifying'],
    ['verifying', 'os.ready', 'B', 'install', 'running'],
    ['installing', 'install.failed', 'B', 'install', 'failed'],
    ['installing', 'boot.decide', 'B', 'install', 'failed'],
    ['failed', 'op.retry', 'A', 'install', 'install_wait'],
    ['failed', 'op.retry', 'A', 'net', 'configured'],
    ['running', 'op.reinstall', 'A', 'install', 'install_wait'],
    ['running', 'op.hold', 'B', 'net', 'held'],
    ['running', 'op.rescue', 'A', 'net', 'rescue'],
    ['running', 'op.release', 'A', 'net', 'ready'],
    ['unmanaged', 'op.release', 'A', undefined, 'discovered'],
    ['running', 'op.unmanage', 'A', undefined, 'unmanaged'],
    ['broken', 'op.retire', 'A', undefined, 'retired'],
    ['running', 'os.ready', 'C', 'net', 'running'],
  ])('%s + %s [evidence %s, profile %s] → %s', ([state, event, evidence, profileBoot, to]) => {
    expect(next(state, event, context({ evidence, profileBoot }))).toEqual({ to, why: expect.stringMatching(/\w/) as string })
  })

  test.for<[LifecycleState | undefined, LifecycleEvent, Partial<LifecycleContext>, string]>([
    [undefined, 'boot.decide', { unknownPolicy: 'refuse' }, 'policy'],
    [undefined, 'os.ready', {}, 'not-in-this-state'],
    ['held', 'op.configure', {}, 'needs-profile'],
    ['held', 'op.configure', { evidence: 'B', profileBoot: 'net' }, 'evidence-too-weak'],
    ['held', 'os.ready', { profileBoot: 'net' }, 'not-in-this-state'],
    ['configured', 'os.ready', { profileBoot: 'install' }, 'needs-profile'],
    ['configured', 'installer.started', { profileBoot: 'net' }, 'needs-profile'],
    ['installing', 'os.ready', { profileBoot: 'install' }, 'not-in-this-state'],
    ['running', 'op.install', { profileBoot: 'install' }, 'not-in-this-state'],
    ['running', 'op.configure', { profileBoot: 'install' }, 'needs-profile'],
    ['running', 'op.reinstall', { evidence: 'B', profileBoot: 'install' }, 'evidence-too-weak'],
    ['configured', 'os.ready', { evidence: 'C', profileBoot: 'net' }, 'evidence-too-weak'],
    ['unmanaged', 'op.hold', { evidence: 'B' }, 'evidence-too-weak'],
    ['retired', 'op.hold', {}, 'not-in-this-state'],
  ])('%s + %s with %o is refused: %s', ([state, event, over, refused]) => {
    expect(next(state, event, context(over))).toEqual({ refused, why: expect.stringMatching(/\w/) as string })
  })

  test('after a hold or a rescue a node goes on where it was, and a half-done installation starts anew', () => {
    expect(next('held', 'op.release', context({ settled: 'running' }))).toMatchObject({ to: 'running' })
    expect(next('held', 'op.release', context({ settled: 'installing' }))).toMatchObject({ to: 'install_wait' })
    expect(next('held', 'op.release', context({ settled: undefined }))).toMatchObject({ to: 'discovered' })
    expect(next('rescue', 'op.unrescue', context({ previous: 'held', settled: 'running' }))).toMatchObject({ to: 'held' })
  })
})

describe('over the whole product of states, events, evidence, profiles and past', () => {
  test('every question has an answer of the catalogues, with its reason', () => {
    const refusals = new Set<string>()
    for (const { state, event, context: given } of product()) {
      const answer = next(state, event, given)
      if (answer.why === '') throw new Error(`${state} + ${event} gives no reason`)
      if ('refused' in answer) refusals.add(answer.refused)
      else if (!LIFECYCLE_STATES.includes(answer.to)) throw new Error(`${state} + ${event} → ${answer.to}`)
    }
    expect([...refusals].sort()).toEqual(['evidence-too-weak', 'needs-profile', 'not-in-this-state', 'policy'])
  })

  test('evidence of class C moves nothing', () => {
    for (const { state, event, context: given } of product()) {
      const answer = next(state, event, given)
      if (given.evidence === 'C' && 'to' in answer) expect(answer.to, `${state} + ${event}`).toBe(state)
    }
  })

  test('evidence of class B holds, fails or completes, and begins nothing', () => {
    const moves = new Set<string>()
    for (const { state, event, context: given } of product()) {
      const answer = next(state, event, given)
      if (given.evidence === 'B' && 'to' in answer && answer.to !== state) moves.add(`${event} → ${answer.to}`)
    }
    expect([...moves].sort()).toEqual([
      'boot.decide → failed', 'boot.decide → held', 'install.failed → failed', 'install.reported_done → verifying', 'installer.started → installing', 'op.hold → held', 'os.ready → running',
    ])
  })

  test('better evidence is never refused what weaker evidence may do', () => {
    const order: readonly EvidenceClass[] = ['A', 'B', 'C']
    for (const { state, event, context: given } of product()) {
      const answer = next(state, event, given)
      if ('refused' in answer) continue
      for (const evidence of order.slice(0, order.indexOf(given.evidence))) expect(next(state, event, { ...given, evidence })).toEqual(answer)
    }
  })

  test('all states are reached from an unknown machine, but for the ones that the table says nothing leads to', () => {
    const reached = reachable([undefined])
    expect(LIFECYCLE_STATES.filter((state) => !reached.has(state))).toEqual(LIFECYCLE_STATES.filter((state) => NOT_ENTERED.includes(state)))
  })

  test('no state is a trap: from each one a node can be brought to run and be retired', () => {
    for (const state of LIFECYCLE_STATES) {
      const reached = reachable([state])
      expect([state, reached.has('running'), reached.has('retired')]).toEqual([state, true, true])
    }
  })

  test('every row of the table decides something', () => {
    const said = new Set<string>()
    for (const { state, event, context: given } of product()) {
      const answer = next(state, event, given)
      if ('to' in answer) said.add(`${event} ${answer.why}`)
    }
    const silent = TRANSITIONS.filter((row) => !row.on.some((event) => said.has(`${event} ${row.why}`)))
    expect(silent).toEqual([])
  })
})

/** States that events of class A lead to, the node's past being whatever it went through. */
function reachable(from: readonly (LifecycleState | undefined)[]): Set<LifecycleState | undefined> {
  const reached = new Set<LifecycleState | undefined>()
  const open = [...from]
  while (open.length > 0) {
    const state = open.pop()
    for (const event of LIFECYCLE_EVENTS) for (const profileBoot of PROFILES) {
      const past = from[0]
      const answer = next(state, event, context({ profileBoot, previous: past, settled: past }))
      if ('to' in answer && !reached.has(answer.to)) {
        reached.add(answer.to)
        open.push(answer.to)
      }
    }
  }
  return reached
}
