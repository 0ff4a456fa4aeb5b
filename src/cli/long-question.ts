import type { ProgressView } from '#api/index.ts'
import { printable } from '#base/text.ts'
import type { HubClient, Parameters } from './client.ts'
import { CliFault, EXIT } from './exit.ts'
import type { CliIo } from './io.ts'
import { readEvents, type ServerEvent } from './sse.ts'

/** Before this nobody has begun to wonder. */
const SHOW_PROGRESS_AFTER_MS = 1000
/** The hub gives a sign of life every 15 s. */
const SILENCE_MS = 60_000
/** How long the hub may take to answer with what it has found until now. */
const STOP_PATIENCE_MS = 3000
/** An answer of a thousand long messages. */
const MAX_ANSWER_CHARACTERS = 512 * 1024 * 1024

export interface LongQuestion {
  readonly path: string
  readonly parameters: Parameters
  /** It is posted then. */
  readonly body?: unknown
  /** Where what runs is stopped, by its id behind it. */
  readonly running?: string
  /** What is done with messages meanwhile. */
  readonly doing?: string
}

/** Asks for something that may take its time. The progress is shown on a terminal; Ctrl-C stops the search, and the answer is what was found. */
export async function askLong<T>(hub: HubClient, io: CliIo, { path, parameters, body, running = '/logs/running', doing = 'searched' }: LongQuestion): Promise<T> {
  if (io.signal.aborted) throw new CliFault(EXIT.failed, 'stopped')
  const over = new AbortController()
  let patience: NodeJS.Timeout | undefined
  const waitFor = (ms: number): void => {
    clearTimeout(patience)
    patience = setTimeout(() => over.abort(), ms)
  }
  let id: string | undefined
  const stop = (): void => {
    waitFor(STOP_PATIENCE_MS)
    if (id === undefined) over.abort()
    else hub.remove(`${running}/${id}`).catch(() => over.abort())
  }
  io.signal.addEventListener('abort', stop, { once: true })
  const show = progressLine(io, doing)
  try {
    waitFor(SILENCE_MS)
    const response = await hub.open(path, { parameters, headers: {}, signal: over.signal, body })
    if (response.body === null || !/event-stream/.test(response.headers.get('content-type') ?? '')) return (await response.json()) as T
    const signs = eachChunk(response.body, () => void (!io.signal.aborted && waitFor(SILENCE_MS)))
    for await (const event of readEvents(signs, MAX_ANSWER_CHARACTERS)) {
      if (event.event === 'started') ({ id } = JSON.parse(event.data) as { readonly id: string })
      else if (event.event === 'progress') show(JSON.parse(event.data) as ProgressView)
      else if (event.event === 'result') return JSON.parse(event.data) as T
      else if (event.event === 'fault') throw faultOf(event)
    }
    throw new CliFault(EXIT.failed, 'the hub ended this without an answer', { hint: 'is it stopping? ask again' })
  } finally {
    clearTimeout(patience)
    io.signal.removeEventListener('abort', stop)
    show(undefined)
  }
}

function progressLine(io: CliIo, doing: string): (progress: ProgressView | undefined) => void {
  const sinceMs = io.clock()
  let isShown = false
  return (progress) => {
    if (progress === undefined) {
      if (isShown) io.progress?.(undefined)
      return
    }
    if (io.clock() - sinceMs < SHOW_PROGRESS_AFTER_MS) return
    isShown = true
    const percent = progress.total === 0 ? 100 : Math.floor((progress.done / progress.total) * 100)
    io.progress?.(`${doing} ${percent} % of ${progress.total.toLocaleString('en')} messages, Ctrl-C stops`)
  }
}

async function* eachChunk(stream: AsyncIterable<Uint8Array>, seen: () => void): AsyncGenerator<Uint8Array> {
  for await (const chunk of stream) {
    seen()
    yield chunk
  }
}

function faultOf(event: ServerEvent): CliFault {
  const { detail, title, request_id: request } = JSON.parse(event.data) as { readonly detail?: string; readonly title?: string; readonly request_id?: string }
  return new CliFault(EXIT.failed, `${printable(detail ?? title ?? 'the hub refused')}${request === undefined ? '' : ` (request ${printable(request)})`}`)
}
