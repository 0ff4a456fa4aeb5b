import type { Cost } from '../measure.ts'

/** A log receiver under test: the hub, or a peer it is measured against. */
export interface Receiver {
  readonly name: string
  readonly pid: number
  readonly tcpPort: number | undefined
  readonly udpPort: number | undefined
  cost(): Cost
  diskBytes(): number
  /** Messages that can be looked up or counted now. Cheap enough to be asked every few milliseconds. */
  countable(): Promise<number>
  /** Where the receiver goes on working after it has everything: whether that is done too. */
  readonly sealed: (() => Promise<boolean>) | undefined
  /** What it says it lost. */
  counters(): Promise<{ readonly dropped: number }>
  /** How many messages a search for this text finds, where there is a search. */
  readonly find?: (text: string) => Promise<number>
  stop(): Promise<void>
}
