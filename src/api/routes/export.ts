import { Readable, type Transform } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { createGzip, createZstdCompress } from 'node:zlib'
import type { ServerResponse } from 'node:http'
import { Type } from 'typebox'
import { AppFault } from '#domain/fault.ts'
import { abortSignalOf } from '../abort-signal.ts'
import { READERS } from '../access.ts'
import { encodePage, EXPORT_FORMS, FORM_SUFFIXES, FORM_TYPES, FRAMINGS, type PageForm } from '../export-forms.ts'
import type { ExportedMessage, ExportEnd } from '../parts.ts'
import type { Routes } from '../room.ts'
import { answers } from '../schemas.ts'
import { SECURE_HEADERS } from '../secure-headers.ts'

/** Each holds a page, and keeps a reader busy as long as it is read. */
export const MAX_EXPORTS = 4
/** A reader that takes nothing for so long is gone. */
const STALL_MS = 60_000
const COMPRESSIONS = ['none', 'gzip', 'zstd'] as const
type Compression = (typeof COMPRESSIONS)[number]
const COMPRESSED: Readonly<Record<Compression, { readonly type?: string; readonly suffix: string; readonly make?: () => Transform }>> = {
  none: { suffix: '' },
  gzip: { type: 'application/gzip', suffix: '.gz', make: () => createGzip() },
  zstd: { type: 'application/zstd', suffix: '.zst', make: () => createZstdCompress() },
}

/** Everything that matches, as one stream; a connection that ends as it should is the sign that it is whole. */
export const exportRoutes: Routes = (app, { parts: { logs, metrics, clock, log }, closing }) => {
  let open = 0
  const count = (change: 1 | -1): void => metrics.set('hps_http_exports_open', (open += change))

  app.get(
    '/api/v1/logs/export',
    {
      config: { access: READERS },
      schema: {
        summary: 'Export everything that matches, as one stream',
        description: 'The stream ends in order only when it is whole: one that was cut off, or passed over something damaged, ends with a broken connection. Trailers: `hps-export-count`, `hps-export-complete`.',
        tags: ['logs'],
        querystring: Type.Object({
          q: Type.Optional(Type.String({ maxLength: 4096, default: '' })),
          form: Type.Optional(Type.Enum([...EXPORT_FORMS], { default: 'text', description: '`text`: lines to read; `raw`: the bytes as received; `ndjson`: one object a line' })),
          framing: Type.Optional(Type.Enum([...FRAMINGS], { default: 'newline', description: 'Of `raw`: a newline behind each message, or its length before it (RFC 6587)' })),
          compress: Type.Optional(Type.Enum([...COMPRESSIONS], { default: 'none' })),
          order: Type.Optional(Type.Enum(['newest', 'oldest'], { default: 'oldest' })),
          fields: Type.Optional(Type.Boolean({ description: 'Of `ndjson`, `1`: with the fields of each message' })),
        }),
        produces: ['text/plain', 'application/octet-stream', 'application/x-ndjson', 'application/gzip', 'application/zstd'],
        response: answers({ 200: Type.Any({ description: 'The messages' }) }),
      },
    },
    async (request, reply) => {
      if (open >= MAX_EXPORTS) {
        metrics.add('hps_http_refused_total', { reason: 'exports' })
        throw new AppFault('too-many', `${MAX_EXPORTS} exports are running already`)
      }
      const { q = '', form = 'text', framing = 'newline', compress = 'none', order = 'oldest', fields } = request.query
      count(1)
      try {
        const signal = AbortSignal.any([abortSignalOf(reply), closing])
        const pages = await logs.export({ query: q, order, signal })
        reply.hijack()
        const { type = FORM_TYPES[form], suffix } = COMPRESSED[compress]
        reply.raw.writeHead(200, {
          ...SECURE_HEADERS, 'content-type': type, 'cache-control': 'no-store', 'x-accel-buffering': 'no', trailer: 'hps-export-count, hps-export-complete',
          'content-disposition': `attachment; filename="${fileName(clock(), FORM_SUFFIXES[form] + suffix)}"`,
        })
        reply.raw.flushHeaders() // what is looked for may be rare, and who asked is to know that the hub works
        const outcome = await send(reply.raw, pages, { form, framing, fields, compress, stillValid: request.stillValid }).catch((fault: unknown) => {
          if (!signal.aborted) log.warn({ err: fault, request_id: request.id }, 'Export broke off')
          return { outcome: signal.aborted ? 'gone' : 'failed', messages: 0 } as const
        })
        metrics.add('hps_http_exports_total', { outcome: outcome.outcome })
        metrics.add('hps_http_exported_messages_total', {}, outcome.messages)
      } finally {
        count(-1)
      }
      return reply
    },
  )
}

interface SendOptions extends PageForm { readonly compress: Compression; readonly stillValid: () => boolean }

async function send(raw: ServerResponse, pages: AsyncGenerator<readonly ExportedMessage[], ExportEnd>, { compress, stillValid, ...form }: SendOptions): Promise<{ readonly outcome: 'complete' | 'incomplete'; readonly messages: number }> {
  let messages = 0
  let end: ExportEnd | undefined
  async function* chunks(): AsyncGenerator<Buffer> {
    for (;;) {
      const next = await pages.next()
      if (next.done === true) {
        end = next.value
        return
      }
      if (!stillValid()) throw new AppFault('unauthorized', 'The token was revoked')
      messages += next.value.length
      // running on means that the page was taken
      const stalled = setTimeout(() => raw.destroy(), STALL_MS)
      try {
        yield encodePage(next.value, form)
      } finally {
        clearTimeout(stalled)
      }
    }
  }
  const source = Readable.from(chunks(), { objectMode: false })
  const { make } = COMPRESSED[compress]
  try {
    if (make === undefined) await pipeline(source, raw, { end: false })
    else await pipeline(source, make(), raw, { end: false })
  } catch (fault) {
    raw.destroy()
    throw fault
  }
  const isComplete = end?.reason === null
  if (isComplete) {
    raw.addTrailers({ 'hps-export-count': String(messages), 'hps-export-complete': 'true' })
    raw.end()
    return { outcome: 'complete', messages }
  }
  breakOff(raw)
  return { outcome: 'incomplete', messages }
}

/** All that was written goes out, and then the connection ends in the middle of the answer: every client takes that for a failure. */
function breakOff(raw: ServerResponse): void {
  raw.write('', () => raw.socket?.end())
}

/** `hps-2026-11-22T03-04-05Z.log` */
const fileName = (nowMs: number, suffix: string): string => `hps-${new Date(nowMs).toISOString().slice(0, 19).replaceAll(':', '-')}Z.${suffix}`
