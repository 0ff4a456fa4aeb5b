import type { FastifyReply, FastifyRequest } from 'fastify'
import { Type } from 'typebox'
import { AppFault } from '#domain/fault.ts'
import { ACK_KEY } from '#domain/wire.ts'
import { ASKERS } from '../access.ts'
import { abortSignalOf } from '../abort-signal.ts'
import { askedOf, negotiate, varies } from '../negotiate.ts'
import type { AckView } from '../parts.ts'
import type { Room, Routes } from '../room.ts'
import { Ack, answers } from '../schemas.ts'

const MAX_WAIT_SECONDS = 30
export const MAX_WAITERS = 1000
const MAX_WAITERS_PER_ADDRESS = 8

/** "Did my log arrive?" A node is told only of its own messages of the last ten minutes; that is the logs part's to hold. */
export const ackRoutes: Routes = (app, room) => {
  const waiters = createWaiters(room)
  for (const url of ['/api/v1/logs/ack', '/boot/v1/log/ack']) {
    app.get(
      url,
      {
        config: { access: ASKERS },
        schema: {
          summary: 'Did the message with this key arrive?',
          description: 'A shell gets one line, `logged seq=… session=…` or `not-logged`; everyone else JSON.',
          tags: ['logs'],
          querystring: Type.Object({
            key: Type.String({ pattern: ACK_KEY.source, description: 'The text of the hps-ack message' }),
            wait: Type.Optional(Type.Number({ minimum: 0, maximum: MAX_WAIT_SECONDS, default: 0, description: 'Seconds to wait for it' })),
            format: Type.Optional(Type.String()),
          }),
          response: answers({ 200: Ack }),
        },
      },
      async (request, reply) => {
        const { key, wait = 0 } = request.query
        const ask = () => room.parts.logs.ack({ key, waitMs: wait * 1000, caller: request.caller, signal: AbortSignal.any([abortSignalOf(reply), room.closing]) })
        return send(request, reply, wait > 0 ? await waiters.during(request.caller.address, ask) : await ask())
      },
    )
  }
}

function send(request: FastifyRequest, reply: FastifyReply, ack: AckView): FastifyReply {
  varies(reply)
  const format = negotiate(askedOf(request), request.url.startsWith('/boot/') ? 'text' : 'json')
  return format === 'json' ? reply.type('application/json; charset=utf-8').send(ack) : reply.type('text/plain; charset=utf-8').send(`${ackLine(ack)}\n` as never)
}

function ackLine(ack: AckView): string {
  if (!ack.logged) return 'not-logged'
  const words = (['seq', 'received', 'node', 'session', 'source', 'method'] as const).filter((name) => ack[name] !== undefined && ack[name] !== null)
  return ['logged', ...words.map((name) => `${name}=${String(ack[name])}`)].join(' ')
}

/** Bounds those who wait, in all and per address. */
function createWaiters({ parts: { metrics } }: Room): { during<T>(address: string, wait: () => Promise<T>): Promise<T> } {
  const perAddress = new Map<string, number>()
  let all = 0
  const add = (address: string, count: 1 | -1) => {
    all += count
    const now = (perAddress.get(address) ?? 0) + count
    if (now === 0) perAddress.delete(address)
    else perAddress.set(address, now)
    metrics.set('hps_http_ack_waiters', all)
  }
  return {
    async during(address, wait) {
      if (all >= MAX_WAITERS || (perAddress.get(address) ?? 0) >= MAX_WAITERS_PER_ADDRESS) {
        metrics.add('hps_http_refused_total', { reason: 'ack-waiters' })
        throw new AppFault('too-many', 'Too many callers are waiting already')
      }
      add(address, 1)
      try {
        return await wait()
      } finally {
        add(address, -1)
      }
    },
  }
}
