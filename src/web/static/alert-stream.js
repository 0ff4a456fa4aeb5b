/** After a refusal (too many streams, an ended login) a browser does not come again by itself. */
const AGAIN_MS = 15_000
/** Steps come in bursts: what they lead to is read once for all of them. */
const GATHER_MS = 250

const listeners = new Set()
let source
let timer = 0
let again = 0
let changed = new Set()

function flush() {
  timer = 0
  const ids = changed
  changed = new Set()
  for (const listen of listeners) listen(ids)
}

/** @param {number | undefined} id undefined: anything may have changed */
function note(id) {
  changed.add(id)
  if (timer === 0) timer = setTimeout(flush, GATHER_MS)
}

/** One stream of alerts for all of this tab: what changed is read anew by those who show it. */
export function openAlertStream() {
  closeAlertStream()
  source = new EventSource('/api/v1/alerts/stream')
  source.addEventListener('open', () => note(undefined))
  source.addEventListener('transition', (event) => note(JSON.parse(event.data).alert.id))
  source.addEventListener('skipped', () => note(undefined))
  source.addEventListener('error', () => {
    if (source.readyState === EventSource.CLOSED) again = setTimeout(openAlertStream, AGAIN_MS)
  })
}

export function closeAlertStream() {
  source?.close()
  clearTimeout(again)
}

/**
 * Calls `listen` with the numbers of alerts that changed (`undefined` among them: anything may have), until `signal` ends it.
 * @param {(ids: Set<number | undefined>) => void} listen @param {AbortSignal} [signal]
 */
export function onAlertChange(listen, signal) {
  listeners.add(listen)
  signal?.addEventListener('abort', () => listeners.delete(listen))
}
