import { formatUtc } from '#base/time.ts'
import type { OutboxView } from '#api/index.ts'
import type { Notice } from '#triggers/index.ts'
import type { Records } from '../records.ts'

/** Newest notices shown; older ones stay in the database until they are pruned. */
const MAX_SHOWN = 500

/** Notices on their way, sent and given up, as the API shows them. */
export function createOutboxPart({ outbox }: Records): () => Promise<readonly OutboxView[]> {
  return async () =>
    outbox.list(MAX_SHOWN).map((row) => ({
      id: row.id,
      state: row.state,
      channel: row.channel,
      receiver: row.receiver,
      subject: subjectOf(row.payload),
      attempts: row.attempts,
      created: formatUtc(row.createdMs),
      next: row.state === 'queued' || row.state === 'retry' ? formatUtc(row.nextMs) : null,
      done: row.doneMs === undefined ? null : formatUtc(row.doneMs),
      last_error: row.lastError ?? null,
      reply: row.reply ?? null,
    }))
}

/** As the mail has it: severity in brackets, which mail programs leave out when they group, then the title. */
function subjectOf(payload: string): string {
  const { severity, title } = JSON.parse(payload) as Partial<Notice>
  return title === undefined ? '' : `[${(severity ?? '').toUpperCase()}] ${title}`
}
