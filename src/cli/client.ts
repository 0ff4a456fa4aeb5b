import { printable } from '#base/text.ts'
import { isLoopback, type Connection } from './connection.ts'
import { CliFault, EXIT } from './exit.ts'
import type { CliIo } from './io.ts'

/** Longer than the longest search the hub allows itself. */
const REQUEST_TIMEOUT_MS = 60_000

/** A hub that does not answer must not hold up a command that ends. */
const LAST_WORD_TIMEOUT_MS = 2000

export type Parameters = Readonly<Record<string, string | number | undefined>>

export interface StreamOptions {
  readonly parameters: Parameters
  readonly headers: Readonly<Record<string, string>>
  readonly signal?: AbortSignal
  /** It is posted then. */
  readonly body?: unknown
}

/** The hub's API, version 1. Paths are below `/api/v1`. Everything but a good answer is a CliFault. */
export interface HubClient {
  /** Of the hub, without a slash at the end. */
  readonly url: string
  get<T>(path: string, parameters?: Parameters): Promise<T>
  send<T>(method: 'POST' | 'PATCH' | 'DELETE', path: string, body?: unknown): Promise<T>
  bytes(path: string): Promise<Uint8Array>
  /** Server-sent events: the answer's body, until the hub or `signal` (by default the end of the command) ends it. */
  stream(path: string, options: StreamOptions): Promise<ReadableStream<Uint8Array>>
  /** The same with the head, for answers that are events or not. */
  open(path: string, options: StreamOptions): Promise<Response>
  /** A last word while the command ends: bounded, and nothing depends on it. */
  remove(path: string): Promise<void>
}

/** @param timeoutMs of a whole answer, streams apart */
export interface ClientIo extends Pick<CliIo, 'fetch' | 'signal'> { readonly timeoutMs?: number }

export function createClient(connection: Connection, { timeoutMs = REQUEST_TIMEOUT_MS, ...io }: ClientIo): HubClient {
  const request = async (path: string, init: RequestInit & { readonly parameters?: Parameters }): Promise<Response> => {
    const url = new URL(`${connection.url}/api/v1${path}`)
    for (const [name, value] of Object.entries(init.parameters ?? {})) if (value !== undefined) url.searchParams.set(name, String(value))
    const headers = new Headers(init.headers)
    if (connection.token !== undefined) headers.set('authorization', `Bearer ${connection.token}`)
    if (!headers.has('accept')) headers.set('accept', 'application/json')
    let response: Response
    try {
      response = await io.fetch(url, { ...init, headers, redirect: 'error' })
    } catch (error) {
      throw unreachable(connection, error, timeoutMs)
    }
    if (!response.ok) throw await refusal(connection, response)
    return response
  }
  const bounded = (): AbortSignal => AbortSignal.any([io.signal, AbortSignal.timeout(timeoutMs)])
  const open = (path: string, { parameters, headers, signal = io.signal, body }: StreamOptions): Promise<Response> =>
    request(path, { parameters, signal, ...(body === undefined ? {} : { method: 'POST', body: JSON.stringify(body) }), headers: { accept: 'text/event-stream', ...(body === undefined ? {} : { 'content-type': 'application/json' }), ...headers } })
  const json = async <T>(response: Response): Promise<T> => {
    try {
      return (await response.json()) as T
    } catch (error) {
      if (error instanceof SyntaxError) throw new CliFault(EXIT.failed, `what answers at ${connection.url} speaks no JSON`, { hint: `is it the hub that answers at ${connection.url}?`, cause: error })
      throw unreachable(connection, error, timeoutMs)
    }
  }
  return {
    url: connection.url,
    get: async <T>(path: string, parameters: Parameters = {}) => json<T>(await request(path, { parameters, signal: bounded() })),
    send: async <T>(method: string, path: string, body?: unknown) => {
      const payload = body === undefined ? {} : { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }
      const response = await request(path, { method, ...payload, signal: bounded() })
      return response.status === 204 ? (undefined as T) : json<T>(response)
    },
    bytes: async (path) => new Uint8Array(await (await request(path, { headers: { accept: '*/*' }, signal: bounded() })).arrayBuffer()),
    stream: async (path, options) => {
      const response = await open(path, options)
      if (response.body === null) throw new CliFault(EXIT.failed, 'the hub answered without a stream')
      return response.body
    },
    open,
    remove: async (path) => void (await request(path, { method: 'DELETE', signal: AbortSignal.timeout(LAST_WORD_TIMEOUT_MS) })),
  }
}

/** No answer at all: the exception of `fetch` says little, its cause says what happened. */
function unreachable({ url }: Connection, error: unknown, timeoutMs: number): CliFault {
  const { code, message } = ((error as Error).cause ?? {}) as { readonly code?: string; readonly message?: string }
  if (code === 'ECONNREFUSED') return new CliFault(EXIT.failed, `the hub is not running at ${url}`, { hint: isLoopback(url) ? 'start it with ./hps serve, or say where it is with --url or HPS_URL' : 'start it there, or say where it is with --url or HPS_URL', cause: error })
  if (code === 'ENOTFOUND' || code === 'EAI_AGAIN') return new CliFault(EXIT.failed, `the host of ${url} is not known`, { hint: 'check --url, HPS_URL and the name server', cause: error })
  if ((error as Error).name === 'TimeoutError') return new CliFault(EXIT.failed, `the hub at ${url} did not answer in ${timeoutMs / 1000} seconds`, { hint: 'hps doctor says what it can see', cause: error })
  return new CliFault(EXIT.failed, `the hub at ${url} could not be reached: ${code ?? message ?? (error as Error).message}`, { hint: `is it the hub that answers at ${url}?`, cause: error })
}

interface Problem {
  readonly code?: string
  readonly title?: string
  readonly detail?: string
  readonly request_id?: string
  readonly choices?: readonly unknown[]
}

/** RFC 9457 problems, as the API gives them; anything else is not our hub. */
async function refusal(connection: Connection, response: Response): Promise<CliFault> {
  const isProblem = /json/.test(response.headers.get('content-type') ?? '')
  const problem = (isProblem ? await response.json().catch(() => ({})) : {}) as Problem
  const what = printable(problem.detail ?? problem.title ?? `HTTP ${response.status} without a reason`)
  const request = problem.request_id === undefined ? '' : ` (request ${printable(problem.request_id)})`
  if (response.status === 401) return new CliFault(EXIT.refused, `the hub wants a valid token: ${what}`, { hint: `the token came from ${connection.tokenFrom}; make one with: hps token create` })
  if (response.status === 403) return new CliFault(EXIT.refused, `the hub does not allow this: ${what}`, { hint: `the token came from ${connection.tokenFrom}; changes need one of the role operator` })
  const choices = Array.isArray(problem.choices) ? `one of: ${problem.choices.map((choice) => printable(typeof choice === 'string' ? choice : JSON.stringify(choice))).join(', ')}` : undefined
  const hint = choices ?? (problem.code === undefined ? `is it the hub that answers at ${connection.url}?` : undefined)
  return new CliFault(EXIT.failed, `${what}${request}`, hint === undefined ? {} : { hint })
}
