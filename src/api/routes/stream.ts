import { Type } from 'typebox'
import { AppFault } from '#domain/fault.ts'
import { READERS } from '../access.ts'
import type { MessageView } from '../parts.ts'
import type { Routes } from '../room.ts'
import { answers } from '../schemas.ts'
import { createEventStream, encodeEvent, type EventStream } from '../event-stream.ts'
import { withFields } from '../with-fields.ts'
import { varies } from '../negotiate.ts'

/** One encoding for all streams that get the message; it goes when the message does. */
function createEncoder(view: (message: MessageView) => MessageView): (message: MessageView) => Uint8Array {
  const encodings = new WeakMap<MessageView, Uint8Array>()
  return (message) => {
    const known = encodings.get(message)
    if (known !== undefined) return known
    const event = encodeEvent({ id: message.seq, event: 'message', data: view(message) })
    encodings.set(message, event)
    return event
  }
}

const LAST_SEQ = /^\d{1,16}$/

/** The live tail as server-sent events: one message each, `id` is its seq. */
export const streamRoutes: Routes = (app, { parts: { logs, metrics }, config, closing, heartbeatMs }) => {
  const open = new Set<EventStream>() // at most max_streams
  const plain = createEncoder((message) => message)
  const detailed = createEncoder(withFields)
  metrics.measure('hps_http_streams_open', () => open.size)
  metrics.measure('hps_http_stream_buffered_bytes', () => [...open].reduce((sum, { bufferedBytes }) => sum + bufferedBytes, 0))

  app.get(
    '/api/v1/logs/stream',
    {
      config: { access: READERS },
      schema: {
        summary: 'Live tail (server-sent events)',
        description: 'Events: `message` (a message; `id` is its seq) and `skipped` ({fromSeq, toSeq, count}: this reader was too slow, the rest can be searched with `seq:>=… seq:<=…`). Resumes after `Last-Event-ID`, or after `after`; else begins now.',
        tags: ['logs'],
        querystring: Type.Object({
          q: Type.Optional(Type.String({ maxLength: 4096, default: '' })),
          after: Type.Optional(Type.Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER, description: 'Begin after this seq' })),
          fields: Type.Optional(Type.Boolean({ description: '`1`: with the fields of each message' })),
        }),
        produces: ['text/event-stream'],
        response: answers({ 200: Type.Any({ description: 'Events' }) }),
      },
    },
    async (request, reply) => {
      if (open.size >= config.max_streams) {
        metrics.add('hps_http_refused_total', { reason: 'streams' })
        throw new AppFault('too-many', `${config.max_streams} live streams are open already`)
      }
      const resumed = request.headers['last-event-id']
      const afterSeq = typeof resumed === 'string' && LAST_SEQ.test(resumed) ? Number(resumed) : request.query.after
      const stream = createEventStream(reply, { heartbeatMs, stillValid: request.stillValid, onCut: (reason) => metrics.add('hps_http_streams_cut_total', { reason }) })
      open.add(stream)
      stream.onEnd(() => open.delete(stream))
      try {
        // a query that cannot be read is answered as a fault: the stream's head is sent with its first event
        const end = await logs.tail({
          query: request.query.q ?? '',
          afterSeq,
          deliver(item) {
            if (item.kind === 'message') return stream.write((request.query.fields === true ? detailed : plain)(item.message))
            const { fromSeq, toSeq, count: missed } = item
            const taken = stream.send({ id: toSeq, event: 'skipped', data: { fromSeq, toSeq, count: missed } })
            if (taken) metrics.add('hps_http_stream_skipped_total', {}, missed)
            return taken
          },
          onFault() {
            metrics.add('hps_http_streams_cut_total', { reason: 'fault' })
            stream.end()
          },
        })
        stream.onEnd(end)
        stream.endWith(closing)
      } catch (fault) {
        if (stream.begun) {
          stream.end()
          return reply
        }
        stream.abandon()
        throw fault
      }
      varies(reply)
      stream.begin()
      return reply
    },
  )
}
