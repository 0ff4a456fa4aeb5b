import type { FastifyReply, FastifyRequest } from 'fastify'
import { abortSignalOf } from './abort-signal.ts'
import { createEventStream } from './event-stream.ts'
import { asFault, problemOf } from './faults.ts'
import { varies } from './negotiate.ts'
import type { Asking } from './parts.ts'
import type { Room } from './room.ts'
import type { RunningSearches } from './running-searches.ts'

export interface LongAnswerOptions<T> {
  readonly room: Pick<Room, 'parts' | 'heartbeatMs'>
  readonly running: RunningSearches
  work(asking: Required<Asking>): Promise<T>
}

/**
 * The answer of a search. Who accepts `text/event-stream` gets events: `started` ({id}, what it is stopped by), `progress`
 * ({done, total}), then `result` or `fault`. Others get the result alone. Who goes away is no longer worked for.
 */
export async function longAnswer<T>(request: FastifyRequest, reply: FastifyReply, { room, running, work }: LongAnswerOptions<T>): Promise<T | FastifyReply> {
  const gone = abortSignalOf(reply)
  if (!/\btext\/event-stream\b/.test(request.headers.accept ?? '')) {
    varies(reply)
    return work({ signal: gone, onProgress: () => undefined })
  }
  const { parts: { metrics, log }, heartbeatMs } = room
  const search = running.begin(request.caller)
  const stream = createEventStream(reply, { heartbeatMs, stillValid: request.stillValid, onCut: (reason) => metrics.add('hps_http_streams_cut_total', { reason }) })
  stream.onEnd(search.end)
  stream.send({ event: 'started', data: { id: search.id } })
  try {
    const result = await work({ signal: AbortSignal.any([gone, search.signal]), onProgress: (progress) => void stream.send({ event: 'progress', data: progress }) })
    stream.send({ event: 'result', data: result })
  } catch (thrown) {
    const fault = asFault(thrown)
    if (fault.code === 'internal') log.error({ request_id: request.id, route: request.routeOptions.url, err: thrown }, 'request failed unexpectedly')
    stream.send({ event: 'fault', data: problemOf(fault, request.id) })
  }
  stream.end()
  return reply
}
