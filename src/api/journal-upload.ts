import type { Readable } from 'node:stream'
import { AppFault } from '#domain/fault.ts'
import { createJournalCutter } from '#ingest/index.ts'

/** `systemd-journal-upload`, `journalctl -o export`. */
export const JOURNAL_TYPE = 'application/vnd.fdo.journal'

interface Taken { readonly messages: number; readonly cut: number }

/**
 * Takes a journal in the export format as it comes in, which may be for days: whole entries are handed on with each piece read, and the next piece is
 * read once they are on disk, so that a slow disk is felt at the sender and little is in memory.
 * @throws AppFault `bad-request` where it is no journal (what was read before is stored), `shutting-down`, and what `ingest` throws
 */
export async function takeJournal({ body, ingest, closing }: { readonly body: Readable; ingest(entries: Uint8Array): Promise<Taken>; readonly closing: AbortSignal }): Promise<Taken> {
  const cutter = createJournalCutter()
  const taken = { messages: 0, cut: 0 }
  const handOn = async (): Promise<void> => {
    const entries = cutter.take()
    if (entries.length === 0) return
    const { messages, cut } = await ingest(entries)
    taken.messages += messages
    taken.cut += cut
  }
  let isJournal = true
  const ignore = (): void => undefined // a sender that goes away is seen as the end of its body
  body.on('error', ignore)
  try {
    while (isJournal && !closing.aborted) {
      const chunk = body.read() as Uint8Array | null
      if (chunk === null) {
        if (body.readableEnded || body.destroyed) break
        await change(body, closing)
        continue
      }
      isJournal = cutter.push(chunk)
      await handOn()
    }
    if (closing.aborted) throw new AppFault('shutting-down', 'The hub is stopping; what was read is stored')
    if (!cutter.end() && !body.destroyed) isJournal = false
    await handOn()
  } finally {
    body.off('error', ignore)
  }
  if (!isJournal) throw new AppFault('bad-request', `The body is no journal in the export format, or ends within a field; ${taken.messages} messages before that are stored`)
  return taken
}

/** Resolves when there may be more to read, or nothing any more. */
async function change(body: Readable, closing: AbortSignal): Promise<void> {
  const events = ['readable', 'end', 'error', 'close'] as const
  await new Promise<void>((resolve) => {
    const done = (): void => {
      for (const event of events) body.off(event, done)
      closing.removeEventListener('abort', done)
      resolve()
    }
    for (const event of events) body.on(event, done)
    closing.addEventListener('abort', done)
  })
}
