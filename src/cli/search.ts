import type { MessageView, SearchAnswer, SessionView } from '#api/index.ts'
import type { HubClient, Parameters } from './client.ts'
import type { CommandContext } from './context.ts'
import { CliFault, EXIT } from './exit.ts'
import { bootLine, fieldLines, jsonLine, messageLine, type Shown } from './output.ts'
import type { Selection } from './query-text.ts'

/** Asked for at once; the API gives no more than 1000. */
const PAGE_MESSAGES = 500
const PAGE_SESSIONS = 500
/** Raw texts fetched side by side. */
const RAW_AT_ONCE = 8

export interface SearchOrder {
  readonly query: string
  readonly order: 'newest' | 'oldest'
  /** Infinity: all there are. */
  readonly limit: number
  /** Ask for the fields of each message too. */
  readonly fields?: true | undefined
}

/** How a search ended. `reason`: why the hub did not look at everything (`deadline`, `cancelled`, `damaged`); `broader`: a query that may find more, when nothing was found. */
export interface SearchEnd { readonly reason: string | null; readonly broader: string | null }
/** Asks for one page; the default waits in silence. */
export type AskPage = (parameters: Parameters) => Promise<SearchAnswer>

/** Page after page until `limit` is reached or there is no more. */
export async function* searchPages(hub: HubClient, { query, order, limit, fields }: SearchOrder, ask: AskPage = (parameters) => hub.get<SearchAnswer>('/logs', parameters)): AsyncGenerator<readonly MessageView[], SearchEnd> {
  let left = limit
  let cursor: string | undefined
  let reason: string | null = null
  while (left > 0) {
    const page = await ask({ q: query, limit: Math.min(left, PAGE_MESSAGES), order, cursor, fields: fields === true ? 1 : undefined })
    if (page.messages.length > 0) yield page.messages
    left -= page.messages.length
    if (!page.complete) reason = page.reason ?? 'deadline'
    // what is damaged is passed over; a search that was stopped is over
    if (page.cursor === null || (reason !== null && reason !== 'damaged')) return { reason, broader: page.broader ?? null }
    cursor = page.cursor
  }
  return { reason, broader: null }
}

/** What a person is told of a search that did not look at everything. */
export const INCOMPLETE: Readonly<Record<string, string>> = {
  deadline: 'the search was stopped at its deadline and is not complete: narrow it with --since, --node or -b',
  cancelled: 'the search was stopped: this is what it had found',
  damaged: 'the search is not complete: something stored could not be read, see the readiness of the hub',
}

/** Prints messages in the form asked for. `raw`: the bytes as they came in, one message a line, nothing made visible. */
export async function printMessages({ io, paint, hub }: CommandContext, messages: readonly MessageView[], output: Shown): Promise<void> {
  if (output === 'json') for (const message of messages) io.out(jsonLine(message))
  else if (output !== 'raw') for (const message of messages) io.out((output === 'text' ? messageLine : bootLine)(message, paint) + fieldLines(message, paint))
  else {
    const client = await hub()
    for (let from = 0; from < messages.length; from += RAW_AT_ONCE) {
      const some = messages.slice(from, from + RAW_AT_ONCE)
      for (const bytes of await Promise.all(some.map(({ seq }) => client.bytes(`/logs/${seq}/raw`)))) {
        io.out(bytes)
        if (bytes.at(-1) !== 0x0a) io.out('\n')
      }
    }
  }
}

/** Sessions, the latest first, page after page. */
export async function latestSessions(hub: HubClient, { node, limit }: { readonly node: string | undefined; readonly limit: number }): Promise<readonly SessionView[]> {
  const found: SessionView[] = []
  while (found.length < limit) {
    const wanted = Math.min(limit - found.length, PAGE_SESSIONS)
    const { sessions } = await hub.get<{ readonly sessions: readonly SessionView[] }>('/sessions', { node, limit: wanted, before: found.at(-1)?.id })
    found.push(...sessions)
    if (sessions.length < wanted) break
  }
  return found
}

/** `-b 0` and `-b -1` count a node's boots back from the latest, as `journalctl` does; anything else is a hash or id. */
export async function resolveBoot(hub: HubClient, selection: Selection): Promise<Selection> {
  const { boot, node } = selection
  if (boot === undefined || !/^(0|-\d{1,3})$/.test(boot)) return selection
  if (node === undefined) throw new CliFault(EXIT.usage, `-b ${boot} counts the boots of a node`, { hint: 'say which with --node NAME' })
  const back = Math.abs(Number(boot))
  const sessions = await latestSessions(hub, { node, limit: back + 1 })
  const session = sessions[back]
  if (session === undefined) throw new CliFault(EXIT.failed, `${node} has ${sessions.length} boot sessions, none ${back} before its latest`, { hint: `see: hps sessions ${node}` })
  return { ...selection, boot: session.hash }
}
