import { Type } from 'typebox'
import { OPERATORS, READERS } from '../access.ts'
import type { Routes } from '../room.ts'
import { answers } from '../schemas.ts'

const NullableString = Type.Unsafe<string | null>({ type: ['string', 'null'] })
const NullableInteger = Type.Unsafe<number | null>({ type: ['integer', 'null'] })
const NullableNumber = Type.Unsafe<number | null>({ type: ['number', 'null'] })

const Loss = Type.Object({
  name: Type.String({ description: 'The file as it is called now, below the log folder' }),
  reason: Type.String(),
  at: Type.String(),
  from_seq: NullableInteger,
  to_seq: NullableInteger,
  accepted: NullableString,
  accepted_by: NullableString,
})

export const StoreStats = Type.Object({
  messages: Type.Integer(),
  sealed_messages: Type.Integer(),
  first_seq: Type.Integer(),
  last_seq: Type.Integer(),
  oldest: NullableString,
  newest: NullableString,
  files: Type.Integer(),
  file_bytes: Type.Integer(),
  segments: Type.Integer(),
  segment_bytes: Type.Integer(),
  bytes_per_message: NullableNumber,
  sealed_bytes_per_message: NullableNumber,
  waiting_segments: Type.Integer({ description: 'Closed, not yet sealed' }),
  disk_bytes: NullableInteger,
  disk_free_bytes: NullableInteger,
  max_bytes: Type.Unsafe<number | null>({ type: ['integer', 'null'], description: 'null: no limit' }),
  min_free_bytes: NullableInteger,
  retention_held: Type.Unsafe<string | null>({ type: ['string', 'null'], description: 'Why nothing is removed by age' }),
  space_short: Type.Unsafe<string | null>({ type: ['string', 'null'], description: 'Which limit is passed: max-size, min-free' }),
  troubles: Type.Array(Type.String(), { description: 'What could not be done in the last round, tried again' }),
  damaged: Type.Array(Type.String()),
  losses: Type.Array(Loss),
})

export const StoreJob = Type.Object({
  id: Type.Integer(),
  kind: Type.String(),
  by: Type.String(),
  state: Type.String({ description: 'running, done, failed' }),
  started: Type.String(),
  ended: NullableString,
  done: Type.Integer({ description: 'Messages of a check, bytes of a backup' }),
  total: Type.Integer(),
  failure: NullableString,
  result: Type.Unsafe<Record<string, unknown> | null>({ type: ['object', 'null'], additionalProperties: true, description: 'By kind; of a check the problems, of a backup its path' }),
})

const JobId = Type.Object({ id: Type.Integer({ minimum: 1 }) })

/** The store: what it holds, and work on it. */
export const storeRoutes: Routes = (app, { parts: { store } }) => {
  const tags = ['store']

  app.get('/api/v1/store', { config: { access: READERS }, schema: { summary: 'What the store holds and how it is kept', tags, response: answers({ 200: StoreStats }) } }, () => store.stats() as never)

  app.get('/api/v1/store/jobs', { config: { access: READERS }, schema: { summary: 'Work on the store, newest first', tags, response: answers({ 200: Type.Object({ jobs: Type.Array(StoreJob) }) }) } }, async () => ({ jobs: store.jobs() }) as never)

  app.post(
    '/api/v1/store/jobs',
    {
      config: { access: OPERATORS },
      schema: {
        summary: 'Check, back up or compact the store',
        description: 'One at a time: 409 while another runs. Ask for the job until its state is not `running`.',
        tags,
        body: Type.Object(
          { kind: Type.Enum(['check', 'backup', 'compact']), directory: Type.Optional(Type.String({ minLength: 1, maxLength: 4096, description: 'Of a backup: folder on the machine of the hub, absolute' })) },
          { additionalProperties: false },
        ),
        response: answers({ 202: StoreJob }),
      },
    },
    async (request, reply) => {
      const { kind, directory } = request.body
      return reply.code(202).send(store.start({ kind: kind as 'check', directory, by: request.caller.name }) as never)
    },
  )

  app.get('/api/v1/store/jobs/:id', { config: { access: READERS }, schema: { summary: 'One piece of work on the store', tags, params: JobId, response: answers({ 200: StoreJob }) } }, async (request) => store.job(request.params.id) as never)

  app.delete(
    '/api/v1/store/jobs/:id',
    { config: { access: OPERATORS }, schema: { summary: 'Cancel work on the store', tags, params: JobId, response: answers({ 204: Type.Null() }) } },
    async (request, reply) => {
      store.cancel(request.params.id, request.caller.name)
      return reply.code(204).send(null as never)
    },
  )

  app.post(
    '/api/v1/store/accept-loss',
    {
      config: { access: OPERATORS },
      schema: {
        summary: 'Accept that a damaged file is lost',
        description: 'Searches are incomplete until every file that was set aside is accepted.',
        tags,
        body: Type.Object({ name: Type.String({ minLength: 1, maxLength: 255 }) }, { additionalProperties: false }),
        response: answers({ 204: Type.Null() }),
      },
    },
    async (request, reply) => {
      await store.acceptLoss(request.body.name, request.caller.name)
      return reply.code(204).send(null as never)
    },
  )
}
