import { AppFault } from '#domain/fault.ts'
import type { Metrics } from '#telemetry/index.ts'
import type { RulesCommand, RulesEvent, StudyAnswer, StudyQuestion } from '#triggers/index.ts'

/** Each question holds up the stream for a moment: those beyond are refused. */
export const MAX_RULE_QUESTIONS = 4
const DEADLINE_MS = 5000

export interface RuleStudies {
  /** @throws AppFault `too-many`, `deadline` */
  ask(question: StudyQuestion): Promise<StudyAnswer>
  answered(event: Extract<RulesEvent, { kind: 'studied' }>): void
}

/** Questions to the rules thread, with their answers. */
export function createRuleStudies({ send, metrics }: { readonly send: (command: RulesCommand) => void; readonly metrics: Pick<Metrics, 'add' | 'measure'> }): RuleStudies {
  const waiting = new Map<number, (answer: StudyAnswer) => void>() // bound: MAX_RULE_QUESTIONS
  metrics.measure('hps_rule_questions_waiting', () => waiting.size)
  let lastId = 0
  return {
    async ask(question) {
      if (waiting.size >= MAX_RULE_QUESTIONS) {
        metrics.add('hps_http_refused_total', { reason: 'rule-questions' })
        throw new AppFault('too-many', `${MAX_RULE_QUESTIONS} questions to the rules wait already`)
      }
      const id = ++lastId
      const { promise, resolve, reject } = Promise.withResolvers<StudyAnswer>()
      waiting.set(id, resolve)
      const deadline = setTimeout(() => reject(new AppFault('deadline', `The rules did not answer within ${DEADLINE_MS / 1000} seconds`)), DEADLINE_MS)
      try {
        send({ kind: 'study', id, question })
        return await promise
      } finally {
        clearTimeout(deadline)
        waiting.delete(id)
      }
    },
    answered: ({ id, answer }) => waiting.get(id)?.(answer),
  }
}
