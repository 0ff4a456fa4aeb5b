import type { PlannedView, RhythmView, SilenceView } from '#api/index.ts'
import { aMessage } from './fake-hub.ts'

export const aSilence = (given: Partial<SilenceView> = {}): SilenceView => ({
  subject: 'node', id: 2, name: 'tch-002', transport: null, node: 'tch-002', reason: 'stopped', means: 'It stopped.', since: '2026-11-22T03:00:00.000Z', noticed: '2026-11-22T03:02:10.000Z', usual_ms: 30_000,
  limit_ms: 120_000, session: 'a1b2c3', stage: 'os.ready', last_seq: 7, last_word: 'Kernel panic \u001b[2J', expected: null, unheard: null, ...given,
})
const aRhythm = (given: Partial<RhythmView> = {}): RhythmView => ({
  subject: 'node', id: 2, name: 'tch-002', spoke: '2026-11-22T03:00:00.000Z', gaps: 100, learned_ms: 90_000_000, usual_ms: 30_000, limit_ms: 120_000, silence: aSilence(),
  last_words: [aMessage({ text: 'bye \u001b[2J' })], fatal: [aMessage({ app: 'kernel', text: 'Kernel panic' })], ...given,
})
const aPlan = (given: Partial<PlannedView> = {}): PlannedView => ({
  id: 4, node: 'tch-002', source: null, from: '2026-11-22T03:00:00.000Z', until: '2026-11-22T05:00:00.000Z', state: 'now', why: 'new memory', by: 'anna', made: '2026-11-22T03:00:00.000Z', ended: null, ended_by: null, ...given,
})

/** What the fake hub says below /silences and /planned; of the rest it has nothing. */
export function answerSilence({ method, path, json }: { readonly method: string; readonly path: string; json(status: number, value: unknown): void }): void {
  if (path === '/silences') return json(200, { silences: [aSilence(), aSilence({ subject: 'source', name: '10.0.0.9', transport: 'tcp', node: null, usual_ms: null }), aSilence({ subject: 'hub', name: 'hub', expected: 9, unheard: 8, last_word: null })] })
  if (path === '/silences/node/young') return json(200, aRhythm({ name: 'young', silence: null, usual_ms: null, limit_ms: null, gaps: 3, learned_ms: 61_000, fatal: [] }))
  if (path.startsWith('/silences/')) return json(200, method === 'DELETE' ? null : aRhythm())
  if (path === '/planned') return json(method === 'POST' ? 201 : 200, method === 'POST' ? aPlan() : { planned: [aPlan(), aPlan({ id: 3, node: null, source: '10.0.0.9', state: 'ended', ended: '2026-11-22T04:00:00.000Z', ended_by: 'bert' })] })
  if (path.startsWith('/planned/')) return json(200, aPlan({ state: 'ended' }))
  json(404, { code: 'not-found', title: 'There is no such thing', detail: `no route ${path}`, request_id: 'r-1' })
}
