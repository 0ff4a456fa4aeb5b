import type { MessageView, TailItem } from '#api/index.ts'
import { AppFault } from '#domain/fault.ts'
import type { StoredMessage } from '#domain/message.ts'
import { compileMatcher, printQuery, type Query, type ReaderClient, type ResolvedQuery } from '#store/index.ts'
import type { Logger } from '#telemetry/index.ts'
import { cluesOf } from '../live-gate.ts'
import type { KnownNames } from '../known-names.ts'
import type { Live, LiveMatcher } from '../live.ts'
import type { Records } from '../records.ts'
import { resolveQuery } from '../resolve.ts'

/** Stored messages read at a time for a tail that catches up. */
const BACKFILL_PAGE = 500
/** Names in a tail's query are looked up anew when there are new nodes or sessions, and this often: a node may get another name. */
const RESOLVE_EVERY_MS = 2000

export interface TailStart {
  readonly reader: ReaderClient
  readonly live: Live<MessageView>
  readonly records: Records
  readonly knownNames: KnownNames
  readonly clock: () => number
  readonly log: Logger
  readonly query: Query
  readonly afterSeq: number
  deliver(item: TailItem): boolean
  readonly onFault: ((fault: unknown) => void) | undefined
  view(message: StoredMessage): MessageView
  deadlineAtMs(): number
}

/** @returns its end */
export function startTail({ query, afterSeq, deliver, onFault, view, reader, live, records, knownNames, clock, deadlineAtMs, log }: TailStart): () => void {
  let matcher: LiveMatcher | undefined
  let resolvedMs = 0
  let resolvedFor = ''
  let resolvedText = ''
  const resolved = () => resolveQuery(query, records)
  return live.tail({
    key: printQuery(query),
    afterSeq,
    matcher() {
      if (matcher === undefined || resolvedFor !== knownNames.word() || clock() - resolvedMs > RESOLVE_EVERY_MS) {
        resolvedFor = knownNames.word()
        const now = resolved()
        const text = JSON.stringify(now)
        if (matcher === undefined || text !== resolvedText) matcher = { matches: compileMatcher(now), clues: cluesOf(now) }
        resolvedText = text
        resolvedMs = clock()
      }
      return matcher
    },
    async backfill(after, upto) {
      const range: ResolvedQuery[] = [{ kind: 'seq', comparison: '>', value: after }, { kind: 'seq', comparison: '<=', value: upto }]
      const page = await reader.search({ kind: 'and', terms: [...range, resolved()] }, { limit: BACKFILL_PAGE, order: 'oldest', cursor: undefined, deadlineAtMs: deadlineAtMs() })
      if (!page.complete && page.messages.length === 0) throw new AppFault('deadline', 'The search behind this stream took too long; start it nearer to now or ask for less')
      const isLast = page.cursor === undefined && page.complete
      return { messages: page.messages.map(view), doneSeq: isLast ? upto : page.messages.at(-1)!.seq }
    },
    deliver: (item) => deliver(item.message === undefined ? { kind: 'skipped', ...item.skipped! } : { kind: 'message', message: item.message }),
    onFault(fault) {
      log.warn({ err: fault }, 'Live stream ended')
      onFault?.(fault)
    },
  })
}
