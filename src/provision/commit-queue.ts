/**
 * Groups writes that arrive together into one transaction, so that a rack that boots at once costs a few syncs of the
 * disk and not one for each node. A write that throws fails alone: it is undone as its own savepoint.
 */
export interface CommitQueue {
  run<T>(write: () => T): Promise<T>
  /** Writes that no transaction has taken yet. */
  readonly waiting: number
}

export interface CommitQueueOptions {
  readonly transaction: <T>(body: () => T) => T
  /** Calls back soon, after what is ready now has run. */
  readonly defer: (run: () => void) => void
}

/** Writes in one transaction; more wait for the next, so that the event loop turns in between. */
const MAX_GROUP = 256

interface Waiting {
  /** Does the write; what it returns settles the caller, once the transaction is on disk. */
  readonly attempt: () => () => void
  readonly refuse: (error: unknown) => void
}

export function createCommitQueue({ transaction, defer }: CommitQueueOptions): CommitQueue {
  const waiting: Waiting[] = [] // bounded by the callers: each waits for its own write
  let isScheduled = false
  const schedule = (): void => {
    if (isScheduled || waiting.length === 0) return
    isScheduled = true
    defer(drain)
  }
  const drain = (): void => {
    isScheduled = false
    const group = waiting.splice(0, MAX_GROUP)
    try {
      const settles = transaction(() => group.map(({ attempt }) => attempt()))
      for (const settle of settles) settle()
    } catch (error) {
      for (const { refuse } of group) refuse(error)
    }
    schedule()
  }
  return {
    get waiting() {
      return waiting.length
    },
    run: <T>(write: () => T) =>
      new Promise<T>((resolve, reject) => {
        const attempt = (): (() => void) => {
          try {
            const value = transaction(write)
            return () => resolve(value)
          } catch (error) {
            return () => reject(error as Error)
          }
        }
        waiting.push({ attempt, refuse: reject })
        schedule()
      }),
  }
}
