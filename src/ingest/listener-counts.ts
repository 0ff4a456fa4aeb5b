import type { Transport } from '#domain/source.ts'

/** What one listener has counted since the hub started. */
export interface ListenerCounts {
  /** Datagrams that hold at least a byte. */
  datagrams: number
  /** Connections taken; of TLS, before the handshake. */
  connections: number
  /** Rows made of what it received. */
  messages: number
  /** Datagrams that the kernel dropped because the receive buffer was full. */
  kernelDrops: number
  /** Datagrams, or lines of a console's, that found no free batch. */
  noFreeBatch: number
  /** Messages left out under pressure. */
  shed: number
}

export const newListenerCounts = (): ListenerCounts => ({ datagrams: 0, connections: 0, messages: 0, kernelDrops: 0, noFreeBatch: 0, shed: 0 })

/** A listener's counts as told to the main thread. */
export interface ToldCounts extends Readonly<ListenerCounts> {
  readonly listener: string
  readonly transport: Transport
}

/** The counts of all listeners; those of the configuration, HTTP and the hub's own messages. */
export interface ListenerTable {
  of(listener: string, transport: Transport): ListenerCounts
  tell(): readonly ToldCounts[]
}

export function createListenerTable(): ListenerTable {
  const entries = new Map<string, { readonly listener: string; readonly transport: Transport; readonly counts: ListenerCounts }>() // one a configured listener, and two
  return {
    of(listener, transport) {
      const key = `${transport} ${listener}`
      let entry = entries.get(key)
      if (entry === undefined) entries.set(key, (entry = { listener, transport, counts: newListenerCounts() }))
      return entry.counts
    },
    tell: () => [...entries.values()].map(({ listener, transport, counts }) => ({ listener, transport, ...counts })),
  }
}
