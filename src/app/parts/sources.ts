import { formatUtc } from '#base/time.ts'
import type { SourceView } from '#api/index.ts'
import type { Records } from '../records.ts'
import type { WriterClient } from '../threads/writer-client.ts'

/** Who sends to the hub, as the API shows it. */
export function createSourcesPart({ records, writer }: { readonly records: Records; readonly writer: WriterClient }): () => Promise<readonly SourceView[]> {
  return async () => {
    await writer.ask({ kind: 'flush' })
    return records.sources.list().map((source) => ({
      id: source.id,
      address: source.address,
      transport: source.transport,
      listener: source.listener,
      roles: source.roles,
      first_seen: formatUtc(source.firstSeenMs),
      last_seen: formatUtc(source.lastSeenMs),
      messages: source.messages,
      faulty: source.faulty,
      conflicts: source.conflicts,
    }))
  }
}
