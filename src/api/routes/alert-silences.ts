import { Type } from 'typebox'
import { MAX_MATCHERS } from '#domain/alert-matchers.ts'
import { OPERATORS, READERS } from '../access.ts'
import { AlertSilenceAnswer, SilencePreviewAnswer } from '../alert-silence-part.ts'
import type { Routes } from '../room.ts'
import { answers } from '../schemas.ts'
import { actorOf } from './alerts.ts'

const Matchers = Type.Array(Type.String({ minLength: 1, maxLength: 600 }), { minItems: 1, maxItems: MAX_MATCHERS, description: '`rule=disk.full`, `node!=tch-001`, `rule~hw.*`: all must hold' })
const Time = (description: string) => Type.Optional(Type.String({ minLength: 1, maxLength: 64, description }))

const SilenceRequest = Type.Object(
  {
    matchers: Matchers,
    for: Time('A duration such as `2h`; this or `until`'),
    until: Time('RFC 3339'),
    from: Time('RFC 3339; left out: now'),
    reason: Type.String({ minLength: 1, maxLength: 500 }),
    owner: Type.Optional(Type.String({ minLength: 1, maxLength: 100, description: 'Who wants it, where the caller is not one person' })),
  },
  { additionalProperties: false },
)

/** Silences about alerts: they tell nobody meanwhile, and are kept all the same. */
export const alertSilenceRoutes: Routes = (app, { parts: { alertSilences } }) => {
  app.get(
    '/api/v1/alert-silences',
    { config: { access: READERS }, schema: { summary: 'Silences about alerts, newest first; what is over stays as history', tags: ['alerts'], response: answers({ 200: Type.Object({ silences: Type.Array(AlertSilenceAnswer) }) }) } },
    async () => ({ silences: await alertSilences.list() }) as never,
  )

  app.post(
    '/api/v1/alert-silences',
    { config: { access: OPERATORS }, schema: { summary: 'Silence alerts for a while', tags: ['alerts'], body: SilenceRequest, response: answers({ 201: AlertSilenceAnswer }) } },
    async ({ body: { owner, ...request }, caller }, reply) => reply.code(201).send((await alertSilences.add({ ...request, by: actorOf(caller.name, owner) })) as never),
  )

  app.post(
    '/api/v1/alert-silences/preview',
    {
      config: { access: READERS },
      schema: { summary: 'The open alerts that a silence would cover', tags: ['alerts'], body: Type.Object({ matchers: Matchers }, { additionalProperties: false }), response: answers({ 200: SilencePreviewAnswer }) },
    },
    (request) => alertSilences.preview(request.body.matchers) as never,
  )

  app.delete(
    '/api/v1/alert-silences/:id',
    {
      config: { access: OPERATORS },
      schema: { summary: 'End a silence before its time', tags: ['alerts'], params: Type.Object({ id: Type.Integer({ minimum: 1 }) }), response: answers({ 200: AlertSilenceAnswer }) },
    },
    (request) => alertSilences.end(request.params.id, request.caller.name) as never,
  )
}
