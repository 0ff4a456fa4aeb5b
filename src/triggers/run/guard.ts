import { isDiskFault } from '#store/index.ts'
import type { WorkerCounters } from '#telemetry/index.ts'
import type { RulesCounter } from '../counters.ts'

type Log = (level: 'info' | 'error', fields: Readonly<Record<string, unknown>>, message: string) => void

/** What the disk may refuse: it is told, everything waits, and the caller tries again at its next tick. Other faults are thrown on. */
export interface Guard {
  /** `rules.db` was refused last time. */
  readonly isBlocked: boolean
  /** Work that writes `rules.db`. @returns whether it was done */
  writes(work: () => void): boolean
  /** Work that reads hub.db. @returns what it returns; false when it was refused */
  reads(work: () => boolean): boolean
}

export function createGuard({ log, counters }: { readonly log: Log; readonly counters: Pick<WorkerCounters<RulesCounter>, 'set'> }): Guard {
  let isBlocked = false
  let isBlind = false

  function setBlocked(is: boolean): void {
    isBlocked = is
    counters.set('blocked', is || isBlind ? 1 : 0)
  }
  function setBlind(is: boolean): void {
    isBlind = is
    counters.set('blocked', is || isBlocked ? 1 : 0)
  }

  return {
    get isBlocked() {
      return isBlocked
    },
    writes(work) {
      try {
        work()
      } catch (error) {
        if (!isDiskFault(error)) throw error
        if (!isBlocked) log('error', { reason: (error as Error).message }, 'The rules wait: rules.db cannot be used; nothing is lost')
        setBlocked(true)
        return false
      }
      if (isBlocked) log('info', {}, 'rules.db can be used again: the rules go on')
      setBlocked(false)
      return true
    },
    reads(work) {
      let isMore: boolean
      try {
        isMore = work()
      } catch (error) {
        if (!isDiskFault(error)) throw error
        if (!isBlind) log('error', { reason: (error as Error).message }, 'The rules wait: hub.db cannot be read; nothing is lost')
        setBlind(true)
        return false
      }
      if (isBlind) log('info', {}, 'hub.db can be read again: the rules go on')
      if (isBlind) setBlind(false)
      return isMore
    },
  }
}
