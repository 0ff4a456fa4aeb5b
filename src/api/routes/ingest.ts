import { Readable } from 'node:stream'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { Type } from 'typebox'
import { SENDERS } from '../access.ts'
import { JOURNAL_TYPE, takeJournal } from '../journal-upload.ts'
import type { Routes } from '../room.ts'
import { answers } from '../schemas.ts'
import { createUploadLimit } from '../upload-limit.ts'

/** Bodies that are held in memory at once; with the largest body of the configuration this bounds what uploads can take. */
export const MAX_UPLOADS = 16
/** Of these, from one address: a sender that trickles its bodies leaves room for the others. */
const MAX_UPLOADS_PER_ADDRESS = 4
/** Journals that are read as they come in, for days perhaps: each holds one entry in memory, at most 320 KiB. */
export const MAX_JOURNALS = 1024
const MAX_JOURNALS_PER_ADDRESS = 4
/** curl's `--data-binary` says the last one unless told otherwise: the bytes are lines all the same. */
const LINE_TYPES = ['text/plain', 'application/octet-stream', 'application/x-www-form-urlencoded']
const NDJSON_TYPES = ['application/x-ndjson', 'application/jsonl', 'application/json-seq']

const Taken = Type.Object({ messages: Type.Integer(), cut: Type.Integer({ description: 'Of these, cut at the frame limit' }) })

/** Messages by HTTP: one a line, or one an entry of a journal, answered once they are on disk. */
export const ingestRoutes: Routes = (app, { parts: { logs, metrics }, maxBodyBytes, closing, longRequests }) => {
  app.removeAllContentTypeParsers()
  app.addContentTypeParser([...LINE_TYPES, ...NDJSON_TYPES], { parseAs: 'buffer' }, (_, body, done) => done(null, body))
  app.addContentTypeParser(JOURNAL_TYPE, (_, body, done) => done(null, body))
  const uploads = createUploadLimit({ max: MAX_UPLOADS, maxPerAddress: MAX_UPLOADS_PER_ADDRESS, metrics, onChange: (open) => metrics.set('hps_http_uploads_open', open) })
  const journals = createUploadLimit({ max: MAX_JOURNALS, maxPerAddress: MAX_JOURNALS_PER_ADDRESS, metrics, onChange: (open) => metrics.set('hps_http_journals_open', open) })
  // runs after the caller was admitted and before the body is read
  const preParsing = async (request: FastifyRequest, reply: FastifyReply) => (typeOf(request) === JOURNAL_TYPE ? journals : uploads).admit(request, reply)

  const take = async (request: FastifyRequest, reply: FastifyReply) => {
    const { body, caller: { address } } = request
    if (body instanceof Readable) {
      const { socket } = request.raw
      longRequests.add(socket)
      reply.header('connection', 'close') // an answer before the end of the body is the last word
      return takeJournal({ body, ingest: (bytes) => logs.ingest({ address, form: 'journal', bytes }), closing }).finally(() => longRequests.delete(socket))
    }
    return logs.ingest({ address, form: NDJSON_TYPES.includes(typeOf(request)) ? 'ndjson' : 'lines', bytes: body instanceof Uint8Array ? body : new Uint8Array() })
  }

  app.post(
    '/api/v1/logs',
    {
      config: { access: SENDERS },
      bodyLimit: maxBodyBytes,
      schema: {
        summary: 'Log messages: text/plain, one a line; application/x-ndjson, one object a line; application/vnd.fdo.journal, one an entry',
        description: 'Answered when the messages are on disk. A journal may be of any length and is stored as it comes in. 413: the body is too large, send less at once. 429: too much at once, come again.',
        tags: ['logs'],
        consumes: ['text/plain', 'application/x-ndjson', JOURNAL_TYPE],
        response: answers({ 200: Taken }),
      },
      preParsing,
    },
    take,
  )
  app.post(
    '/upload',
    {
      config: { access: SENDERS },
      bodyLimit: maxBodyBytes,
      schema: { summary: 'The same for systemd-journal-upload, which sends to this path', tags: ['logs'], consumes: [JOURNAL_TYPE], response: answers({ 200: Taken }) },
      preParsing,
    },
    take,
  )
}

const typeOf = (request: FastifyRequest): string => request.headers['content-type']?.split(';')[0]?.trim().toLowerCase() ?? ''
