import type { PlannedView, PlanRequest, RhythmView, SilencesPart, SilenceView } from '#api/index.ts'
import { parseDurationMs } from '#base/duration.ts'
import { canonicalIp } from '#base/ip.ts'
import { formatUtc } from '#base/time.ts'
import { AppFault } from '#domain/fault.ts'
import type { StoredMessage } from '#domain/message.ts'
import { limitMs, SILENCES, usualMs } from '#domain/silence.ts'
import { createPlannedRecords, createRhythmRecords, type PlannedWork, type ReaderClient, type SilenceRecord } from '#store/index.ts'
import type { Logger } from '#telemetry/index.ts'
import type { Names } from '../names.ts'
import { sessionName, type Records } from '../records.ts'
import type { Silences } from '../silences.ts'
import { valueOf, type WriterClient } from '../threads/writer-client.ts'
import { presentMessage } from './present.ts'

/** Work under way or ahead; more is refused. */
export const MAX_PLANNED = 500
const MAX_PLANNED_MS = 31 * 86_400_000
/** Silent ones whose last word is looked up for a list. */
const MAX_WORDS = 100

export interface SilencesPartOptions {
  readonly records: Pick<Records, 'db' | 'nodes' | 'sources' | 'sessions'>
  readonly writer: Pick<WriterClient, 'ask'>
  readonly reader: Pick<ReaderClient, 'message'>
  readonly silences: Pick<Silences, 'lastWords'>
  readonly names: Names
  readonly settings: { readonly minMs: number; readonly learnMs: number }
  readonly deadlineMs: number
  readonly clock: () => number
  readonly log: Logger
}

/** Silences, rhythms and planned work as the API shows them. What the writer has not yet written down is written before it is read. */
export function createSilencesPart(options: SilencesPartOptions): SilencesPart {
  const { records: { db, nodes, sources, sessions }, writer, reader, silences, names, settings, deadlineMs, clock, log } = options
  const stored = createRhythmRecords(db)
  const planned = createPlannedRecords(db)
  const flush = async () => valueOf(await writer.ask({ kind: 'flush' }))

  function view(silence: SilenceRecord, word: StoredMessage | undefined): SilenceView {
    const { subject, id, nodeId, reason, lastSeq } = silence
    const source = subject === 'source' ? sources.byId(id) : undefined
    const session = nodeId === 0 ? undefined : sessions.list({ nodeId, limit: 1 })[0]
    return {
      subject, id,
      name: subject === 'hub' ? 'hub' : subject === 'node' ? (nodes.nameOf(id) ?? `#${id}`) : (source?.address ?? `#${id}`),
      transport: source?.transport ?? null,
      node: nodes.nameOf(nodeId) ?? null,
      reason, means: SILENCES[reason], since: formatUtc(silence.sinceMs), noticed: formatUtc(silence.noticedMs),
      usual_ms: silence.usualMs === 0 ? null : silence.usualMs, limit_ms: silence.limitMs,
      session: session === undefined ? null : sessionName(session.id, session.hashes), stage: session?.stage ?? null,
      last_seq: lastSeq === 0 ? null : lastSeq, last_word: word?.text ?? null,
      expected: subject === 'hub' ? silence.expected : null, unheard: subject === 'hub' ? silence.unheard : null,
    }
  }
  function idOf(subject: 'node' | 'source', name: string): { readonly id: number; readonly name: string } {
    if (subject === 'node') {
      const node = nodes.byName(name)
      if (node === undefined) throw new AppFault('not-found', `There is no node ${name}`)
      return { id: node.id, name: node.name }
    }
    const source = /^\d{1,15}$/.test(name) ? sources.byId(Number(name)) : undefined
    if (source !== undefined) return { id: source.id, name: source.address }
    const found = sources.list().filter(({ address }) => address === (canonicalIp(name) ?? name))
    if (found.length === 0) throw new AppFault('not-found', `Nobody has sent a message from ${name}`)
    if (found.length > 1) throw new AppFault('ambiguous', `${name} sends in ${found.length} ways; ask for one by its number`, { detail: { choices: found.map(({ id, address, transport, listener }) => ({ id, address, transport, listener })) } })
    return { id: found[0]!.id, name: found[0]!.address }
  }
  async function rhythmOf(subject: 'node' | 'source', name: string): Promise<RhythmView> {
    const who = idOf(subject, name)
    await flush()
    const rhythm = stored.of(subject, who.id)
    const silence = stored.silence(subject, who.id)
    const words = await silences.lastWords({ nodeId: subject === 'node' ? who.id : 0, sourceId: subject === 'source' ? who.id : 0, silence }, deadlineMs)
    const usual = rhythm === undefined ? undefined : usualMs({ ...rhythm, lengths: [...rhythm.lengths], countedMs: rhythm.spokeMs, floorMs: rhythm.spokeMs, isTold: false }, settings.learnMs)
    return {
      subject, id: who.id, name: who.name, spoke: rhythm === undefined ? null : formatUtc(rhythm.spokeMs), gaps: rhythm?.gaps ?? 0, learned_ms: rhythm?.learnedMs ?? 0,
      usual_ms: usual ?? null, limit_ms: usual === undefined ? null : Math.round(limitMs(usual, settings.minMs)),
      silence: silence === undefined ? null : view(silence, words.messages.at(-1)),
      last_words: words.messages.map((message) => presentMessage(message, names)), fatal: words.fatal.map((message) => presentMessage(message, names)),
    }
  }
  function present(work: PlannedWork): PlannedView {
    const nowMs = clock()
    const state = work.endedMs !== undefined ? 'ended' : nowMs >= work.untilMs ? 'over' : nowMs < work.fromMs ? 'ahead' : 'now'
    return {
      id: work.id, node: work.nodeId === undefined ? null : (nodes.nameOf(work.nodeId) ?? `#${work.nodeId}`), source: work.address ?? null, from: formatUtc(work.fromMs), until: formatUtc(work.untilMs), state,
      why: work.why, by: work.by, made: formatUtc(work.madeMs), ended: work.endedMs === undefined ? null : formatUtc(work.endedMs), ended_by: work.endedBy ?? null,
    }
  }
  const replan = async () => valueOf(await writer.ask({ kind: 'replan' }))

  return {
    async list() {
      await flush()
      const all = stored.silences()
      const words = await Promise.all(all.slice(0, MAX_WORDS).map(async ({ lastSeq }) => (lastSeq === 0 ? undefined : reader.message(lastSeq))))
      return all.map((silence, at) => view(silence, words[at]))
    },
    of: rhythmOf,
    async forget(subject, name, actor) {
      const { id } = idOf(subject, name)
      valueOf(await writer.ask({ kind: 'unlearn', subject, subjectId: id }))
      await flush()
      log.info({ [subject]: name, by: actor }, 'Nobody waits for it any more')
    },
    planned: async () => planned.list().map(present),
    async plan(request, actor) {
      const nowMs = clock()
      const { nodeId, address } = scopeOf(request, (name) => idOf('node', name).id)
      const { fromMs, untilMs } = spanOf(request, nowMs)
      if (planned.ahead(nowMs).length >= MAX_PLANNED) throw new AppFault('too-many', `${MAX_PLANNED} pieces of work are planned already`)
      const id = planned.add({ nodeId, address, fromMs, untilMs, why: request.why, by: actor, madeMs: nowMs })
      await replan()
      log.info({ id, node: request.node, source: address, from: formatUtc(fromMs), until: formatUtc(untilMs), why: request.why, by: actor }, 'Work is planned')
      return present(planned.byId(id)!)
    },
    async end(id, actor) {
      const work = planned.byId(id)
      if (work === undefined) throw new AppFault('not-found', `No work ${id} is planned`)
      if (!planned.end(id, { atMs: clock(), by: actor })) throw new AppFault('conflict', `The work ${id} is over already`)
      await replan()
      log.info({ id, why: work.why, by: actor }, 'Planned work is ended')
      return present(planned.byId(id)!)
    },
  }
}

function scopeOf({ node, source, all }: PlanRequest, nodeIdOf: (name: string) => number): Pick<PlannedWork, 'nodeId' | 'address'> {
  if ([node, source, all === true ? 'all' : undefined].filter((given) => given !== undefined).length !== 1) throw new AppFault('bad-request', 'Give one of `node`, `source` and `all`: whom the work is about')
  return { nodeId: node === undefined ? undefined : nodeIdOf(node), address: source === undefined ? undefined : (canonicalIp(source) ?? source) }
}

function spanOf({ from, for: length }: PlanRequest, nowMs: number): { readonly fromMs: number; readonly untilMs: number } {
  const lengthMs = parseDurationMs(length)
  if (lengthMs === undefined || lengthMs <= 0 || lengthMs > MAX_PLANNED_MS) throw new AppFault('bad-request', `“${length}” is no duration such as 30m, 2h or 1d, of at most 31 days`)
  const fromMs = from === undefined ? nowMs : Date.parse(from)
  if (Number.isNaN(fromMs)) throw new AppFault('bad-request', `“${from}” is no time such as 2026-11-22T18:00:00Z`)
  if (fromMs + lengthMs <= nowMs || fromMs > nowMs + MAX_PLANNED_MS) throw new AppFault('bad-request', 'The work must end after now and begin within 31 days')
  return { fromMs, untilMs: fromMs + lengthMs }
}
