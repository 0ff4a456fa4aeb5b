/**
 * Names for the ids that messages carry, remembered for a moment: a search result of thousands of rows asks for a few
 * dozen names. Bounded; forgotten when sessions open or nodes are renamed, and after `TTL_MS` in any case.
 */
const MAX_NAMES = 20_000
const TTL_MS = 2000

export interface Names {
  node(id: number): string | null
  session(id: number): string | null
  source(id: number): string
  /** When the boot of a session began, and how far the clock of a node is ahead; undefined: not known. */
  bootMs(sessionId: number): number | undefined
  clockOffsetMs(nodeId: number): number | undefined
  forget(): void
}

export interface NameSource {
  nodeName(id: number): string | undefined
  sessionName(id: number): string | undefined
  sourceAddress(id: number): string | undefined
  bootMs(sessionId: number): number | undefined
  clockOffsetMs(nodeId: number): number | undefined
}

export function createNames(source: NameSource, clock: () => number): Names {
  const known = { node: new Map<number, string | undefined>(), session: new Map<number, string | undefined>(), source: new Map<number, string | undefined>(), boot: new Map<number, number | undefined>(), clock: new Map<number, number | undefined>() }
  let since = clock()
  const forget = () => {
    for (const table of Object.values(known)) table.clear()
    since = clock()
  }
  const look = <T>(table: Map<number, T | undefined>, id: number, read: (id: number) => T | undefined): T | undefined => {
    if (id === 0) return undefined
    if (clock() - since > TTL_MS || table.size > MAX_NAMES) forget()
    if (!table.has(id)) table.set(id, read(id))
    return table.get(id)
  }
  return {
    node: (id) => look(known.node, id, source.nodeName) ?? null,
    session: (id) => look(known.session, id, source.sessionName) ?? null,
    source: (id) => look(known.source, id, source.sourceAddress) ?? `#${id}`,
    bootMs: (id) => look(known.boot, id, source.bootMs),
    clockOffsetMs: (id) => look(known.clock, id, source.clockOffsetMs),
    forget,
  }
}
