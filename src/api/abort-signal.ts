import type { FastifyReply } from 'fastify'

/** Aborted when the caller goes away before the answer is whole, so that nobody works for a closed connection. */
export function abortSignalOf(reply: FastifyReply): AbortSignal {
  const controller = new AbortController()
  reply.raw.once('close', () => {
    if (!reply.raw.writableFinished) controller.abort()
  })
  return controller.signal
}
