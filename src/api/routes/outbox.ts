import { Type } from 'typebox'
import { AppFault } from '#domain/fault.ts'
import { OPERATORS, READERS } from '../access.ts'
import type { CallerRole } from '../caller-part.ts'
import { maskFor } from '../mask.ts'
import { OUTBOX_VIEW_STATES, OutboxDetailAnswer, OutboxListAnswer, ReceiverAnswer, TrialAnswer, type CancelScope, type OutboxDetail, type OutboxView } from '../outbox-part.ts'
import type { Routes } from '../room.ts'
import { answers } from '../schemas.ts'
import { readWords } from '../words.ts'

const Name = Type.String({ minLength: 1, maxLength: 128 })
const Id = Type.Object({ id: Type.Integer({ minimum: 1, maximum: Number.MAX_SAFE_INTEGER }) })
const Listed = Type.Object({
  state: Type.Optional(Type.String({ maxLength: 100, description: `Some of ${OUTBOX_VIEW_STATES.join(', ')}, with commas` })),
  receiver: Type.Optional(Name),
  rule: Type.Optional(Name),
  alert: Type.Optional(Type.Integer({ minimum: 1 })),
  limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 1000, default: 100 })),
  cursor: Type.Optional(Type.String({ pattern: '^[0-9]{1,16}$' })),
})
const CancelRequest = Type.Object({ rule: Type.Optional(Name), receiver: Type.Optional(Name), all: Type.Optional(Type.Boolean()) }, { additionalProperties: false, description: 'One of `rule`, `receiver` and `"all": true`' })

function scopeOf({ rule, receiver, all }: { readonly rule?: string; readonly receiver?: string; readonly all?: boolean }): CancelScope {
  const scopes: CancelScope[] = [...(rule === undefined ? [] : [{ rule }]), ...(receiver === undefined ? [] : [{ receiver }]), ...(all === true ? [{ all } as const] : [])]
  if (scopes.length !== 1) throw new AppFault('bad-request', 'Give one of `rule`, `receiver` and `all`: what is not wanted any more')
  return scopes[0]!
}

/** What servers say names the people they were asked about. */
function shown<R extends OutboxView>(row: R, role: CallerRole): R {
  const mask = maskFor(role)
  return { ...row, last_error: row.last_error === null ? null : mask(row.last_error), reply: row.reply === null ? null : mask(row.reply) }
}

/** A notice about notices that were given up says why. */
function shownDetail(detail: OutboxDetail, role: CallerRole): OutboxDetail {
  const payload = detail.payload as { readonly kind?: unknown; readonly error?: unknown } | null
  const row = shown(detail, role)
  return payload?.kind === 'dead' && typeof payload.error === 'string' ? { ...row, payload: { ...payload, error: maskFor(role)(payload.error) } } : row
}

/** Mails and other deliveries: what waits, what was sent, what was given up. */
export const outboxRoutes: Routes = (app, { parts: { outbox } }) => {
  app.get(
    '/api/v1/outbox',
    { config: { access: READERS }, schema: { summary: 'Mails and other deliveries: waiting, sent, failed', tags: ['outbox'], querystring: Listed, response: answers({ 200: OutboxListAnswer }) } },
    async ({ query: { state, receiver, rule, alert, limit = 100, cursor }, caller }) => {
      const found = await outbox.list({ states: readWords(state, OUTBOX_VIEW_STATES, 'state'), receiver, rule, alert, limit, cursor })
      return { ...found, outbox: found.outbox.map((row) => shown(row, caller.role)) } as never
    },
  )

  app.get(
    '/api/v1/outbox/:id',
    { config: { access: READERS }, schema: { summary: 'One delivery: what it tells, how often it was tried, and what was answered', tags: ['outbox'], params: Id, response: answers({ 200: OutboxDetailAnswer }) } },
    async (request) => shownDetail(await outbox.row(request.params.id), request.caller.role) as never,
  )

  const acting = (path: string, summary: string, act: (id: number, by: string) => Promise<OutboxDetail>): void => {
    app.post(path, { config: { access: OPERATORS }, schema: { summary, tags: ['outbox'], params: Id, response: answers({ 200: OutboxDetailAnswer }) } }, (request) => act(request.params.id, request.caller.name) as never)
  }
  acting('/api/v1/outbox/:id/retry', 'Send a delivery again that was given up or cancelled', (id, by) => outbox.retry(id, by))
  acting('/api/v1/outbox/:id/cancel', 'Cancel a delivery that waits', (id, by) => outbox.cancel(id, by))

  app.post(
    '/api/v1/outbox/cancel',
    {
      config: { access: OPERATORS },
      schema: { summary: 'Cancel everything that waits: of a rule, to a receiver, or all', tags: ['outbox'], body: CancelRequest, response: answers({ 200: Type.Object({ cancelled: Type.Integer() }) }) },
    },
    async (request) => ({ cancelled: await outbox.cancelAll(scopeOf(request.body), request.caller.name) }),
  )

  app.get(
    '/api/v1/receivers',
    { config: { access: READERS }, schema: { summary: 'Who can be told, and by what', tags: ['outbox'], response: answers({ 200: Type.Object({ receivers: Type.Array(ReceiverAnswer) }) }) } },
    async ({ caller }) => {
      const mask = maskFor(caller.role)
      return { receivers: (await outbox.receivers()).map((receiver) => ({ ...receiver, channels: receiver.channels.map(({ kind, to }) => ({ kind, to: to.map(mask) })) })) }
    },
  )

  app.post(
    '/api/v1/receivers/:name/test',
    {
      config: { access: OPERATORS },
      schema: { summary: 'Tell a receiver that this is a test, and wait for what its channels answer', tags: ['outbox'], params: Type.Object({ name: Name }), response: answers({ 200: TrialAnswer }) },
    },
    (request) => outbox.tryReceiver(request.params.name, request.caller.name) as never,
  )
}
