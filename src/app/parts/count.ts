import type { CountGroupView, CountRequest, CountView } from '#api/index.ts'
import { formatUtc } from '#base/time.ts'
import type { StoredMessage } from '#domain/message.ts'
import { printQuery, type CountAnswer, type CountKey, type Query, type ReaderClient, type ResolvedQuery } from '#store/index.ts'
import type { Names } from '../names.ts'
import { keyView, readKeys } from './count-keys.ts'
import { presentMessage } from './present.ts'
import { templateText } from '#domain/template-text.ts'
import { queryRange, stepMsOf, type TimeRange } from './time-steps.ts'

const DEFAULT_GROUPS = 20
const DEFAULT_STEPS = 1000
/** Groups by template that come with a message: each is read from the store. */
const MAX_EXAMPLES = 200

export interface CountPartOptions {
  readonly reader: ReaderClient
  readonly names: Names
  readonly clock: () => number
  deadlineAtMs(): number
}

/** Counts, with names for ids and an example for templates. Throws AppFault `bad-request` on keys or steps that there are not. */
export async function countMessages(query: Query, resolved: ResolvedQuery, request: CountRequest & CountPartOptions): Promise<CountView> {
  const { reader, by, limit, step, signal, onProgress } = request
  const hasTime = by.includes('time')
  const range = hasTime ? await knownRange(resolved, request) : undefined
  const stepMs = range === undefined ? undefined : stepMsOf(step, range)
  const keys = readKeys(by, () => stepMs!)
  const told = onProgress === undefined ? undefined : ({ doneRows, totalRows }: { readonly doneRows: number; readonly totalRows: number }) => onProgress({ done: doneRows, total: totalRows })
  const answer = await reader.count(resolved, { by: keys, limit: limit ?? (hasTime ? DEFAULT_STEPS : DEFAULT_GROUPS), deadlineAtMs: request.deadlineAtMs(), onProgress: told }, signal)
  const { total, distinct, others, complete, reason = null, scannedRows, isBounded } = answer
  return {
    total, by, groups: await groupViews(keys, answer, request), distinct, bounded: isBounded, others, complete, reason, scanned: scannedRows, query: printQuery(query),
    step_ms: stepMs ?? null, from: range === undefined ? null : formatUtc(range.fromMs), until: range === undefined ? null : formatUtc(range.untilMs),
  }
}

async function groupViews(keys: readonly CountKey[], { groups }: CountAnswer, { reader, names }: CountPartOptions): Promise<CountGroupView[]> {
  const seqs = groups.slice(0, MAX_EXAMPLES).flatMap(({ exampleSeq }) => exampleSeq ?? [])
  const examples = new Map<number, StoredMessage>()
  if (seqs.length > 0) for (const message of await reader.messages(seqs)) examples.set(message.seq, message)
  return groups.map(({ keys: values, count, exampleSeq }) => {
    const example = exampleSeq === undefined ? undefined : examples.get(exampleSeq)
    const view: CountGroupView = { keys: values.map((value, index) => keyView(keys[index]!, value, names)), count }
    return example === undefined ? view : { ...view, pattern: templateText(example.text), example: presentMessage(example, names) }
  })
}

/** The range of the query where it has one, else of what is stored, up to now. */
async function knownRange(query: ResolvedQuery, { reader, clock }: CountPartOptions): Promise<TimeRange> {
  const { fromMs, untilMs } = queryRange(query)
  const stats = Number.isFinite(fromMs) ? undefined : await reader.stats()
  const nowMs = clock()
  const until = Number.isFinite(untilMs) ? untilMs : nowMs
  const from = Number.isFinite(fromMs) ? fromMs : Math.min(stats?.oldestMs ?? nowMs, until)
  return { fromMs: from, untilMs: Math.max(from, until) }
}
