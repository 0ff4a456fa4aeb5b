import { Type } from 'typebox'
import { AppFault } from '#domain/fault.ts'
import { SENDERS } from '../access.ts'
import type { Routes } from '../room.ts'
import { answers } from '../schemas.ts'

/** Bodies that are held in memory at once; with the largest body of the configuration this bounds what uploads can take. */
const MAX_UPLOADS = 16
/** Of these, from one address: a sender that trickles its bodies leaves room for the others. */
const MAX_UPLOADS_PER_ADDRESS = 4
/** curl's `--data-binary` says the last one unless told otherwise: the bytes are lines all the same. */
const LINE_TYPES = ['text/plain', 'application/octet-stream', 'application/x-www-form-urlencoded']
const NDJSON_TYPES = ['application/x-ndjson', 'application/jsonl', 'application/json-seq']

/** Messages by HTTP: one a line, answered once they are on disk. */
export const ingestRoutes: Routes = (app, { parts: { logs, metrics }, maxBodyBytes }) => {
  app.removeAllContentTypeParsers()
  app.addContentTypeParser([...LINE_TYPES, ...NDJSON_TYPES], { parseAs: 'buffer' }, (_, body, done) => done(null, body))
  const perAddress = new Map<string, number>() // at most one entry an upload
  let uploads = 0

  app.post(
    '/api/v1/logs',
    {
      config: { access: SENDERS },
      bodyLimit: maxBodyBytes,
      schema: {
        summary: 'Log messages: text/plain, one a line, or application/x-ndjson, one object a line',
        description: 'Answered when the messages are on disk. 413: the body is too large, send less at once. 429: too much at once, come again.',
        tags: ['logs'],
        consumes: ['text/plain', 'application/x-ndjson'],
        response: answers({ 200: Type.Object({ messages: Type.Integer(), cut: Type.Integer({ description: 'Of these, cut at the frame limit' }) }) }),
      },
      // runs after the caller was admitted and before the body is read
      preParsing: async (request, reply) => {
        const { address } = request.caller
        const own = perAddress.get(address) ?? 0
        if (uploads >= MAX_UPLOADS || own >= MAX_UPLOADS_PER_ADDRESS) {
          metrics.add('hps_http_refused_total', { reason: 'uploads' })
          throw new AppFault('too-many', own >= MAX_UPLOADS_PER_ADDRESS ? `${MAX_UPLOADS_PER_ADDRESS} uploads of this address are being taken already` : `${MAX_UPLOADS} uploads are being taken already`, { detail: { retry_after_seconds: 1 } })
        }
        uploads++
        perAddress.set(address, own + 1)
        reply.raw.once('close', () => {
          uploads--
          const left = perAddress.get(address)! - 1
          if (left === 0) perAddress.delete(address)
          else perAddress.set(address, left)
        })
      },
    },
    async (request) => {
      const type = request.headers['content-type']?.split(';')[0]?.trim().toLowerCase() ?? ''
      const bytes = request.body instanceof Uint8Array ? request.body : new Uint8Array()
      return logs.ingest({ address: request.caller.address, form: NDJSON_TYPES.includes(type) ? 'ndjson' : 'lines', bytes })
    },
  )
}
