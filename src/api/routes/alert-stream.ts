import { Type } from 'typebox'
import { AppFault } from '#domain/fault.ts'
import { READERS } from '../access.ts'
import { createEventStream, type EventStream } from '../event-stream.ts'
import { varies } from '../negotiate.ts'
import type { Routes } from '../room.ts'
import { answers } from '../schemas.ts'

const LAST_ID = /^\d{1,16}$/

/** What happens to alerts, as server-sent events: one transition each, `id` is its number. */
export const alertStreamRoutes: Routes = (app, { parts: { alerts, metrics }, config, closing, heartbeatMs }) => {
  const open = new Set<EventStream>() // at most max_streams
  metrics.measure('hps_http_alert_streams_open', () => open.size)

  app.get(
    '/api/v1/alerts/stream',
    {
      config: { access: READERS },
      schema: {
        summary: 'What happens to alerts (server-sent events)',
        description: 'Events: `transition` (a step of an alert with the alert as it is now; `id` is the number of the step) and `skipped` ({fromId, toId, count}: too many for this reader; list the alerts anew). Resumes after `Last-Event-ID`, or after `after`; else begins now.',
        tags: ['alerts'],
        querystring: Type.Object({ after: Type.Optional(Type.Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER, description: 'Begin after this transition' })) }),
        produces: ['text/event-stream'],
        response: answers({ 200: Type.Any({ description: 'Events' }) }),
      },
    },
    (request, reply) => {
      if (open.size >= config.max_streams) {
        metrics.add('hps_http_refused_total', { reason: 'alert-streams' })
        throw new AppFault('too-many', `${config.max_streams} streams of alerts are open already`)
      }
      const resumed = request.headers['last-event-id']
      const afterId = typeof resumed === 'string' && LAST_ID.test(resumed) ? Number(resumed) : request.query.after
      const stream = createEventStream(reply, { heartbeatMs, stillValid: request.stillValid, onCut: (reason) => metrics.add('hps_http_streams_cut_total', { reason }) })
      open.add(stream)
      stream.onEnd(() => open.delete(stream))
      varies(reply)
      stream.begin()
      stream.onEnd(alerts.follow({
        afterId,
        deliver(item) {
          if (item.kind === 'transition') return stream.send({ id: item.event.id, event: 'transition', data: item.event })
          const { fromId, toId, count } = item
          const taken = stream.send({ id: toId, event: 'skipped', data: { fromId, toId, count } })
          if (taken) metrics.add('hps_http_alert_stream_skipped_total', {}, count)
          return taken
        },
        onFault() {
          metrics.add('hps_http_streams_cut_total', { reason: 'fault' })
          stream.end()
        },
      }))
      stream.endWith(closing)
      return reply
    },
  )
}
