import type { LineNames } from './lines/form.ts'

/** Names of nodes and sessions, and addresses of senders. */
export interface SinkNames extends LineNames {
  source(id: number): string | undefined
}

/** Names are asked for again after this: nodes are renamed, sessions get their hash. */
const TTL_MS = 2000
const MAX_NAMES = 20_000

/** Remembers names for a moment; what is not known yet is asked for again at once. */
export interface RememberedNames extends SinkNames {
  /** Forgets what is old. Call it now and then, not for each row. */
  refresh(): void
}

export function rememberNames(source: SinkNames, elapsedMs: () => number): RememberedNames {
  const tables = { node: new Map<number, string>(), session: new Map<number, string>(), source: new Map<number, string>() }
  let sinceMs = elapsedMs()
  const look = (kind: keyof SinkNames, id: number): string | undefined => {
    const known = tables[kind].get(id)
    if (known !== undefined) return known
    const found = source[kind](id)
    if (found !== undefined && tables[kind].size < MAX_NAMES) tables[kind].set(id, found)
    return found
  }
  return {
    node: (id) => look('node', id),
    session: (id) => look('session', id),
    source: (id) => look('source', id),
    refresh() {
      if (elapsedMs() - sinceMs < TTL_MS) return
      for (const table of Object.values(tables)) table.clear()
      sinceMs = elapsedMs()
    },
  }
}
