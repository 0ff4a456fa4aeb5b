import { formatDuration } from '#base/duration.ts'
import { formatUtc } from '#base/time.ts'
import { LAST_LOOKED_AT, pickLastWords, type LastWords } from '#domain/last-words.ts'
import { SILENCES } from '#domain/silence.ts'
import type { StreamEvent } from '#sessions/index.ts'
import { createRhythmRecords, type ReaderClient, type SilenceRecord } from '#store/index.ts'
import type { Logger } from '#telemetry/index.ts'
import type { SilenceEffects } from '#triggers/index.ts'
import type { HubWrites } from './hub-writes.ts'
import type { Names } from './names.ts'
import type { Records } from './records.ts'

/** A notice waits so long for its last words; then it goes without them. */
const WORDS_DEADLINE_MS = 5000

export type SilenceEvent = Extract<StreamEvent, { kind: 'silent' | 'heard-again' }>

export interface SilencesOptions {
  readonly records: Pick<Records, 'db' | 'nodes' | 'sources'>
  readonly reader: Pick<ReaderClient, 'search'>
  readonly names: Pick<Names, 'node' | 'session'>
  readonly effects: SilenceEffects
  readonly writes: HubWrites
  readonly log: Logger
  readonly clock: () => number
  wakeOutbox(): void
}

/** What main does with silences: a line in the log, an alert, a notice with the last words. */
export interface Silences {
  saw(event: SilenceEvent): void
  /** What the hub before this one had not come to; once the log writer has written what it knows. */
  recall(): void
  /** The last messages before a silence, or the newest where `silence` is undefined. Rejects as the reader does. */
  lastWords(of: WordsOf, deadlineMs: number): Promise<LastWords>
}
export interface WordsOf { readonly nodeId: number; readonly sourceId: number; readonly silence: SilenceRecord | undefined }

export function createSilences({ records, reader, names, effects, writes, log, clock, wakeOutbox }: SilencesOptions): Silences {
  const stored = createRhythmRecords(records.db)
  /** One after the other: what ends must not overtake its beginning. As many wait as there are nodes and senders at most. */
  let done: Promise<void> = Promise.resolve()

  const nameOf = ({ subject, id }: SilenceRecord): string => {
    if (subject === 'hub') return 'the hub'
    if (subject === 'node') return names.node(id) ?? `node ${id}`
    const source = records.sources.byId(id)
    return source === undefined ? `source ${id}` : `${source.address} by ${source.transport}`
  }
  const lastWords: Silences['lastWords'] = async ({ nodeId, sourceId, silence }, deadlineMs) => {
    const name = records.nodes.nameOf(nodeId)
    // with the nodes that proved to be this one
    const nodeIds = name === undefined ? [nodeId] : records.nodes.idsNamed(name)
    const term = sourceId === 0 ? ({ kind: 'ids', field: 'node', ids: nodeIds } as const) : ({ kind: 'ids', field: 'source', ids: [sourceId] } as const)
    const before = silence === undefined || silence.lastSeq === 0 ? [] : [{ kind: 'seq', comparison: '<=', value: silence.lastSeq } as const]
    const page = await reader.search({ kind: 'and', terms: [term, ...before] }, { limit: LAST_LOOKED_AT, order: 'newest', cursor: undefined, deadlineAtMs: clock() + deadlineMs })
    return pickLastWords(page.messages)
  }
  const wordsOf = async (silence: SilenceRecord): Promise<LastWords> => {
    const { subject, id } = silence
    if (subject === 'hub') return { messages: [], fatal: [] }
    try {
      return await lastWords({ nodeId: subject === 'node' ? id : 0, sourceId: subject === 'source' ? id : 0, silence }, WORDS_DEADLINE_MS)
    } catch (error) {
      log.warn({ err: error, subject: nameOf(silence) }, 'The last words of a silent one could not be read')
      return { messages: [], fatal: [] }
    }
  }
  const begin = async (silence: SilenceRecord): Promise<void> => {
    const words = await wordsOf(silence)
    const sessionId = words.messages.at(-1)?.sessionId ?? 0
    const news = { silence, name: nameOf(silence), node: names.node(silence.nodeId) ?? '', sessionId, session: names.session(sessionId) ?? '', words }
    writes.run(() => void (effects.begin(news) && wakeOutbox()))
  }
  const queue = (work: () => Promise<void> | void): void => {
    done = done.then(work).catch((error: unknown) => log.error({ err: error }, 'A silence could not be told'))
  }
  return {
    lastWords,
    saw(event) {
      const { silence } = event
      if (event.kind === 'silent') {
        log.warn(aboutOf(silence, nameOf(silence)), TOLD[silence.subject])
        return queue(() => begin(silence))
      }
      log.info({ ...aboutOf(silence, nameOf(silence)), silent_for: formatDuration(event.atMs - silence.sinceMs) }, event.isGivenUp ? 'Nobody waits for it any more' : ENDED[silence.subject])
      queue(() => writes.run(() => void (effects.end(silence) && wakeOutbox())))
    },
    recall() {
      const silences = stored.silences()
      writes.run(() => void (effects.keepOnly(silences) && wakeOutbox()))
      for (const silence of silences) queue(() => begin(silence))
    },
  }
}

const TOLD = { node: 'Node is silent', source: 'Source is silent', hub: 'The hub hears nobody' } as const
const ENDED = { node: 'Node is heard again', source: 'Source is heard again', hub: 'The hub hears the others again' } as const

function aboutOf(silence: SilenceRecord, name: string): Record<string, unknown> {
  const { subject, sinceMs, usualMs, lastSeq, expected, unheard } = silence
  if (subject === 'hub') return { unheard, expected, since: formatUtc(sinceMs) }
  return { [subject]: name, since: formatUtc(sinceMs), ...(usualMs === 0 ? {} : { usual: formatDuration(usualMs) }), ...(lastSeq === 0 ? {} : { seq: lastSeq }), why: SILENCES[silence.reason] }
}
