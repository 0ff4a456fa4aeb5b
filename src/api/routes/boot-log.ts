import type { FastifyReply, FastifyRequest } from 'fastify'
import { Type } from 'typebox'
import { AppFault } from '#domain/fault.ts'
import { BOOTERS } from '../access.ts'
import { BOOT_NAMES } from '../boot-facts.ts'
import { bootMessage, type BootLine } from '../boot-message.ts'
import { programOf } from '../negotiate.ts'
import { parseBootQuery, rawQueryOf } from '../query-string.ts'
import type { Room, Routes } from '../room.ts'

const Line = Type.Object({
  text: Type.Optional(Type.String({ description: 'What to log; best sent last' })),
  stage: Type.Optional(Type.String({ description: 'A word of the stage catalogue' })),
  level: Type.Optional(Type.String({ description: 'A severity' })),
  s: Type.Optional(Type.String({ description: 'The session label' })),
  f: Type.Optional(Type.String({ description: 'The function that speaks' })),
})

/** Lines a node logs by HTTP, for loaders without syslog: each becomes a message about the node at the caller's address. */
export const bootLogRoutes: Routes = (app, room) => {
  const schema = { tags: ['boot'], querystring: Line, produces: ['text/plain'], response: { 200: Type.String() } }

  app.get('/boot/v1/log', { config: { access: BOOTERS }, schema: { ...schema, summary: 'Log one line' } }, async (request, reply) => {
    const line = lineOf(request)
    if (line.text === undefined && line.stage === undefined) throw new AppFault('bad-request', 'Send text= or stage=')
    return log(request, reply, { room, line })
  })

  app.get('/boot/v1/ready', { config: { access: BOOTERS }, schema: { ...schema, summary: 'The last call before the kernel starts' } }, async (request, reply) =>
    log(request, reply, { room, line: { text: 'kernel starts', ...lineOf(request), stage: 'ready' } }),
  )
}

function lineOf(request: FastifyRequest): BootLine {
  const { text, stage, level, s, session = s, f, function: fn = f } = parseBootQuery(rawQueryOf(request.url), BOOT_NAMES)
  return { ...(text === undefined ? {} : { text }), stage, level, session, function: fn }
}

/** iPXE runs what it is sent, so it gets an empty script. */
async function log(request: FastifyRequest, reply: FastifyReply, { room, line }: { readonly room: Room; readonly line: BootLine }): Promise<FastifyReply> {
  await room.parts.logs.ingest({ address: request.caller.address, form: 'lines', bytes: Buffer.from(bootMessage(line)) })
  const isLoader = programOf(request.headers['user-agent']) === 'ipxe'
  return reply.type('text/plain; charset=utf-8').header('cache-control', 'no-store').send(isLoader ? '#!ipxe\n' : 'logged\n')
}
