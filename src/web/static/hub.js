/** Calls of the hub's API. A refusal is thrown as `Problem`, with what the hub said. */
export class Problem extends Error {
  constructor(status, body) {
    super(body.detail ?? body.title ?? `The hub answered ${status}`)
    this.status = status
    this.body = body
  }
}

/** @param {string} path @param {{ method?: string, body?: unknown, signal?: AbortSignal }} [options] */
export async function ask(path, { method = 'GET', body, signal } = {}) {
  const response = await fetched(path, {
    method,
    signal,
    credentials: 'same-origin',
    headers: { accept: 'application/json', ...(method === 'GET' ? {} : { 'x-hps-request': '1' }), ...(body === undefined ? {} : { 'content-type': 'application/json' }) },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  })
  if (response.status === 204) return null
  const answer = await response.json().catch(() => ({ title: 'The answer could not be read' }))
  if (!response.ok) throw new Problem(response.status, answer)
  return answer
}

/** The bytes at `path`. */
export async function askBytes(path) {
  const response = await fetched(path, { credentials: 'same-origin', headers: { accept: 'application/octet-stream' } })
  if (!response.ok) throw new Problem(response.status, { detail: 'The bytes could not be read' })
  return new Uint8Array(await response.arrayBuffer())
}

async function fetched(path, options) {
  try {
    return await fetch(path, options)
  } catch (fault) {
    if (fault.name === 'AbortError') throw fault
    throw new Problem(0, { code: 'unreachable', title: 'The hub does not answer', detail: 'The hub does not answer. Is it running, and is this machine connected?' })
  }
}

export const search = (query, { limit = 100, order = 'newest', cursor, signal } = {}) =>
  ask(`/api/v1/logs?${new URLSearchParams({ q: query, limit, order, ...(cursor ? { cursor } : {}) }).toString()}`, { signal })

/**
 * Asks for something that may take its time, and hears of its progress. `onProgress` is given the share that is done, 0 to 1,
 * and how to stop: then the answer is what was found.
 * @param {string} path @param {{ signal?: AbortSignal, onProgress?: (share: number, stop: () => void) => void }} [options]
 */
export async function askLong(path, { signal, onProgress } = {}) {
  const response = await fetched(path, { signal, credentials: 'same-origin', headers: { accept: 'text/event-stream' } })
  if (!response.ok) throw new Problem(response.status, await response.json().catch(() => ({ title: 'The answer could not be read' })))
  let stop = () => undefined
  for await (const { event, data } of eventsOf(response.body)) {
    if (event === 'started') stop = () => void ask(`/api/v1/logs/running/${data.id}`, { method: 'DELETE' }).catch(() => undefined)
    else if (event === 'progress') onProgress?.(data.total === 0 ? 1 : data.done / data.total, stop)
    else if (event === 'fault') throw new Problem(data.status, data)
    else if (event === 'result') return data
  }
  throw new Problem(0, { code: 'unreachable', title: 'The hub does not answer', detail: 'The hub ended the search without an answer. Is it stopping?' })
}

/** Server-sent events of one answer, each with one line of JSON. */
async function* eventsOf(body) {
  const reader = body.pipeThrough(new TextDecoderStream()).getReader()
  let pending = ''
  for (let next = await reader.read(); !next.done; next = await reader.read()) {
    const blocks = (pending + next.value).split('\n\n')
    pending = blocks.pop()
    for (const block of blocks) {
      const [, event, json] = /(?:^|\n)event: ([^\n]*)\ndata: ([^\n]*)/.exec(block) ?? []
      if (event !== undefined) yield { event, data: JSON.parse(json) }
    }
  }
}

export const searchLong = (query, { limit = 100, order = 'newest', cursor, ...options } = {}) =>
  askLong(`/api/v1/logs?${new URLSearchParams({ q: query, limit, order, ...(cursor ? { cursor } : {}) }).toString()}`, options)

/** @param {string} query @param {{ by: string, limit?: number, signal?: AbortSignal, onProgress?: (share: number, stop: () => void) => void }} options */
export const countBy = (query, { by, limit, ...options }) =>
  askLong(`/api/v1/logs/count?${new URLSearchParams({ q: query, by, ...(limit === undefined ? {} : { limit }) }).toString()}`, options)

export const exportAt = (query, form) => `/api/v1/logs/export?${new URLSearchParams({ q: query, form }).toString()}`
