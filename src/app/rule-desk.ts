import { Worker } from 'node:worker_threads'
import { AppFault } from '#domain/fault.ts'
import type { Metrics } from '#telemetry/index.ts'
import type { DeskAnswer, DeskQuestion, RuleDesk, SuggestTask } from './rule-answer.ts'
import type { Suggestion } from '#triggers/index.ts'
import { createTurns } from './turns.ts'

/** Tests run on a clock of their own, but a file may hold very many. */
const DEADLINE_MS = 20_000
const AT_ONCE = 2
/** Those that wait for their turn with them. */
export const MAX_TRIES = 10
const MAX_HEAP_MIB = 256
const MAX_YOUNG_MIB = 16

/** Reads and tries rule files, and makes rules of lines, in a thread that lives for one question: neither a long file nor a slow test holds up the hub. @throws AppFault `deadline`, `too-many` */
export function createRuleDesk(metrics: Pick<Metrics, 'add' | 'measure'>): RuleDesk {
  const turn = createTurns(AT_ONCE)
  let asked = 0
  metrics.measure('hps_rule_tries', () => asked)
  return (async (question: DeskQuestion | SuggestTask) => {
    if (asked >= MAX_TRIES) {
      metrics.add('hps_http_refused_total', { reason: 'rule-tries' })
      throw new AppFault('too-many', `${MAX_TRIES} rule files are being read or tried already`)
    }
    asked++
    return turn(() => ask(question)).finally(() => asked--)
  }) as RuleDesk
}

async function ask(question: DeskQuestion | SuggestTask): Promise<DeskAnswer | Suggestion> {
  const worker = new Worker(new URL('./threads/rule-desk.ts', import.meta.url), { workerData: question, name: 'rule-desk', resourceLimits: { maxOldGenerationSizeMb: MAX_HEAP_MIB, maxYoungGenerationSizeMb: MAX_YOUNG_MIB } })
  const { promise, resolve, reject } = Promise.withResolvers<DeskAnswer | Suggestion>()
  const deadline = setTimeout(() => reject(new AppFault('deadline', `${question.kind === 'suggest' ? 'Making a rule of these lines' : 'Reading the rules'} took more than ${DEADLINE_MS / 1000} seconds`)), DEADLINE_MS)
  worker.once('message', resolve)
  worker.once('error', (cause) => reject(new AppFault('internal', 'The rules could not be tried', { cause })))
  worker.once('exit', () => reject(new AppFault('internal', 'The thread that tries rules ended without an answer')))
  try {
    return await promise
  } finally {
    clearTimeout(deadline)
    await worker.terminate()
  }
}
