import { request as httpRequest, type IncomingMessage } from 'node:http'
import { request as httpsRequest } from 'node:https'
import type { Delivery } from '../outbox/outbox.ts'
import type { FailureReason } from '../outbox/metrics.ts'
import type { Webhook } from '../routes/routes.ts'
import { AddressDenied, checkedLookup, checkLiteral, type Resolve } from './webhook-address.ts'

export interface Post {
  readonly webhook: Webhook
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
  readonly timeoutMs: number
  readonly nowMs: number
  readonly resolve?: Resolve | undefined
}

/** Of an answer, for people. */
const MAX_ANSWER_BYTES = 4096

/** One POST on a connection of its own: no redirect is followed, only 2xx is success, and the whole of it takes no longer than `timeoutMs`. */
export async function post({ webhook, headers, body, timeoutMs, nowMs, resolve }: Post): Promise<Delivery> {
  const signal = AbortSignal.timeout(timeoutMs)
  try {
    const url = new URL(webhook.url)
    checkLiteral(url.hostname, webhook)
    const answer = await exchange({ url, webhook, headers, body, signal, resolve })
    return judge(answer, nowMs)
  } catch (error) {
    return signal.aborted ? failed('timeout', `no answer within ${timeoutMs / 1000} s`) : failureOf(error)
  }
}

interface Answer { readonly status: number; readonly text: string; readonly retryAfter: string | undefined; readonly location: string | undefined }
type Exchange = Pick<Post, 'webhook' | 'headers' | 'body' | 'resolve'> & { readonly url: URL; readonly signal: AbortSignal }

function exchange({ url, webhook, headers, body, signal, resolve }: Exchange): Promise<Answer> {
  const make = url.protocol === 'https:' ? httpsRequest : httpRequest
  return new Promise((done, refuse) => {
    const request = make(url, {
      method: 'POST', headers: { ...headers, 'content-length': Buffer.byteLength(body) }, signal, agent: false, lookup: checkedLookup(webhook, resolve) as never,
      ...(webhook.ca === undefined ? {} : { ca: webhook.ca }),
    })
    request.on('error', refuse)
    request.on('response', (response) => void readAnswer(response).then(done, refuse).finally(() => request.destroy()))
    request.end(body)
  })
}

/** The beginning of an answer; an endless one is not waited for. */
async function readAnswer(response: IncomingMessage): Promise<Answer> {
  const chunks: Buffer[] = []
  let bytes = 0
  const answer = (): Answer => ({
    status: response.statusCode ?? 0, text: Buffer.concat(chunks).subarray(0, MAX_ANSWER_BYTES).toString(), retryAfter: response.headers['retry-after'], location: response.headers.location,
  })
  try {
    for await (const chunk of response as AsyncIterable<Buffer>) {
      chunks.push(chunk)
      bytes += chunk.length
      if (bytes >= MAX_ANSWER_BYTES) break
    }
  } catch (error) {
    // the answer is its first line; that its body broke off changes nothing, unless it is not there in time
    if (response.statusCode === undefined || (error as Error).name === 'AbortError') throw error
  }
  return answer()
}

function judge({ status, text, retryAfter, location }: Answer, nowMs: number): Delivery {
  const said = `${status}${text === '' ? '' : ` ${text}`}`
  if (status >= 200 && status < 300) return { kind: 'sent', reply: said }
  if (status === 410) return { kind: 'failed', reason: 'gone', isPermanent: true, error: `${said}: it wants no more; it is left alone until the routes are read anew` }
  if (status >= 300 && status < 400) return failed('redirect', `${status}: redirects are not followed${location === undefined ? '' : `, not even to ${originOf(location)}`}`)
  const retryAfterMs = retryAfterOf(retryAfter, nowMs)
  const reason: FailureReason = status === 429 ? 'throttled' : status === 401 || status === 403 ? 'login' : status === 413 ? 'too-large' : status >= 500 ? 'refused-later' : 'refused'
  return { ...failed(reason, said), ...(retryAfterMs === undefined ? {} : { retryAfterMs }) }
}

/** RFC 9110 section 10.2.3: seconds, or a date. */
export function retryAfterOf(value: string | undefined, nowMs: number): number | undefined {
  if (value === undefined) return undefined
  if (/^\d{1,9}$/.test(value.trim())) return Number(value) * 1000
  const atMs = Date.parse(value)
  return Number.isNaN(atMs) ? undefined : Math.max(0, atMs - nowMs)
}

/** Paths may be secrets. */
const originOf = (location: string): string => URL.parse(location)?.origin ?? 'somewhere else'

const failed = (reason: FailureReason, error: string): Extract<Delivery, { kind: 'failed' }> => ({ kind: 'failed', reason, isPermanent: false, error })

function failureOf(error: unknown): Delivery {
  if (error instanceof AddressDenied) return failed('address-denied', error.message)
  if (!(error instanceof Error)) return failed('failed', String(error))
  const { code = '' } = error as NodeJS.ErrnoException
  if (/^(?:ERR_TLS|CERT_|UNABLE_TO|SELF_SIGNED|DEPTH_ZERO|ERR_SSL|EPROTO)/.test(code)) return failed('tls', `${error.message} (${code})`)
  const isUnreachable = ['ECONNREFUSED', 'ECONNRESET', 'EHOSTUNREACH', 'ENETUNREACH', 'ENOTFOUND', 'EAI_AGAIN', 'EPIPE', 'ETIMEDOUT', 'HPE_INVALID_CONSTANT'].includes(code) || error.message === 'socket hang up'
  return failed(isUnreachable ? 'unreachable' : 'failed', error.message)
}
