import type { FastifyReply, FastifyRequest } from 'fastify'

/** The media in which the boot API and every fault can be said. */
const FORMATS = ['ipxe', 'json', 'text', 'html'] as const
export type Format = (typeof FORMATS)[number]

const MEDIA_TYPES: readonly (readonly [type: string, format: Format])[] = [
  ['application/json', 'json'], ['application/problem+json', 'json'], ['text/html', 'html'], ['text/x-ipxe', 'ipxe'], ['text/plain', 'text'],
]

/** What a program understands that names nothing in `Accept`. GRUB reads no language of ours: it gets text. */
const PROGRAMS: readonly (readonly [pattern: RegExp, program: Program])[] = [
  [/\biPXE\//, 'ipxe'],
  [/^(?:curl|Wget|libcurl|python|Go-http|HTTPie)/i, 'shell'],
  [/^GRUB\b/, 'text'],
  [/Mozilla|Chrom|Safari/, 'html'],
]
export type Program = 'ipxe' | 'shell' | 'text' | 'html'

export interface Asked {
  readonly format?: string | undefined
  readonly accept?: string | undefined
  readonly userAgent?: string | undefined
}

/** Which program speaks, by its User-Agent; undefined when it is not one we know. iPXE sends no Accept at all. */
export const programOf = (userAgent: string | undefined): Program | undefined => PROGRAMS.find(([pattern]) => pattern.test(userAgent ?? ''))?.[1]

/**
 * The format of the answer: `?format=` (or a suffix, which becomes it), then an `Accept` that names one of ours, then the
 * User-Agent, then `fallback`. A shell (curl, Wget) gets text. A format refused with `q=0` is never given on account of the rest.
 */
export function negotiate({ format, accept, userAgent }: Asked, fallback: Format = 'text'): Format {
  if (format !== undefined && FORMATS.includes(format as Format)) return format as Format
  const { best, refused } = readAccept(accept ?? '')
  if (best !== undefined) return best
  const program = programOf(userAgent)
  const guess = program === 'shell' ? 'text' : (program ?? fallback)
  if (!refused.has(guess)) return guess
  return (['text', 'json', 'html'] as const).find((candidate) => !refused.has(candidate)) ?? guess
}

/** The best of our formats that the header names, and those it refuses (RFC 9110 section 12.5.1). Wildcards are not specific. */
function readAccept(header: string): { readonly best: Format | undefined; readonly refused: ReadonlySet<Format> } {
  const refused = new Set<Format>()
  let best: Format | undefined
  let bestQuality = 0
  for (const range of header.split(',', 32)) {
    const [type = '', ...parameters] = range.split(';').map((part) => part.trim().toLowerCase())
    const format = MEDIA_TYPES.find(([known]) => known === type)?.[1]
    if (format === undefined) continue
    const written = parameters.find((parameter) => parameter.startsWith('q='))?.slice(2)
    const quality = written === undefined ? 1 : Number(written)
    if (quality === 0) refused.add(format)
    else if (quality > bestQuality) [best, bestQuality] = [format, quality]
  }
  return { best, refused }
}

/** What a request asks for. */
export function askedOf(request: FastifyRequest): Asked {
  const { format } = (request.query ?? {}) as { readonly format?: string }
  return { format, accept: request.headers.accept, userAgent: request.headers['user-agent'] }
}

/** Marks an answer that depends on who asks: no cache may give it to another. */
export const varies = (reply: FastifyReply): FastifyReply => reply.header('vary', 'Accept, User-Agent').header('cache-control', 'no-store')
