import type { PlannedView, PlanRequest, RhythmView, SilencesPart, SilenceView } from '#api/index.ts'
import { AppFault } from '#domain/fault.ts'

export const silence = (given: Partial<SilenceView> = {}): SilenceView => ({
  subject: 'node', id: 2, name: 'tch-002', transport: null, node: 'tch-002', reason: 'stopped', means: 'It stopped.', since: '2026-11-22T03:00:00.000Z', noticed: '2026-11-22T03:02:10.000Z', usual_ms: 30_000,
  limit_ms: 120_000, session: 'a1b2c3', stage: 'os.ready', last_seq: 7, last_word: 'Kernel panic - not syncing: \u001b[2J', expected: null, unheard: null, ...given,
})

export const rhythm = (given: Partial<RhythmView> = {}): RhythmView => ({
  subject: 'node', id: 2, name: 'tch-002', spoke: '2026-11-22T03:00:00.000Z', gaps: 100, learned_ms: 90_000_000, usual_ms: 30_000, limit_ms: 120_000, silence: silence(), last_words: [], fatal: [], ...given,
})

export const planned = (given: Partial<PlannedView> = {}): PlannedView => ({
  id: 4, node: 'tch-002', source: null, from: '2026-11-22T03:00:00.000Z', until: '2026-11-22T05:00:00.000Z', state: 'now', why: 'new memory', by: 'anna', made: '2026-11-22T03:00:00.000Z', ended: null, ended_by: null, ...given,
})

/** Notes what was changed, and by whom. */
export function fakeSilences(changes: (readonly [what: string, about: unknown, by: string])[] = []): SilencesPart {
  return {
    list: async () => [silence()],
    async of(subject, name) {
      if (name === 'nobody') throw new AppFault('not-found', 'There is no node nobody')
      return rhythm({ subject, name })
    },
    forget: async (subject, name, actor) => void changes.push(['forget', `${subject} ${name}`, actor]),
    planned: async () => [planned()],
    async plan(request: PlanRequest, actor) {
      changes.push(['plan', request, actor])
      return planned({ by: actor })
    },
    async end(id, actor) {
      changes.push(['end', id, actor])
      return planned({ id, state: 'ended', ended: '2026-11-22T04:00:00.000Z', ended_by: actor })
    },
  }
}
