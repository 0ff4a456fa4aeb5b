import type { ExportedMessage, ExportEnd, MessageView } from '#api/index.ts'
import { AppFault } from '#domain/fault.ts'
import type { StoredMessage } from '#domain/message.ts'
import type { ReaderClient, ResolvedQuery, SearchPage } from '#store/index.ts'

/** What a page is to weigh; the number of messages follows from what those before weighed. */
const PAGE_BYTES = 1024 * 1024
const MIN_PAGE = 16
const MAX_PAGE = 2000
const FIRST_PAGE = 100
/** Pages in a row that came to their deadline without a step forward; then the store does not answer any more. */
const MAX_STALLED_PAGES = 3

export interface ExportOptions {
  readonly reader: ReaderClient
  readonly query: ResolvedQuery
  readonly order: 'newest' | 'oldest'
  readonly signal: AbortSignal
  deadlineAtMs(): number
  view(message: StoredMessage): MessageView
}

/**
 * All that matches, page after page as it is taken, one read ahead: each page has a deadline, the whole has none. What was stored after the
 * first page was read is in it only where the order is `oldest`. Throws AppFault `deadline` when the store does not get on.
 */
export async function* exportMessages({ reader, query, order, signal, deadlineAtMs, view }: ExportOptions): AsyncGenerator<readonly ExportedMessage[], ExportEnd> {
  const ask = (cursor: string | undefined, limit: number): Promise<SearchPage> => {
    const asked = reader.search(query, { limit, order, cursor, deadlineAtMs: deadlineAtMs() }, signal)
    asked.catch(() => undefined) // when nobody takes the page before any more, nobody hears of it either
    return asked
  }
  let cursor: string | undefined
  let limit = FIRST_PAGE
  let stalled = 0
  let reason: string | null = null
  let coming = ask(cursor, limit)
  for (;;) {
    const page = await coming
    if (signal.aborted) return { reason: 'cancelled' }
    if (page.reason === 'damaged') reason = page.reason
    if (page.cursor !== undefined) {
      stalled = page.cursor === cursor ? stalled + 1 : 0
      if (stalled >= MAX_STALLED_PAGES) throw new AppFault('deadline', 'The store does not get on with this search')
      cursor = page.cursor
      limit = nextLimit(page.messages, limit)
      coming = ask(cursor, limit) // read while this one is sent
    }
    if (page.messages.length > 0) yield page.messages.map((message) => ({ raw: message.raw, view: () => view(message) }))
    if (page.cursor === undefined) return { reason: page.reason ?? reason }
  }
}

function nextLimit(messages: readonly StoredMessage[], before: number): number {
  if (messages.length === 0) return before
  const bytesEach = messages.reduce((sum, { raw }) => sum + raw.length, 0) / messages.length
  return Math.max(MIN_PAGE, Math.min(MAX_PAGE, Math.round(PAGE_BYTES / Math.max(1, bytesEach))))
}
