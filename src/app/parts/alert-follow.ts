import type { AlertEventView, AlertItem } from '#api/index.ts'
import type { AlertTransitionRecords } from '#store/index.ts'

/** The table is looked at this often while somebody follows: one read of its highest number. */
const LOOK_EVERY_MS = 250
/** A reader that is further behind is told how many it missed, and lists the alerts anew. */
export const MAX_BEHIND = 2000
/** Steps that are sent in one go. */
const PAGE = 200

type Numbered = ReturnType<AlertTransitionRecords['after']>[number]

export interface FollowOptions {
  /** Resume after this one; undefined: from now. */
  readonly afterId?: number | undefined
  readonly transitions: Pick<AlertTransitionRecords, 'after' | 'newest'>
  readonly clock: () => number
  /** Calls `work` every `ms`; returns the end (`setInterval`). */
  readonly every: (ms: number, work: () => void) => () => void
  /** undefined: the alert is gone. */
  view(transition: Numbered): AlertEventView | undefined
  deliver(item: AlertItem): boolean
  readonly onFault: (fault: unknown) => void
}

/** A cursor over the transitions of alerts, for one reader. @returns its end */
export function followAlerts({ afterId, transitions, every, view, deliver, onFault }: FollowOptions): () => void {
  let last = Math.min(afterId ?? Infinity, transitions.newest())

  /** False: the reader takes nothing for now. */
  function send(transition: Numbered): boolean {
    const event = view(transition)
    if (event !== undefined && !deliver({ kind: 'transition', event })) return false
    last = transition.id
    return true
  }
  function look(): void {
    const newest = transitions.newest()
    if (newest <= last) return
    if (newest - last > MAX_BEHIND) {
      if (deliver({ kind: 'skipped', fromId: last + 1, toId: newest, count: newest - last })) last = newest
      return
    }
    while (last < newest) {
      const some = transitions.after(last, PAGE)
      if (some.length === 0) return
      for (const transition of some) if (!send(transition)) return
    }
  }
  function guarded(): void {
    try {
      look()
    } catch (fault) {
      end()
      onFault(fault)
    }
  }
  const end = every(LOOK_EVERY_MS, guarded)
  guarded()
  return end
}
