import { describe, expect, test } from 'vitest'
import type { StreamEvent } from '#sessions/index.ts'
import { createPlannedRecords, createRhythmRecords } from '#store/index.ts'
import { createHub, START_MS, type Hub, type HubOptions, type SentFrame } from '../kit.ts'

const SECOND = 1000
const MINUTE = 60_000
const HOUR = 60 * MINUTE
const STEP = 10 * SECOND
const SILENCE = { enabled: true, min: '2m', learn: '30m', boot: '15m', notify: 'ops' }

const aHub = (options: HubOptions = {}): Hub => createHub({ sessions: { silence: SILENCE }, ...options })
const line = (host: string, text = 'hello'): string => `<13>1 - ${host} app 1 - - ${text}`
const from = (node: number): SentFrame => ({ sender: `10.1.0.${node}`, frame: line(`n${node}`) })
const range = (first: number, last: number): number[] => Array.from({ length: last - first + 1 }, (_, at) => first + at)

/** Time passes in steps; these nodes speak in each. */
function pass(hub: Hub, ms: number, frames: readonly SentFrame[] = []): void {
  for (let left = ms; left > 0; left -= STEP) {
    hub.nowMs += STEP
    if (frames.length > 0) hub.sendAll(frames)
    hub.writer.tick()
  }
}
type Told = Extract<StreamEvent, { kind: 'silent' | 'heard-again' }>
const told = (hub: Hub): string[] =>
  hub.events.filter((event): event is Told => event.kind === 'silent' || event.kind === 'heard-again').map((event) => {
    const { subject, id, reason } = event.silence
    const name = subject === 'node' ? hub.nodes.nameOf(id) : subject === 'hub' ? 'hub' : hub.sources.byId(id)!.address
    return `${event.kind === 'silent' ? 'silent' : event.isGivenUp ? 'given up' : 'again'} ${subject} ${name} ${reason}`
  })
const silences = (hub: Hub) => createRhythmRecords(hub.db).silences()

/** Ten nodes that speak every ten seconds, for an hour. */
function fleet(options: HubOptions = {}): Hub {
  const hub = aHub(options)
  pass(hub, HOUR, range(0, 9).map(from))
  expect(told(hub)).toEqual([])
  return hub
}

describe('a node that stops', () => {
  test('is told once, with its last message and its rhythm, and is heard again', () => {
    const hub = fleet()
    const lastMs = hub.nowMs
    const lastSeq = hub.appender.nextSeq - 10
    pass(hub, 2 * MINUTE, range(1, 9).map(from))
    expect(told(hub)).toEqual([])
    pass(hub, HOUR, range(1, 9).map(from))
    expect(told(hub)).toEqual(['silent node n0 stopped'])
    expect(silences(hub)).toMatchObject([{ subject: 'node', reason: 'stopped', sinceMs: lastMs, noticedMs: lastMs + 2 * MINUTE + STEP, usualMs: STEP, limitMs: 2 * MINUTE, lastSeq }])
    expect([hub.counter('silent:node'), hub.counter('silences:node')]).toEqual([1, 1])
    pass(hub, MINUTE, range(0, 9).map(from))
    expect(told(hub)).toEqual(['silent node n0 stopped', 'again node n0 stopped'])
    expect(silences(hub)).toEqual([])
    expect(hub.counter('silent:node')).toBe(0)
  })

  test('is not told where that is switched off, and its rhythm is learned all the same', () => {
    const hub = fleet({ sessions: { silence: { ...SILENCE, enabled: false } } })
    pass(hub, HOUR, range(1, 9).map(from))
    expect(told(hub)).toEqual([])
    hub.command({ kind: 'flush' })
    expect(createRhythmRecords(hub.db).list().length).toBe(20)
  })

  test('a DHCP server that speaks about it does not speak for it', () => {
    const hub = fleet()
    hub.command({ kind: 'register', name: 'n0', macs: ['52:54:00:00:00:01'] })
    const dhcp: SentFrame = { sender: '10.0.0.1', frame: '<30>Nov 22 14:00:00 dnsmasq-dhcp[1]: DHCPREQUEST(eth0) 10.1.0.0 52:54:00:00:00:01' }
    pass(hub, 5 * MINUTE, [...range(1, 9).map(from), dhcp, dhcp, dhcp])
    expect(told(hub)).toEqual(['silent node n0 stopped'])
  })

  test.each([
    ['an announced shutdown', 'end reason=shutdown', []],
    ['an announced reboot', 'end reason=reboot', ['silent node n0 reboot']],
  ])('after %s', (_, announcement, expected) => {
    const hub = fleet()
    hub.sendAll([{ sender: '10.1.0.0', frame: `<13>1 - n0 hps-session - - - ${announcement}` }])
    pass(hub, 14 * MINUTE, range(1, 9).map(from))
    expect(told(hub)).toEqual([])
    pass(hub, HOUR, range(1, 9).map(from))
    expect(told(hub)).toEqual(expected)
  })

  test('a boot decision gives it time, and what it did not say until then teaches nothing', () => {
    const hub = fleet()
    const nodeId = hub.nodes.byName('n0')!.id
    pass(hub, MINUTE, range(1, 9).map(from))
    hub.command({ kind: 'open', nodeId, origin: 'decision', sessionKind: 'install' })
    pass(hub, 14 * MINUTE, range(1, 9).map(from))
    expect(told(hub)).toEqual([])
    pass(hub, 2 * MINUTE, range(1, 9).map(from))
    expect(told(hub)).toEqual(['silent node n0 boot'])
    pass(hub, 2 * MINUTE, range(0, 9).map(from))
    hub.writer.close()
    expect(createRhythmRecords(hub.db).of('node', nodeId)!.lengths.map(({ longestMs }) => longestMs)).toEqual([STEP])
  })

  test('that is forgotten, or whose rhythm is, is not waited for', () => {
    const hub = fleet()
    const [n0, n1] = ['n0', 'n1'].map((name) => hub.nodes.byName(name)!.id)
    hub.command({ kind: 'forget', nodeId: n0! })
    pass(hub, 5 * MINUTE, range(2, 9).map(from))
    expect(told(hub)).toEqual(['silent node n1 stopped'])
    expect(hub.command({ kind: 'unlearn', subject: 'node', subjectId: n1! })).toMatchObject({ ok: true })
    expect(hub.command({ kind: 'unlearn', subject: 'node', subjectId: n1! })).toMatchObject({ ok: false, code: 'not-found' })
    expect(told(hub)).toEqual(['silent node n1 stopped', 'given up node n1 stopped'])
    expect(silences(hub)).toEqual([])
  })

  test('that never comes back is given up after a month', () => {
    const hub = fleet()
    pass(hub, 5 * MINUTE, range(1, 9).map(from))
    hub.nowMs += 30 * 24 * HOUR
    hub.writer.tick()
    expect(told(hub).slice(0, 2)).toEqual(['silent node n0 stopped', 'given up node n0 stopped'])
  })
})

describe('a sender that stops', () => {
  test('is told where the node still speaks by another one', () => {
    const hub = aHub()
    const both: SentFrame[] = [{ sender: { from: '10.1.0.0', transport: 'tcp', listener: 'tcp' }, frame: line('n0') }, from(0)]
    pass(hub, HOUR, both)
    pass(hub, 10 * MINUTE, [from(0)])
    expect(told(hub)).toEqual(['silent source 10.1.0.0 other-way'])
    expect(silences(hub)[0]!.nodeId).toBe(hub.nodes.byName('n0')!.id)
  })

  test('a relay is told, and its nodes too', () => {
    const hub = aHub()
    const relayed = range(0, 1).map((n): SentFrame => ({ sender: '10.9.0.1', frame: line(`r${n}`) }))
    pass(hub, HOUR, [...relayed, ...range(1, 9).map(from)])
    pass(hub, 10 * MINUTE, range(1, 9).map(from))
    expect(told(hub).toSorted()).toEqual(['silent node r0 stopped', 'silent node r1 stopped', 'silent source 10.9.0.1 stopped'])
  })

  test('the hub itself is nobody', () => {
    const hub = aHub()
    const own: SentFrame = { sender: { from: 'hub', transport: 'internal', listener: 'internal' }, frame: line('thishost') }
    pass(hub, HOUR, [own, from(0)])
    pass(hub, HOUR, [from(0)])
    expect(told(hub)).toEqual([])
  })
})

describe('the hub knows itself', () => {
  test('when most are silent together that is one silence, of the hub, and everybody gets the limit anew', () => {
    const hub = fleet()
    const lastMs = hub.nowMs
    pass(hub, HOUR, range(8, 9).map(from))
    expect(told(hub)).toEqual(['silent hub hub nobody'])
    expect(silences(hub)).toMatchObject([{ subject: 'hub', sinceMs: lastMs, expected: 10, unheard: 8 }])
    expect(hub.counter('silent:hub')).toBe(1)
    pass(hub, MINUTE, range(1, 9).map(from))
    expect(told(hub)).toEqual(['silent hub hub nobody', 'again hub hub nobody'])
    pass(hub, 2 * MINUTE, range(1, 9).map(from))
    expect(told(hub).slice(2)).toEqual(['silent node n0 stopped'])
  })

  test.each(['clean', 'killed'] as const)('after a %s stop of three hours nobody is told at once; who is gone, after its limit, and with the time of its last message', (how) => {
    const hub = fleet()
    const lastMs = hub.nowMs
    hub.nowMs += 3 * HOUR
    const next = hub.restart(how)
    pass(next, 2 * MINUTE, range(1, 9).map(from))
    expect(told(next)).toEqual([])
    pass(next, 2 * MINUTE, range(1, 9).map(from))
    expect(told(next)).toEqual(['silent node n0 stopped'])
    expect(silences(next)).toMatchObject([{ sinceMs: lastMs }])
  })

  test.each(['clean', 'killed'] as const)('a silence that was told is not told again after a %s stop, and ends when the node speaks', (how) => {
    const hub = fleet()
    pass(hub, 5 * MINUTE, range(1, 9).map(from))
    expect(told(hub)).toEqual(['silent node n0 stopped'])
    const next = hub.restart(how)
    pass(next, HOUR, range(1, 9).map(from))
    expect(told(next)).toEqual([])
    pass(next, MINUTE, range(0, 9).map(from))
    expect(told(next)).toEqual(['again node n0 stopped'])
  })

  test('what spoke in the last moment before a kill is recounted', () => {
    const hub = fleet()
    pass(hub, 5 * MINUTE, range(1, 9).map(from))
    hub.sendAll([from(0)])
    const next = hub.restart('killed')
    next.writer.tick()
    expect(silences(next)).toEqual([])
    expect(told(next)).toEqual(['again node n0 stopped'])
  })

  test('while it stood still, or its disk refused, it heard nobody', () => {
    const hub = fleet()
    hub.nowMs += 10 * MINUTE
    hub.writer.tick()
    expect(told(hub)).toEqual([])
    hub.appender.failWith = 'ENOSPC'
    pass(hub, 10 * MINUTE, range(0, 9).map(from))
    hub.appender.failWith = undefined
    pass(hub, MINUTE, range(0, 9).map(from))
    expect(told(hub)).toEqual([])
  })

  test('no more than twenty are told in a minute, and the others after that', () => {
    const hub = aHub()
    const all = range(0, 99).map(from)
    pass(hub, HOUR, all)
    pass(hub, 2 * MINUTE + STEP, all.slice(30))
    expect(told(hub).length).toBe(20)
    pass(hub, 2 * MINUTE, all.slice(30))
    expect(told(hub).length).toBe(30)
    expect(new Set(told(hub)).size).toBe(30)
  })
})

describe('planned work', () => {
  const plan = (hub: Hub, about: { readonly nodeId?: number; readonly address?: string }): number => {
    const id = createPlannedRecords(hub.db).add({ nodeId: about.nodeId, address: about.address, fromMs: hub.nowMs, untilMs: hub.nowMs + HOUR, why: 'new memory', by: 'anna', madeMs: hub.nowMs })
    hub.command({ kind: 'replan' })
    return id
  }

  test.each([
    ['of a node', (hub: Hub) => ({ nodeId: hub.nodes.byName('n0')!.id })],
    ['at its address', () => ({ address: '10.1.0.0' })],
    ['of everybody', () => ({})],
  ])('%s: it may be silent until the work is over', (_, about) => {
    const hub = fleet()
    plan(hub, about(hub))
    pass(hub, HOUR, range(1, 9).map(from))
    expect(told(hub)).toEqual([])
    pass(hub, 3 * MINUTE, range(1, 9).map(from))
    expect(told(hub)).toEqual(['silent node n0 stopped'])
  })

  test('of another node excuses nobody else; work that is ended early excuses no longer', () => {
    const hub = fleet()
    const id = plan(hub, { nodeId: hub.nodes.byName('n1')!.id })
    pass(hub, 5 * MINUTE, range(2, 9).map(from))
    expect(told(hub)).toEqual(['silent node n0 stopped'])
    createPlannedRecords(hub.db).end(id, { atMs: hub.nowMs, by: 'bert' })
    hub.command({ kind: 'replan' })
    pass(hub, 3 * MINUTE, range(2, 9).map(from))
    expect(told(hub)).toEqual(['silent node n0 stopped', 'silent node n1 stopped'])
    expect(createPlannedRecords(hub.db).byId(id)).toMatchObject({ by: 'anna', endedBy: 'bert', madeMs: START_MS + HOUR })
  })

  test('is known after a restart, and what it excused teaches nothing', () => {
    const hub = fleet()
    plan(hub, {})
    const next = hub.restart('clean')
    pass(next, 50 * MINUTE, range(1, 9).map(from))
    pass(next, MINUTE, range(0, 9).map(from))
    expect(told(next)).toEqual([])
    next.writer.close()
    expect(createRhythmRecords(next.db).of('node', next.nodes.byName('n0')!.id)!.lengths.map(({ longestMs }) => longestMs)).toEqual([STEP])
  })
})
