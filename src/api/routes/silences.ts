import { Type } from 'typebox'
import { OPERATORS, READERS } from '../access.ts'
import type { Routes } from '../room.ts'
import { answers, Message } from '../schemas.ts'

const NullableString = Type.Unsafe<string | null>({ type: ['string', 'null'] })
const NullableInteger = Type.Unsafe<number | null>({ type: ['integer', 'null'] })

const SILENCE = {
  subject: Type.String({ description: 'node, source; hub: the hub hears nobody' }),
  id: Type.Integer(),
  name: Type.String(),
  transport: NullableString,
  node: NullableString,
  reason: Type.String({ description: 'stopped, reboot, boot, other-way, nobody' }),
  means: Type.String(),
  since: Type.String({ description: 'It was heard last' }),
  noticed: Type.String(),
  usual_ms: Type.Unsafe<number | null>({ type: ['integer', 'null'], description: 'The longest gap that is usual for it' }),
  limit_ms: Type.Integer(),
  session: NullableString,
  stage: NullableString,
  last_seq: NullableInteger,
  last_word: NullableString,
  expected: Type.Unsafe<number | null>({ type: ['integer', 'null'], description: 'Of the hub: how many should have spoken' }),
  unheard: Type.Unsafe<number | null>({ type: ['integer', 'null'], description: 'Of the hub: how many of them did not' }),
}
const Silence = Type.Object(SILENCE)

const Rhythm = Type.Object({
  subject: Type.String(),
  id: Type.Integer(),
  name: Type.String(),
  spoke: NullableString,
  gaps: Type.Integer({ description: 'Gaps that its rhythm was learned from' }),
  learned_ms: Type.Integer({ description: 'How long it was listened to' }),
  usual_ms: Type.Unsafe<number | null>({ type: ['integer', 'null'], description: 'Null: its rhythm is not known yet' }),
  limit_ms: NullableInteger,
  silence: Type.Unsafe<unknown>({ type: ['object', 'null'], properties: SILENCE, required: Object.keys(SILENCE) }),
  last_words: Type.Array(Message, { description: 'Oldest first; the last messages before the silence, or the newest' }),
  fatal: Type.Array(Message, { description: 'Those that tell of an end: a panic, an oops, no memory' }),
})

const Planned = Type.Object({
  id: Type.Integer(),
  node: NullableString,
  source: NullableString,
  from: Type.String(),
  until: Type.String(),
  state: Type.String({ description: 'ahead, now, over, ended' }),
  why: Type.String(),
  by: Type.String(),
  made: Type.String(),
  ended: NullableString,
  ended_by: NullableString,
})

const PlanRequest = Type.Object(
  {
    node: Type.Optional(Type.String({ minLength: 1, maxLength: 253 })),
    source: Type.Optional(Type.String({ minLength: 1, maxLength: 64, description: 'An address' })),
    all: Type.Optional(Type.Boolean({ description: 'Everybody; one of `node`, `source` and `all` must be given' })),
    for: Type.String({ minLength: 1, maxLength: 32, description: 'A duration such as 2h; at most 31 days' }),
    from: Type.Optional(Type.String({ minLength: 1, maxLength: 64, description: 'RFC 3339; left out: now' })),
    why: Type.String({ minLength: 1, maxLength: 500 }),
  },
  { additionalProperties: false },
)

const Who = Type.Object({ subject: Type.Enum(['node', 'source']), name: Type.String({ minLength: 1, maxLength: 253 }) })

/** Who is silent, by its own rhythm; and the work that was announced. */
export const silenceRoutes: Routes = (app, { parts: { silences } }) => {
  app.get(
    '/api/v1/silences',
    { config: { access: READERS }, schema: { summary: 'Who is silent for longer than is usual for it', tags: ['silence'], response: answers({ 200: Type.Object({ silences: Type.Array(Silence) }) }) } },
    async () => ({ silences: await silences.list() }) as never,
  )

  app.get(
    '/api/v1/silences/:subject/:name',
    {
      config: { access: READERS },
      schema: { summary: 'The rhythm of a node (by name) or a source (by number or address), its silence and its last words', tags: ['silence'], params: Who, response: answers({ 200: Rhythm }) },
    },
    (request) => silences.of(request.params.subject, request.params.name) as never,
  )

  app.delete(
    '/api/v1/silences/:subject/:name',
    {
      config: { access: OPERATORS },
      schema: { summary: 'Wait no longer for a node or a source; its rhythm is learned anew when it speaks again', tags: ['silence'], params: Who, response: answers({ 204: Type.Null() }) },
    },
    async (request, reply) => {
      await silences.forget(request.params.subject, request.params.name, request.caller.name)
      return reply.code(204).send(null)
    },
  )

  app.get(
    '/api/v1/planned',
    { config: { access: READERS }, schema: { summary: 'Planned work, during which silence is no wonder; what is over stays as history', tags: ['silence'], response: answers({ 200: Type.Object({ planned: Type.Array(Planned) }) }) } },
    async () => ({ planned: await silences.planned() }) as never,
  )

  app.post(
    '/api/v1/planned',
    { config: { access: OPERATORS }, schema: { summary: 'Announce work on a node, a source or everything', tags: ['silence'], body: PlanRequest, response: answers({ 201: Planned }) } },
    async (request, reply) => reply.code(201).send((await silences.plan(request.body, request.caller.name)) as never),
  )

  app.delete(
    '/api/v1/planned/:id',
    {
      config: { access: OPERATORS },
      schema: { summary: 'End planned work before its time', tags: ['silence'], params: Type.Object({ id: Type.Integer({ minimum: 1 }) }), response: answers({ 200: Planned }) },
    },
    (request) => silences.end(request.params.id, request.caller.name) as never,
  )
}
