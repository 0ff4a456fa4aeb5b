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
