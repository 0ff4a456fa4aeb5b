import { describe, expect, test } from 'vitest'
import { SEVERITIES } from '#domain/severity.ts'
import type { Alert } from '#domain/alert.ts'
import { whyNot, type WhyFacts } from '../../../../src/triggers/study/why-not.ts'
import type { NodeStudy } from '../../../../src/triggers/study/why-not-node.ts'

const sight = { seq: 7, atMs: 1000, text: 'Disk failure' }
const study = (given: Partial<NodeStudy> = {}, outline: Partial<NodeStudy['outline']> = {}): NodeStudy => ({
  outline: { id: 'r', status: 'live', isStopped: false, kind: 'count', about: 'messages', apps: ['kernel'], trust: 'any', by: ['node'], ...outline },
  where: [], looked: 3, isCut: false, ofApp: sight, ofLiteral: sight, nearest: undefined, held: sight, heldCount: 2, trusted: sight, suppressed: undefined, taken: { ...sight, key: '["node=1"]' },
  keys: [{ key: '["node=1"]', state: { summary: 'the oldest leaves', have: 2, need: 3, dueMs: 5000 } }], ...given,
})
const alert = (given: Partial<Alert> = {}): Alert => ({
  id: 12, rule: 'r', ruleVersion: '', stateVersion: '', key: '["node=1"]', state: 'firing', severity: 'error', title: 't', nodeId: 1, sessionId: 0, sourceId: 1, fields: {}, host: '', app: '', text: '', firstMs: 1000, lastMs: 2000,
  firstSeq: 7, lastSeq: 9, count: 4, firedMs: 1000, overMs: undefined, resolvedMs: undefined, acknowledgedBy: undefined, acknowledgedNote: undefined, flaps: 0, isLate: false, escalated: 0, dueMs: undefined, policy: '', ...given,
})
const notice = { id: 5, state: 'retry', receiver: 'storage', channel: 'mail', lastError: '450 4.7.1 greylisted', nextMs: 9000, doneMs: undefined, reply: undefined }
const told = { receiver: 'storage', atMs: 3000, count: 1 }
const facts = (given: Partial<WhyFacts> = {}): WhyFacts => ({ rule: 'r', node: 'n1', sinceMs: 0, study: study(), faults: [], stoppedUntilMs: undefined, newest: sight, alert: undefined, mutes: [], groups: [], notices: [], told: [], ...given })

const nobody = { taken: undefined, trusted: undefined, held: undefined, heldCount: 0 }
const CASES: readonly (readonly [string, Partial<WhyFacts>, string, string])[] = [
  ['no such rule', { study: undefined, faults: ['x.yaml:1:1: no'] }, 'loaded', 'x.yaml:1:1'],
  ['off', { study: study({}, { status: 'off' }) }, 'on', 'only tested'],
  ['stopped by the breaker', { study: study({}, { isStopped: true }), stoppedUntilMs: 0 }, 'breaker', '1970'],
  ['on trial', { study: study({}, { status: 'shadow' }) }, 'trial', 'shadow'],
  ['about other nodes', { study: study({ where: [{ fact: 'state', asked: 'running', has: 'retired' }] }) }, 'where', 'state is retired'],
  ['silent', { newest: undefined, study: study({ ...nobody, ofApp: undefined, ofLiteral: undefined }) }, 'heard', 'nothing was received of n1'],
  ['another application', { study: study({ ...nobody, ofApp: undefined, ofLiteral: undefined }) }, 'app', 'no message of kernel'],
  ['no literal', { study: study({ ...nobody, ofLiteral: undefined }) }, 'literal', 'literal'],
  ['another text', { study: study({ ...nobody, nearest: { ...sight, misses: [{ kind: 'severity', asked: 'err', has: SEVERITIES[6] }] } }) }, 'expression', 'it is info'],
  ['not proven', { study: study({ taken: undefined, trusted: undefined }, { trust: 'tls' }) }, 'trust', 'tls'],
  ['left out', { study: study({ taken: undefined, suppressed: { ...sight, by: 'drill' } }) }, 'suppressed', 'drill'],
  ['too few', {}, 'window', '2 of 3'],
  ['no key', { study: study({ taken: { ...sight, key: undefined } }) }, 'window', 'lacks a field'],
  ['too short', { alert: alert({ state: 'pending', firedMs: undefined, dueMs: 60_000 }) }, 'lasted', '00:01:00'],
  ['silenced', { alert: alert(), mutes: [{ mute: 'silenced', why: 'silence 3 by anna', untilMs: 4000 }] }, 'mutes', 'silence 3 by anna'],
  ['in its group', { alert: alert(), groups: [{ receiver: 'storage', what: 'new', dueMs: 4000 }] }, 'group', 'storage'],
  ['no route', { alert: alert() }, 'group', 'no route'],
  ['capped', { alert: alert(), groups: [{ receiver: 'storage', what: 'held', dueMs: 4000 }] }, 'cap', 'digest'],
  ['refused by the other side', { alert: alert(), notices: [notice] }, 'outbox', '450 4.7.1'],
]

describe('why a rule has told nobody', () => {
  test.each(CASES)('%s', (_, given, gate, why) => {
    const { verdict, rungs } = whyNot(facts(given))
    expect(verdict).toMatchObject({ gate, outcome: 'stopped', why: expect.stringContaining(why) as string })
    expect(rungs.filter(({ outcome }) => outcome === 'stopped')).toHaveLength(1)
  })

  test('it has told: when and whom, and what comes is folded', () => {
    const { verdict, rungs } = whyNot(facts({ alert: alert(), notices: [{ ...notice, state: 'sent', doneMs: 3000, reply: '250 ok' }], told: [told] }))
    expect(verdict).toMatchObject({ gate: 'told', outcome: 'passed', atMs: 3000, why: expect.stringContaining('250 ok') as string })
    expect(rungs.find(({ gate }) => gate === 'open')?.why).toContain('folded')
  })
})
