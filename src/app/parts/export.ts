import type { ExportedMessage, ExportEnd } from '#api/index.ts'
import { AppFault } from '#domain/fault.ts'
import type { MessageView } from '#api/index.ts'
import type { StoredMessage } from '#domain/message.ts'
import type { ReaderClient, ResolvedQuery } from '#store/index.ts'

/** What a page is to weigh; the number of messages follows from what those before weighed. */
const PAGE_BYTES = 1024 * 1024
const MIN_PAGE = 16
const MAX_PAGE = 500
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
 * All that matches, page after page as it is taken: each page has a deadline, the whole has none. What was stored after the
 * first page was read is in it only where the order is `oldest`. Throws AppFault `deadline` when the store does not get on.
 */
export async function* exportMessages({ reader, query, order, signal, deadlineAtMs, view }: ExportOptions): AsyncGenerator<readonly ExportedMessage[], ExportEnd> {
  let cursor: string | undefined
  let limit = FIRST_PAGE
  let stalled = 0
  let reason: string | null = null
  for (;;) {
    const page = await reader.search(query, { limit, order, cursor, deadlineAtMs: deadlineAtMs() }, signal)
    if (signal.aborted) return { reason: 'cancelled' }
    if (page.reason === 'damaged') reason = page.reason
    if (page.messages.length > 0) yield page.messages.map((message) => ({ raw: message.raw, view: () => view(message) }))
    if (page.cursor === undefined) return { reason: page.reason ?? reason }
    stalled = page.cursor === cursor ? stalled + 1 : 0
    if (stalled >= MAX_STALLED_PAGES) throw new AppFault('deadline', 'The store does not get on with this search')
    cursor = page.cursor
    limit = nextLimit(page.messages, limit)
  }
}

function nextLimit(messages: readonly StoredMessage[], before: number): number {
  if (messages.length === 0) return before
  const bytesEach = messages.reduce((sum, { raw }) => sum + raw.length, 0) / messages.length
  return Math.max(MIN_PAGE, Math.min(MAX_PAGE, Math.round(PAGE_BYTES / Math.max(1, bytesEach))))
}
