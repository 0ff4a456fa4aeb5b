import { expect, test } from 'vitest'
import type { SessionState } from '#sessions/state.ts'
import { sessionEnded, sessionStarted, stageSeen } from '#sessions/hub-events.ts'

const session = (origin: SessionState['origin']) => ({ id: 7, node: { id: 3 } as SessionState['node'], origin })

test.for([['decision', 'B'], ['dhcp', 'B'], ['announcement', 'C'], ['kernel', 'C'], ['first-message', 'C']] as const)('a session opened by %s is evidence %s', ([origin, evidence]) => {
  expect(sessionStarted(session(origin), 1000.4)).toEqual({ kind: 'session', to: 'start', from: '', nodeId: 3, sessionId: 7, seq: 0, atMs: 1000, evidence, fields: { origin } })
})

test('an end says why, and a stage who showed it and which message', () => {
  expect(sessionEnded(session('dhcp'), { reason: 'reboot', atMs: 5 })).toMatchObject({ kind: 'session', to: 'end', fields: { reason: 'reboot' } })
  expect(stageSeen(session('kernel'), { stage: 'kernel.up', atMs: 9, seq: 12, by: 'kernel' })).toMatchObject({ kind: 'stage', to: 'kernel.up', seq: 12, atMs: 9, evidence: 'C', fields: { by: 'kernel' } })
  expect(stageSeen(session('kernel'), { stage: 'dhcp.ack', atMs: 9, seq: 12, by: 'dhcp' }).evidence).toBe('B')
})
