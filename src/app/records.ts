import { createNodeRecords, createOutboxRecords, createPinRecords, createSessionRecords, createSourceRecords, openHubDatabase, type HubDatabase, type PinRecords } from '#store/index.ts'
import type { NameSource } from './names.ts'

/** Main's connection to `hub.db` and the rows it reads; the log writer and provisioning have their own statements on their own connections. */
export interface Records extends Disposable {
  readonly db: HubDatabase
  readonly nodes: ReturnType<typeof createNodeRecords>
  readonly sessions: ReturnType<typeof createSessionRecords>
  readonly sources: ReturnType<typeof createSourceRecords>
  readonly outbox: ReturnType<typeof createOutboxRecords>
  readonly pins: PinRecords
}

export function openRecords(path: string): Records {
  const db = openHubDatabase(path)
  return {
    db,
    nodes: createNodeRecords(db),
    sessions: createSessionRecords(db),
    sources: createSourceRecords(db),
    outbox: createOutboxRecords(db),
    pins: createPinRecords(db),
    [Symbol.dispose]: () => void db.close(),
  }
}

/** How a session is written where it has no hash yet. */
export const sessionName = (id: number, hashes: readonly string[]): string => hashes[0] ?? `#${id}`

export function nameSource({ nodes, sessions, sources }: Records): NameSource {
  return {
    nodeName: (id) => nodes.nameOf(id),
    sessionName(id) {
      const session = sessions.byId(sessions.rootOf(id))
      return session === undefined ? undefined : sessionName(session.id, session.hashes)
    },
    sourceAddress: (id) => sources.byId(id)?.address,
    bootMs(id) {
      const session = sessions.byId(sessions.rootOf(id))
      return session?.bootTimeMs ?? session?.openedMs
    },
    clockOffsetMs: (id) => nodes.clockOf(id)?.offsetMs,
  }
}
