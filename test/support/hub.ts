import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { stringify } from 'yaml'
import type { MessageView } from '../../src/api/parts.ts'
import { freePort, startChild, until, type Child } from './child.ts'

/** A hub as its users have it: `./hps serve` as a child process, spoken to over HTTP and syslog only. */
export const ROOT = fileURLToPath(new URL('../..', import.meta.url))

const ANSWER_WITHIN_MS = 30_000

export interface HubPlace {
  /** Temporary folder of this hub: configuration, data, and what a test puts beside them. */
  readonly folder: string
  readonly data: string
  readonly configFile: string
  readonly syslogPort: number
  readonly httpPort: number
  readonly url: string
  remove(): void
}

export interface RunningHub extends HubPlace {
  readonly child: Child
  readonly pid: number
  /** Milliseconds from the start of the process to `/readyz` 200. */
  readonly readyMs: number
  readonly token: string
  get(path: string, init?: RequestInit): Promise<Response>
  json<T>(path: string, init?: RequestInit): Promise<T>
  search(query: string, options?: { readonly limit?: number; readonly order?: 'newest' | 'oldest' }): Promise<readonly MessageView[]>
  /** All messages of a query, page by page, oldest first. */
  searchAll(query: string): Promise<MessageView[]>
  /** `POST /api/v1/logs` of lines; resolves when the hub has acknowledged them. */
  post(lines: readonly string[]): Promise<Response>
  /** Samples of `/metrics` by name and labels as written, e.g. `hps_x_total{reason="y"}`. */
  metrics(): Promise<Map<string, number>>
  /** SIGTERM; the exit code and how long it took. */
  stop(): Promise<{ readonly code: number | string; readonly tookMs: number }>
  kill(): Promise<void>
}

/** Free ports, a temporary folder and a configuration file; `config` is laid over the defaults, part by part. */
export async function placeHub(config: Readonly<Record<string, unknown>> = {}): Promise<HubPlace> {
  const folder = mkdtempSync(join(tmpdir(), 'hps-hub-'))
  const [syslogPort, httpPort] = [await freePort(), await freePort()]
  const data = join(folder, 'data')
  const configFile = join(folder, 'hub.yaml')
  const listeners = (['udp', 'tcp'] as const).map((transport) => ({ name: transport, transport, address: '127.0.0.1', port: syslogPort }))
  const parts: Record<string, unknown> = { data, ...config }
  parts['syslog'] = { listeners, ...(config['syslog'] as object | undefined) }
  parts['http'] = { address: '127.0.0.1', port: httpPort, ...(config['http'] as object | undefined) }
  writeFileSync(configFile, stringify(parts))
  return { folder, data, configFile, syslogPort, httpPort, url: `http://127.0.0.1:${httpPort}`, remove: () => rmSync(folder, { recursive: true, force: true }) }
}

/** Starts a hub at a place and waits until it is ready; fails with all that it printed when it ends before. */
export async function startHub(place: HubPlace, { withinMs = 30_000, command = [join(ROOT, 'hps')] }: { readonly withinMs?: number; readonly command?: readonly string[] } = {}): Promise<RunningHub> {
  const startedMs = performance.now()
  const [program, ...before] = command
  const child = startChild(program!, [...before, 'serve', '--config', place.configFile], { cwd: place.folder })
  const isReady = async (): Promise<boolean> => (await fetch(`${place.url}/readyz`)).status === 200
  for (;;) {
    if (!child.running()) throw new Error(`the hub ended (${await child.ended}) before it was ready:\n${child.output()}`)
    if (await isReady().catch(() => false)) break
    if (performance.now() - startedMs > withinMs) {
      child.process.kill('SIGKILL')
      throw new Error(`the hub was not ready within ${withinMs} ms:\n${child.output()}`)
    }
    await delay(10)
  }
  return attach(place, { child, readyMs: performance.now() - startedMs })
}

/** A hub at a new place; `await using` stops it and removes the folder. */
export async function aHub(config?: Readonly<Record<string, unknown>>): Promise<RunningHub & AsyncDisposable> {
  const place = await placeHub(config)
  const hub = await startHub(place)
  return {
    ...hub,
    async [Symbol.asyncDispose]() {
      if (hub.child.running()) await hub.kill()
      place.remove()
    },
  }
}

function attach(place: HubPlace, { child, readyMs }: { readonly child: Child; readonly readyMs: number }): RunningHub {
  const token = readFileSync(join(place.data, 'operator.token'), 'utf8').trim()
  const get = (path: string, init: RequestInit = {}): Promise<Response> => {
    const headers = { authorization: `Bearer ${token}`, accept: 'application/json', ...(init.headers as Record<string, string> | undefined) }
    // A hub that does not answer is a failure with a name, not a test that hangs; a stream lasts as long as it is read.
    const signal = init.signal ?? (headers.accept === 'text/event-stream' ? undefined : AbortSignal.timeout(ANSWER_WITHIN_MS))
    return fetch(`${place.url}${path}`, { ...init, headers, ...(signal === undefined ? {} : { signal }) })
  }
  const json = async <T>(path: string, init?: RequestInit): Promise<T> => {
    const response = await get(path, init)
    if (!response.ok) throw new Error(`${path}: ${response.status} ${await response.text()}`)
    return (await response.json()) as T
  }
  const page = (query: string, { limit, order, cursor }: { readonly limit: number; readonly order: string; readonly cursor?: string | null }): Promise<LogPage> =>
    json<LogPage>(`/api/v1/logs?${new URLSearchParams({ q: query, limit: String(limit), order, ...(cursor ? { cursor } : {}) }).toString()}`)
  return {
    ...place,
    child,
    pid: child.pid,
    readyMs,
    token,
    get,
    json,
    search: async (query, { limit = 100, order = 'newest' } = {}) => (await page(query, { limit, order })).messages,
    async searchAll(query) {
      const all: MessageView[] = []
      let cursor: string | null = null
      do {
        const next: LogPage = await page(query, { limit: 1000, order: 'oldest', cursor })
        if (!next.complete) throw new Error(`the search ${query} was not complete`)
        all.push(...next.messages)
        cursor = next.cursor
      } while (cursor !== null)
      return all
    },
    post: (lines) => get('/api/v1/logs', { method: 'POST', headers: { 'content-type': 'text/plain' }, body: `${lines.join('\n')}\n` }),
    metrics: async () => parseSamples(await (await get('/metrics', { headers: { accept: 'text/plain' } })).text()),
    async stop() {
      const startMs = performance.now()
      child.process.kill('SIGTERM')
      const code = await child.ended
      return { code, tookMs: performance.now() - startMs }
    },
    async kill() {
      child.process.kill('SIGKILL')
      await child.ended
    },
  }
}

interface LogPage { readonly messages: readonly MessageView[]; readonly cursor: string | null; readonly complete: boolean }

/** The text exposition format, samples only. */
export function parseSamples(text: string): Map<string, number> {
  const samples = new Map<string, number>()
  for (const line of text.split('\n')) {
    const match = /^([a-zA-Z_:][\w:]*(?:\{.*\})?) (\S+)/.exec(line)
    if (match !== null) samples.set(match[1]!, Number(match[2]))
  }
  return samples
}

/** Sum of all samples of a metric whose labels contain `having`. */
export const sumOf = (samples: ReadonlyMap<string, number>, name: string, having = ''): number =>
  [...samples].filter(([key]) => (key === name || key.startsWith(`${name}{`)) && key.includes(having)).reduce((sum, [, value]) => sum + value, 0)

/** Waits until a search finds at least `count` messages. */
export const untilFound = (hub: RunningHub, query: string, count = 1): Promise<readonly MessageView[]> =>
  until(`${count} messages for ${query}`, async () => {
    const messages = await hub.search(query, { limit: 1000 })
    return messages.length >= count && messages
  })
