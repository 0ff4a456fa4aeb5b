import { Type } from 'typebox'
import { READERS } from '../access.ts'
import type { Routes } from '../room.ts'
import { answers, OutboxItem, Rule } from '../schemas.ts'

/** Lists that are read whole: outbox, rules; and the OpenAPI document. */
export const overviewRoutes: Routes = (app, { parts }) => {
  app.get(
    '/api/v1/outbox',
    { config: { access: READERS }, schema: { summary: 'Mails and other deliveries: waiting, sent, failed', tags: ['triggers'], response: answers({ 200: Type.Object({ outbox: Type.Array(OutboxItem) }) }) } },
    async () => ({ outbox: await parts.outbox() }) as never,
  )

  app.get(
    '/api/v1/rules',
    { config: { access: READERS }, schema: { summary: 'Rules and how often each matched', tags: ['triggers'], response: answers({ 200: Type.Object({ rules: Type.Array(Rule) }) }) } },
    async () => ({ rules: await parts.rules() }) as never,
  )

  app.get(
    '/api/v1/openapi.json',
    { config: { access: READERS }, schema: { summary: 'This document', tags: ['hub'], response: answers({ 200: Type.Any({ description: 'OpenAPI 3.1' }) }) } },
    async (_, reply) => reply.type('application/json; charset=utf-8').send(JSON.stringify(app.swagger())),
  )
}
