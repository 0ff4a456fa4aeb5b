import type { WorkerCounters } from '#telemetry/index.ts'
import type { RulesCounter } from '../counters.ts'

/** Said this often at most: whoever makes keys makes very many. */
const EVERY_MS = 60_000
const BOUNDS = { droppedOfRule: 'keys-of-a-rule', droppedOfAll: 'keys-of-all', droppedForRoom: 'bytes' } as const

export interface ForgottenKeysOptions {
  readonly counters: Pick<WorkerCounters<RulesCounter>, 'get'>
  /** Time that only goes forward. */
  readonly elapsedMs: () => number
  readonly log: (level: 'warn', fields: Readonly<Record<string, unknown>>, message: string) => void
}

/** Says when rules had to forget keys before their time, a line for each bound that was reached; to be called now and then. */
export function createForgottenKeys({ counters, elapsedMs, log }: ForgottenKeysOptions): () => void {
  const told = new Map<keyof typeof BOUNDS, number>()
  let lookedMs = elapsedMs() - EVERY_MS
  return () => {
    if (elapsedMs() - lookedMs < EVERY_MS) return
    lookedMs = elapsedMs()
    for (const name of Object.keys(BOUNDS) as (keyof typeof BOUNDS)[]) {
      const count = counters.get(name)
      const more = count - (told.get(name) ?? 0)
      told.set(name, count)
      if (more > 0) log('warn', { bound: BOUNDS[name], keys: more }, 'Rules forgot keys before their time: there are as many as may be')
    }
  }
}
