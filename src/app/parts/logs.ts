import type { LogsPart, MessageView } from '#api/index.ts'
import { AppFault } from '#domain/fault.ts'
import type { StoredMessage } from '#domain/message.ts'
import { broaderQuery, parseQuery, printQuery, type Query, type ReaderClient, type SearchProgress } from '#store/index.ts'
import type { Logger } from '#telemetry/index.ts'
import type { KnownNames } from '../known-names.ts'
import type { Live } from '../live.ts'
import type { Names } from '../names.ts'
import type { Receipts } from '../receipts.ts'
import type { Records } from '../records.ts'
import { resolveQuery } from '../resolve.ts'
import { countMessages } from './count.ts'
import { exportMessages } from './export.ts'
import { presentMessage } from './present.ts'
import { startTail } from './tail.ts'

export interface LogsPartOptions {
  readonly reader: ReaderClient
  readonly live: Live<MessageView>
  /** `createAcksPart`. */
  readonly ack: LogsPart['ack']
  readonly receipts: Receipts
  readonly names: Names
  readonly records: Records
  readonly knownNames: KnownNames
  readonly clock: () => number
  readonly deadlineMs: number
  readonly log: Logger
  /** Highest seq that is on disk. */
  committedSeq(): number
  /** Asked before a body is taken. @throws AppFault `too-many` while too much waits for the disk */
  admit(): void
  /** Hands a body to the ingest thread; a receipt with `id` follows. */
  submit(body: { readonly id: number; readonly address: string; readonly form: 'lines' | 'ndjson' | 'journal'; readonly bytes: Uint8Array }): void
}

/** Searching, reading, tailing and taking messages, as the API needs them. */
export function createLogsPart(options: LogsPartOptions): LogsPart {
  const { reader, names, records, clock, receipts, committedSeq } = options
  const deadlineAtMs = () => clock() + options.deadlineMs
  const view = (message: StoredMessage): MessageView => presentMessage(message, names)

  function read(text: string): Query {
    const parsed = parseQuery(text, { nowMs: clock() })
    if (parsed.ok) return parsed.value
    const [first] = parsed.faults
    throw new AppFault('bad-query', first === undefined ? 'The search could not be read' : `column ${first.column}: ${first.message}${first.hint === undefined ? '' : ` (${first.hint})`}`, { detail: { faults: parsed.faults } })
  }

  async function stored(seq: number): Promise<StoredMessage> {
    const message = await reader.message(seq)
    if (message === undefined) throw new AppFault('not-found', `There is no message ${seq}; it may have passed its retention`)
    return message
  }

  return {
    async search({ query: text, limit, order, cursor, signal, onProgress }) {
      const query = read(text)
      const told = onProgress === undefined ? undefined : ({ doneRows, totalRows }: SearchProgress): void => onProgress({ done: doneRows, total: totalRows })
      const page = await reader.search(resolveQuery(query, records), { limit, order, cursor, deadlineAtMs: deadlineAtMs(), onProgress: told }, signal)
      const { messages, complete, reason = null, scannedRows: scanned } = page
      const isNothing = messages.length === 0 && cursor === undefined && complete
      return { messages: messages.map(view), cursor: page.cursor ?? null, complete, reason, scanned, query: printQuery(query), broader: isNothing ? broader(query) : null }
    },
    async count(request) {
      const query = read(request.query)
      return countMessages(query, resolveQuery(query, records), { ...request, reader, names, clock, deadlineAtMs })
    },
    export: async ({ query, order, signal }) => exportMessages({ reader, query: resolveQuery(read(query), records), order, signal, deadlineAtMs, view }),
    message: async (seq) => view(await stored(seq)),
    raw: async (seq) => (await stored(seq)).raw,
    async context(seq, before, after) {
      const { nodeId } = await stored(seq)
      return (await reader.context(seq, { before, after, ...(nodeId === 0 ? {} : { nodeId }) })).map(view)
    },
    tail: async ({ query, afterSeq, deliver, onFault }) => startTail({ ...options, query: read(query), afterSeq: afterSeq ?? committedSeq(), deliver, onFault, view, deadlineAtMs }),
    async ingest(body) {
      options.admit()
      const { id, receipt } = receipts.wait()
      options.submit({ id, ...body })
      const { messages, cut } = await receipt
      return { messages, cut }
    },
    ack: options.ack,
  }
}

/** Words are whole tokens: what nobody finds may be a part of one. */
function broader(query: Query): string | null {
  const wider = broaderQuery(query)
  return wider === undefined ? null : printQuery(wider)
}
