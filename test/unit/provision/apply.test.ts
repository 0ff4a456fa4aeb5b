import { expect, test } from 'vitest'
import { aRoom, facts } from './room.ts'

const NODE = { name: 'tch-001', macs: ['52:54:00:12:34:56'] }
const event = (nodeId: number, over: object = {}) => ({ nodeId, event: 'os.ready', evidence: 'B', actor: 'rule:os.ready', reason: 'os says ready', nowMs: 5000, ...over }) as const

test('a move writes state and history together, with the message and the session that caused it', async () => {
  using room = aRoom()
  const { id } = await room.nodes.set('tch-001', { macs: NODE.macs, profile: 'tch' }, 'operator:anna')
  room.writer.lease('10.77.0.50', NODE.macs[0]!)
  const { session } = await room.boot.decide(facts())
  expect(room.applyEvent(event(id, { messageSeq: 4711, sessionId: 1 }))).toEqual({ kind: 'moved', from: 'configured', to: 'running', why: 'its operating system says that it is ready' })
  expect(await room.nodes.node('tch-001')).toMatchObject({ state: 'running', state_since: '1970-01-01T00:00:05.000Z', profile: 'tch' })
  expect(await room.nodes.history('tch-001')).toEqual([
    {
      at: '1970-01-01T00:00:05.000Z', from: 'configured', to: 'running', event: 'os.ready', evidence: 'B', actor: 'rule:os.ready',
      reason: 'its operating system says that it is ready: os says ready', message_seq: 4711, session,
    },
    { at: '2026-11-22T12:00:00.000Z', from: null, to: 'configured', event: 'op.configure', evidence: 'A', actor: 'operator:anna', reason: 'it has a profile', message_seq: null, session: null },
  ])
})

test('an event that changes nothing leaves no trace', async () => {
  using room = aRoom()
  const { id } = await room.nodes.set('tch-001', { profile: 'tch' }, 'operator')
  room.applyEvent(event(id))
  expect(room.applyEvent(event(id))).toMatchObject({ kind: 'unchanged', state: 'running' })
  expect(await room.nodes.history('tch-001')).toHaveLength(2)
})

test('a refusal says why, is counted, and leaves no trace', async () => {
  using room = aRoom()
  const { id } = await room.nodes.set('tch-001', { profile: 'tch' }, 'operator')
  expect(room.applyEvent(event(id, { evidence: 'C' }))).toMatchObject({ kind: 'refused', refused: 'evidence-too-weak', state: 'configured' })
  expect(room.applyEvent(event(9999))).toMatchObject({ kind: 'refused', refused: 'no-such-node' })
  expect(await room.nodes.history('tch-001')).toHaveLength(1)
  const metrics = await room.metrics.expose()
  expect(metrics).toContain('hps_lifecycle_events_total{result="evidence-too-weak"} 1')
  expect(metrics).toContain('hps_lifecycle_events_total{result="no-such-node"} 1')
})

test('inside a transaction of the caller the move lives and dies with it', async () => {
  using room = aRoom()
  const { id } = await room.nodes.set('tch-001', { profile: 'tch' }, 'operator')
  const cursor = room.db.prepare("INSERT OR REPLACE INTO cursors (name, seq, at_ms) VALUES ('rules', ?, 0)")
  const commit = (isBroken: 'broken' | 'whole') =>
    room.db.transaction(() => {
      const outcome = room.applyEvent(event(id, { messageSeq: 7 }))
      cursor.run(7)
      if (isBroken === 'broken') throw new Error('the disk is full')
      return outcome
    }).immediate()
  expect(() => commit('broken')).toThrow('the disk is full')
  expect(await room.nodes.node('tch-001')).toMatchObject({ state: 'configured' })
  expect(commit('whole')).toMatchObject({ kind: 'moved', to: 'running' })
  expect(await room.nodes.history('tch-001')).toHaveLength(2)
  expect(room.db.prepare("SELECT seq FROM cursors WHERE name = 'rules'").get()).toEqual({ seq: 7 })
})

test('a hold is undone to the state before it, over a rescue too', async () => {
  using room = aRoom()
  const { id } = await room.nodes.set('tch-001', { profile: 'tch' }, 'operator')
  room.applyEvent(event(id))
  const walk = (['op.hold', 'op.rescue', 'op.unrescue', 'op.release'] as const).map((name) => room.applyEvent(event(id, { event: name, evidence: 'A' })))
  expect(walk.map((outcome) => (outcome.kind === 'moved' ? outcome.to : outcome))).toEqual(['held', 'rescue', 'held', 'running'])
})
