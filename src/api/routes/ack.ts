import type { FastifyReply, FastifyRequest } from 'fastify'
import { Type, type Static } from 'typebox'
import { AppFault } from '#domain/fault.ts'
import { FRAMINGS } from '#domain/framing.ts'
import { ACK_KEY } from '#domain/wire.ts'
import { ASKERS } from '../access.ts'
import { abortSignalOf } from '../abort-signal.ts'
import { ACK_CHECKS, type AckView } from '../ack-part.ts'
import { ackLine, ackScript } from '../ack-text.ts'
import { askedOf, negotiate, varies } from '../negotiate.ts'
import type { Caller } from '../parts.ts'
import type { Room, Routes } from '../room.ts'
import { answers } from '../schemas.ts'

const MAX_WAIT_SECONDS = 30
export const MAX_WAITERS = 1000
const MAX_WAITERS_PER_ADDRESS = 8

const NullableString = Type.Unsafe<string | null>({ type: ['string', 'null'] })
const Heard = Type.Object({ transport: Type.String(), listener: Type.String(), at: Type.String() })

/** Held to `LoggedView` and `NotLoggedView` by test/unit/api/ack.test.ts. */
export const Logged = Type.Object({
  logged: Type.Literal(true),
  key: Type.String(),
  seq: Type.Integer(),
  received: Type.String(),
  stored_ms: Type.Unsafe<number | null>({ type: ['integer', 'null'], description: 'From the receipt until it was on disk; null: not known any more' }),
  transport: Type.String(),
  tls: Type.Boolean(),
  listener: Type.String(),
  framing: Type.String({ description: `How it was told from the next one: ${FRAMINGS.join(', ')}; unknown for what came before the hub was started` }),
  dialect: Type.String({ description: 'How it was read: a name of docs/reference/dialects.md' }),
  deviations: Type.Array(Type.String()),
  node: NullableString,
  session: NullableString,
  source: Type.String({ description: 'The address it came from' }),
  certificate: Type.Unsafe<string | null>({ type: ['string', 'null'], description: 'The verified name in the certificate of the sender' }),
  method: Type.String({ description: 'How the node was found' }),
  confidence: Type.Integer({ description: '0 to 100' }),
  sent: NullableString,
  ahead_ms: Type.Unsafe<number | null>({ type: ['integer', 'null'], description: 'How far the stamp of the sender is ahead of the receipt' }),
  cut: Type.Boolean(),
  doubled: Type.Boolean(),
  arrivals: Type.Integer({ description: 'How often this key came, as far as the caller may know' }),
})
export const NotLogged = Type.Object({
  logged: Type.Literal(false),
  key: Type.String(),
  waited_ms: Type.Integer({ description: 'As asked' }),
  complete: Type.Boolean({ description: 'False: not all that is stored could be looked at' }),
  address: Type.String({ description: 'Of the caller' }),
  heard: Type.Array(Heard, { description: 'What came from this address in the last ten minutes' }),
  malformed: Type.Unsafe<Static<typeof Heard> | null>({ type: ['object', 'null'], properties: Heard.properties, description: 'The last message of hps-ack from there whose text is no key' }),
  check: Type.Array(Type.Object({ name: Type.String(), means: Type.String() }), { description: `What to look at: ${Object.keys(ACK_CHECKS).join(', ')}` }),
})

const QUERY = Type.Object({
  key: Type.String({ pattern: ACK_KEY.source, description: 'The text of the hps-ack message' }),
  wait: Type.Optional(Type.Number({ minimum: 0, maximum: MAX_WAIT_SECONDS, default: 0, description: 'Seconds to wait for it' })),
  format: Type.Optional(Type.String({ description: 'text, json or ipxe; by default as the caller is known to understand' })),
})
/** A machine that no node is known for yet may ask for what came from its own address. */
const CALLERS = { '/api/v1/logs/ack': ASKERS, '/boot/v1/log/ack': { ...ASKERS, bootNetwork: true } } as const

/** "Did my log arrive?" A caller is told only of its own messages, or of all; that is the part's to hold. */
export const ackRoutes: Routes = (app, room) => {
  const waiters = createWaiters(room)
  for (const [url, access] of Object.entries(CALLERS)) {
    app.get(
      url,
      {
        config: { access },
        schema: {
          summary: 'Did the message with this key arrive?',
          description: 'A shell gets one line, `logged seq=… …` or `not-logged …`; iPXE a script that shows it and fails where it did not; everyone else JSON.',
          tags: ['logs'],
          querystring: QUERY,
          response: answers({ 200: Type.Union([Logged, NotLogged]) }),
        },
      },
      async (request, reply) => {
        const { key, wait = 0 } = request.query
        const caller = await asNode(request.caller, room)
        const ask = () => room.parts.logs.ack({ key, waitMs: Math.round(wait * 1000), caller, signal: AbortSignal.any([abortSignalOf(reply), room.closing]) })
        const ack = wait > 0 ? await waiters.during(caller.address, ask) : await ask()
        // it may have come, and nobody looked any more
        if (!ack.logged && room.closing.aborted) throw new AppFault('shutting-down', 'The hub is stopping: ask again')
        return send(request, reply, ack)
      },
    )
  }
}

/** The boot network is let in before it is asked who that is. */
async function asNode(caller: Caller, { parts: { tokens } }: Room): Promise<Caller> {
  const node = caller.role === 'anonymous' ? await tokens.nodeAt(caller.address) : undefined
  return node === undefined ? caller : { role: 'node', name: node.name, address: caller.address, nodeId: node.nodeId }
}

function send(request: FastifyRequest, reply: FastifyReply, ack: AckView): FastifyReply {
  varies(reply)
  const format = negotiate(askedOf(request), request.url.startsWith('/boot/') ? 'text' : 'json')
  if (format === 'text' || format === 'ipxe') return reply.type('text/plain; charset=utf-8').send((format === 'text' ? `${ackLine(ack)}\n` : ackScript(ack)) as never)
  // one of two schemas: the serialiser would have to try them
  return reply.type('application/json; charset=utf-8').send(JSON.stringify(ack) as never)
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
