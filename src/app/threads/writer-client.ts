import type { WriterCommand, WriterReply } from '#sessions/index.ts'
import { AppFault } from '#domain/fault.ts'

/** `WriterCommand` without the id, which the client gives. */
type WriterRequest = WriterCommand extends infer C ? (C extends unknown ? Omit<C, 'id'> : never) : never

/** Commands under way at once; a node storm beyond it is answered `too-many`, never queued without end. */
export const MAX_PENDING = 10_000

/** Behind a slow disk what was last written down is shown: whoever only reads does not wait for longer than this. */
const FLUSH_WITHIN_MS = 1000

export interface WriterClient {
  /** Commands that are not answered. */
  readonly pending: number
  /** A `flush` is answered after a second at the latest, whether it is done by then or not: it goes on. */
  ask(request: WriterRequest): Promise<WriterReply>
  onReply(reply: WriterReply): void
  /** Answers everything still open; nothing more will come. */
  abandon(): void
}

export function createWriterClient(post: (command: WriterCommand) => void): WriterClient {
  const pending = new Map<number, { resolve(reply: WriterReply): void; reject(fault: AppFault): void }>()
  let nextId = 1
  return {
    get pending() {
      return pending.size
    },
    ask(request) {
      if (pending.size >= MAX_PENDING) return Promise.reject(new AppFault('too-many', `${MAX_PENDING} requests to the log writer are waiting`))
      const id = nextId++
      return new Promise((resolve, reject) => {
        pending.set(id, { resolve, reject })
        post({ ...request, id } as WriterCommand)
        if (request.kind === 'flush') setTimeout(() => resolve({ kind: 'reply', id, ok: true }), FLUSH_WITHIN_MS).unref()
      })
    },
    onReply(reply) {
      pending.get(reply.id)?.resolve(reply)
      pending.delete(reply.id)
    },
    abandon() {
      for (const { reject } of pending.values()) reject(new AppFault('shutting-down', 'The hub is stopping'))
      pending.clear()
    },
  }
}

/** A refusal of the writer as the fault that callers of the API know. */
export function valueOf(reply: WriterReply): Extract<WriterReply, { ok: true }> {
  if (reply.ok) return reply
  throw new AppFault(reply.code, reply.reason)
}
