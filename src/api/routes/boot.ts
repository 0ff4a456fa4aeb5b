import type { FastifyReply, FastifyRequest } from 'fastify'
import { Type } from 'typebox'
import { printable } from '#base/text.ts'
import { BOOTERS } from '../access.ts'
import { BOOT_NAMES, bootFactsOf } from '../boot-facts.ts'
import { hubUrlOf } from '../caller.ts'
import { htmlPage } from '../html.ts'
import { askedOf, negotiate, varies } from '../negotiate.ts'
import type { BootDecision } from '../parts.ts'
import { parseBootQuery } from '../query-string.ts'
import type { Room, Routes } from '../room.ts'
import { Decision } from '../schemas.ts'

const DEFAULT_RETRY_SECONDS = 10
const Facts = Type.Object({
  mac: Type.Optional(Type.String({ description: 'Any usual form' })),
  uuid: Type.Optional(Type.String()),
  serial: Type.Optional(Type.String({ description: 'Best sent last: it may hold anything' })),
  arch: Type.Optional(Type.String()),
  platform: Type.Optional(Type.String()),
  format: Type.Optional(Type.String({ description: 'ipxe, json, text or html; by default as the caller is known to understand' })),
})

/** The boot API: the first script, and the one URL that says what the node that asks is to do. */
export const bootRoutes: Routes = (app, room) => {
  app.addContentTypeParser('application/x-www-form-urlencoded', { parseAs: 'string' }, (_, body, done) => done(null, parseBootQuery(body.toString(), BOOT_NAMES)))

  for (const url of ['/boot', '/boot/ipxe', '/boot/init']) {
    app.get(
      url,
      { config: { access: BOOTERS }, schema: { summary: 'The first iPXE script: says what it is and asks for the decision', tags: ['boot'], produces: ['text/plain'], response: { 200: Type.String() } } },
      async (request, reply) => reply.type('text/plain; charset=utf-8').header('cache-control', 'no-store').send(room.parts.boot.bootstrap(hubUrlOf(request, room.config.public_url))),
    )
  }

  for (const method of ['GET', 'POST'] as const) {
    app.route({
      method,
      url: '/boot/v1/decide',
      config: { access: BOOTERS },
      schema: {
        summary: 'What this node is to do now',
        description: '`wait` is 503 with Retry-After. A refusal is 200: iPXE shows only what comes with 200. The suffixes `.ipxe`, `.json`, `.text`, `.html` choose the format too.',
        tags: ['boot'],
        ...(method === 'GET' ? { querystring: Facts } : { querystring: Facts, consumes: ['application/x-www-form-urlencoded', 'application/json'] }),
        produces: ['text/plain', 'application/json', 'text/html'],
        response: { 200: Decision, 503: Decision },
      },
      handler: (request, reply) => decide(request, reply, room) as never,
    })
  }
}

async function decide(request: FastifyRequest, reply: FastifyReply, { parts: { boot }, config }: Room): Promise<FastifyReply> {
  const format = negotiate(askedOf(request))
  const decision = await boot.decide(bootFactsOf(request, config.public_url))
  varies(reply)
  if (decision.outcome === 'wait') void reply.code(503).header('retry-after', String(decision.retryAfterSeconds ?? DEFAULT_RETRY_SECONDS))
  switch (format) {
    case 'ipxe':
      return reply.type('text/plain; charset=utf-8').send(boot.script(decision))
    case 'json':
      return reply.type('application/json; charset=utf-8').send(decision)
    case 'text':
      return reply.type('text/plain; charset=utf-8').send(factsOf(decision).map(([name, value]) => `${name}=${printable(value)}\n`).join(''))
    case 'html':
      return reply.type('text/html; charset=utf-8').send(htmlPage({ title: 'What this machine is to do', facts: factsOf(decision) }))
  }
}

/** The decision as name and value, for people and shells; what is absent is left out. */
function factsOf(decision: BootDecision): [name: string, value: string][] {
  const { outcome, why, node, session, state, retryAfterSeconds, kernelUrl, initrdUrls, args } = decision
  const facts = { outcome, why, node, session, state, retry_after: retryAfterSeconds?.toString(), kernel: kernelUrl, initrd: initrdUrls?.join(' '), args }
  return Object.entries(facts).filter((entry): entry is [string, string] => typeof entry[1] === 'string')
}
