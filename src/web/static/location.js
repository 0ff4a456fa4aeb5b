/** Addresses of the pages, all behind the `#`: `#/logs?q=…`, `#/session/a1b2c3`, `#/node/tch-001`, `#/message/123`. */

/** @param {string} hash @returns {{ page: string, id: string, params: URLSearchParams }} */
export function readLocation(hash) {
  const [path = '', query = ''] = splitOnce(hash.replace(/^#\/?/, ''), '?')
  const [page = '', id = ''] = splitOnce(path, '/')
  return { page: page === '' ? 'logs' : page, id: decode(id), params: new URLSearchParams(query) }
}

/** `#/login=<token>`: the operator link. @returns the token, or undefined */
export const tokenIn = (hash) => /^#\/?login=([A-Za-z0-9_-]{1,128})$/.exec(hash)?.[1]

export const logsAt = (query, params = {}) => `#/logs?${new URLSearchParams({ q: query, ...params }).toString()}`
export const messageAt = (seq) => `#/message/${seq}`
export const nodeAt = (name) => `#/node/${encodeURIComponent(name)}`
export const sessionAt = (hash) => `#/session/${encodeURIComponent(hash)}`

export const alertAt = (id) => `#/alert/${id}`
export const ruleAt = (id) => `#/rule/${encodeURIComponent(id)}`
export const deliveryAt = (id) => `#/delivery/${id}`
export const alertsAt = (params) => listAt('alerts', params)
export const rulesAt = (params) => listAt('rules', params)
export const outboxAt = (params) => listAt('outbox', params)
/** A list with filters; those that are undefined are left out. */
function listAt(page, params) {
  const given = new URLSearchParams(Object.entries(params).filter(([, value]) => value !== undefined)).toString()
  return `#/${page}${given === '' ? '' : `?${given}`}`
}

export const sourceAt = (id) => `#/source/${id}`

/** A value as the query language takes it: quoted where it is more than a word. */
export const term = (field, value) => `${field}:${/^[\p{L}\p{N}_.:#@/-]+$/u.test(value) ? value : `"${value.replace(/["\\]/g, '\\$&')}"`}`

/** The query with one more term; one that is there already is not added twice. */
export function narrowed(query, added) {
  const words = query.trim()
  if (` ${words} `.includes(` ${added} `)) return words
  // `or` binds weaker than what is added
  return `${/\sor\s/i.test(words) ? `(${words})` : words} ${added}`.trim()
}

/** The query within a range of time. A range that it names is replaced, unless it is part of a choice. */
export function within(query, fromIso, untilIso) {
  const isPlain = !/[()]|\sor\s/i.test(query)
  const rest = isPlain ? query.replace(/"(?:[^"\\]|\\.)*"|(?:^|\s)(?:since|until):(?:"[^"]*"|\S+)/gi, (found) => (found.startsWith('"') ? found : '')) : query
  return narrowed(rest, `since:${fromIso} until:${untilIso}`)
}

const splitOnce = (text, by) => (text.includes(by) ? [text.slice(0, text.indexOf(by)), text.slice(text.indexOf(by) + by.length)] : [text, ''])

function decode(text) {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}
