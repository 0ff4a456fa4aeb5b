import { randomUUID } from 'node:crypto'
import type { Caller } from './parts.ts'

/** Searches that tell their progress and can be stopped without losing what they found. As many as connections at most. */
export interface RunningSearches {
  /** `signal` is aborted by `stop`; `end` when it is answered. */
  begin(caller: Caller): { readonly id: string; readonly signal: AbortSignal; end(): void }
  /** @returns false when there is none of this id that this caller began */
  stop(id: string, caller: Caller): boolean
}

export function createRunningSearches(): RunningSearches {
  const running = new Map<string, { readonly controller: AbortController; readonly owner: string }>()
  return {
    begin(caller) {
      const id = randomUUID()
      const controller = new AbortController()
      running.set(id, { controller, owner: ownerOf(caller) })
      return { id, signal: controller.signal, end: () => void running.delete(id) }
    },
    stop(id, caller) {
      const found = running.get(id)
      if (found === undefined || found.owner !== ownerOf(caller)) return false
      found.controller.abort()
      return true
    },
  }
}

const ownerOf = ({ role, name, tokenId }: Caller): string => `${role} ${tokenId ?? name}`
