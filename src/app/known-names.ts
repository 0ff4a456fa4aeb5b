import type { Records } from './records.ts'

/**
 * Which nodes and sessions there are, as a word that changes with them: who looked up names under the same word need not do it
 * again. The log writer stores a node before the messages about it are committed, so a word taken after a batch came knows
 * every name in it.
 */
export interface KnownNames {
  /** A batch came: the word is read anew when it is next asked for, once for all who ask. */
  stale(): void
  word(): string
}

export function createKnownNames({ nodes, sessions }: Pick<Records, 'nodes' | 'sessions'>): KnownNames {
  let known: string | undefined
  return {
    stale: () => void (known = undefined),
    word: () => (known ??= `${nodes.nextId()} ${sessions.nextId()}`),
  }
}
