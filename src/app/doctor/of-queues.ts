import type { DoctorCheck, QueueView } from '#api/index.ts'
import type { QueueState } from '#telemetry/index.ts'
import { sumOf } from './samples.ts'
import { ok, warn } from './verdicts.ts'

/** From here on a queue is nearly full. */
const NEARLY_FULL = 0.8

/** @param samples of `/metrics`: what each queue has refused or dropped */
export const presentQueue = ({ name, unit, bound, fill, peak, full, means, whenFull, counter }: QueueState, samples: ReadonlyMap<string, number>): QueueView => ({
  name, unit, bound: bound ?? null, fill, peak, full, means, when_full: whenFull, counter: counter ?? null, counted: counter === undefined ? null : sumOf(samples, counter),
})

/** Queues that are or were nearly full, and those that had to refuse or drop. A window of the hub itself (`waits`) is full whenever there is work. */
export function examineQueues(queues: readonly QueueView[]): readonly DoctorCheck[] {
  const troubles = queues.flatMap((queue) => examineQueue(queue))
  return troubles.length > 0 ? troubles : [ok('queues', `${queues.length} queues, none nearly full, nothing refused or dropped since the hub started`)]
}

function examineQueue({ name, unit, bound, fill, peak, full, when_full: whenFull, counted }: QueueView): readonly DoctorCheck[] {
  if (full === 'waits') return []
  const mend = `hps doctor --queues; when it is full: ${whenFull}`
  if (bound !== null && fill >= bound * NEARLY_FULL) return [warn(`queue:${name}`, `${fill} of ${bound} ${unit} now`, mend)]
  if (bound !== null && peak >= bound * NEARLY_FULL) return [warn(`queue:${name}`, `up to ${peak} of ${bound} ${unit} within the last ten minutes`, mend)]
  if (counted !== null && counted > 0) return [warn(`queue:${name}`, `was full: ${counted} ${full === 'drops' ? 'dropped' : 'refused'} since the hub started`, mend)]
  return []
}
