import type { AlertEventView, AlertItem } from '#api/index.ts'
import type { AlertTransitionRecords } from '#store/index.ts'

/** The table is looked at this often while anybody follows: one read of its highest number, for all readers. */
const LOOK_EVERY_MS = 250
/** A reader that is further behind is told how many it missed, and lists the alerts anew. */
export const MAX_BEHIND = 2000
/** Steps that are sent in one go. */
const PAGE = 200

type Numbered = ReturnType<AlertTransitionRecords['after']>[number]

export interface FollowingOptions {
  readonly transitions: Pick<AlertTransitionRecords, 'after' | 'newest'>
  /** Calls `work` every `ms`; returns the end (`setInterval`). */
  readonly every: (ms: number, work: () => void) => () => void
  /** undefined: the alert is gone. */
  view(transition: Numbered): AlertEventView | undefined
}
export interface AlertReader {
  /** Resume after this one; undefined: from now. */
  readonly afterId?: number | undefined
  /** False: it was not taken, and comes again. */
  deliver(item: AlertItem): boolean
  readonly onFault: (fault: unknown) => void
}
export interface AlertFollowing {
  /** @returns the end of this reader */
  follow(reader: AlertReader): () => void
  /** Something was done: nobody has to wait for the next look. */
  look(): void
}

/** What was read and made of the table in one look. */
interface Look { readonly newest: number; after(id: number): readonly Numbered[]; event(transition: Numbered): AlertEventView | undefined }

/** Cursors over the transitions of alerts: one look for all readers, who share what was read and what is shown of it. */
export function createAlertFollowing({ transitions, every, view }: FollowingOptions): AlertFollowing {
  const readers = new Map<AlertReader, { last: number }>() // bound: http.max_streams
  let stop: (() => void) | undefined

  function begin(newest: number): Look {
    const pages = new Map<number, readonly Numbered[]>()
    const events = new Map<number, AlertEventView | undefined>()
    return {
      newest,
      after: (id) => pages.get(id) ?? keep(pages, id, transitions.after(id, PAGE)),
      event: (transition) => (events.has(transition.id) ? events.get(transition.id) : keep(events, transition.id, view(transition))),
    }
  }

  function serve(reader: AlertReader, at: { last: number }, { newest, after, event }: Look): void {
    if (newest <= at.last) return
    if (newest - at.last > MAX_BEHIND) {
      if (reader.deliver({ kind: 'skipped', fromId: at.last + 1, toId: newest, count: newest - at.last })) at.last = newest
      return
    }
    while (at.last < newest) {
      const some = after(at.last)
      if (some.length === 0) return
      for (const transition of some) {
        const shown = event(transition)
        if (shown !== undefined && !reader.deliver({ kind: 'transition', event: shown })) return
        at.last = transition.id
      }
    }
  }

  function end(reader: AlertReader): void {
    readers.delete(reader)
    if (readers.size > 0) return
    stop?.()
    stop = undefined
  }

  /** The table cannot be read: all of them come again. */
  function failed(fault: unknown): void {
    for (const reader of readers.keys()) {
      end(reader)
      reader.onFault(fault)
    }
  }

  function look(): void {
    try {
      if (readers.size === 0) return
      const seen = begin(transitions.newest())
      for (const [reader, at] of readers) serve(reader, at, seen)
    } catch (fault) {
      failed(fault)
    }
  }

  return {
    look,
    follow({ afterId, deliver, onFault }) {
      const reader = { deliver, onFault }
      const newest = transitions.newest()
      const at = { last: Math.min(afterId ?? Infinity, newest) }
      readers.set(reader, at)
      stop ??= every(LOOK_EVERY_MS, look)
      try {
        serve(reader, at, begin(newest))
      } catch (fault) {
        end(reader)
        onFault(fault)
      }
      return () => end(reader)
    },
  }
}

function keep<K, V>(into: Map<K, V>, key: K, value: V): V {
  into.set(key, value)
  return value
}
